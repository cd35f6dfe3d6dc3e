/// @file A real rpm transaction, killed at random instants.

#include "thimble/apply/rpm_fixture_test.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <random>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace thimble::apply {
namespace {

namespace fs = std::filesystem;

constexpr int kPackages = 6;

class RpmKill : public RpmRoomTest {
protected:
    void SetUp() override {
        open_dnf(RoomKind::InstallRoot);
        if (IsSkipped()) {
            return;
        }
        for (const char* version : {"1", "2"}) {
            for (int number = 1; number <= kPackages; ++number) {
                const std::string archive = room_->build(package(number, version));
                if (*version == '1') {
                    room_->install(archive);
                }
            }
        }
        room_->build(package(kPackages + 1, "2"));
        room_->publish();
        fs::copy(
            room_->root(),
            room_->folder("pristine"),
            fs::copy_options::recursive | fs::copy_options::copy_symlinks);
    }

    static std::string name(int number) { return "t-" + std::to_string(number); }

    /// Each upgrade depends on the next package's; the last is new.
    static TestRpm package(int number, const std::string& version) {
        TestRpm rpm{.name = name(number), .version = version};
        if (version == "2" && number <= kPackages) {
            rpm.fields = "Requires: " + name(number + 1) + " = 2\n";
        }
        for (int file = 0; file < 20; ++file) {
            rpm.files.push_back(
                {"/usr/share/" + rpm.name + "/" + std::to_string(file),
                 std::string(2000, *version.data()) + rpm.name + "\n"});
        }
        rpm.configs.push_back({"/etc/" + rpm.name + ".conf", version + "\n"});
        rpm.scripts = "%post\necho " + version + " >/var/tmp/" + rpm.name + ".post\nsleep 0.02\n";
        return rpm;
    }

    void restore() {
        // The directory itself stays: the host is open on it.
        for (const auto& entry : fs::directory_iterator(room_->root())) {
            fs::remove_all(entry.path());
        }
        fs::copy(
            room_->folder("pristine"),
            room_->root(),
            fs::copy_options::recursive | fs::copy_options::copy_symlinks);
    }

    /// What is wrong with a host that ought to be all old or all new; empty: nothing.
    std::string wrong_with(bool is_new) {
        std::string wrong;
        for (int number = 1; number <= kPackages + 1; ++number) {
            const bool comes = number > kPackages;
            const std::string expected = is_new ? "2-1" : comes ? "" : "1-1";
            if (versions_of(name(number)) != expected) {
                wrong += name(number) + " is " + versions_of(name(number)) + "; ";
            }
        }
        const auto health = packages_->health();
        if (!health || !health->is_clean()) {
            wrong += "unclean; ";
        }
        const auto verified = room_->rpm({"-Va", "--nodeps", "--nomtime"});
        if (verified.exit_status != 0) {
            wrong += verified.output;
        }
        for (const auto& entry : fs::recursive_directory_iterator(room_->root() + "/usr/share")) {
            if (entry.path().filename().string().find(';') != std::string::npos) {
                wrong += "left: " + entry.path().string() + "; ";
            }
        }
        return wrong;
    }

    /// Kills the processes that work on this room, and no other.
    void kill_dnf() {
        for (const auto& entry : fs::directory_iterator("/proc")) {
            const std::string pid = entry.path().filename();
            if (pid.find_first_not_of("0123456789") != std::string::npos) {
                continue;
            }
            const std::ifstream file(entry.path() / "cmdline");
            std::ostringstream all;
            all << file.rdbuf();  // an iterator would throw when the process has just ended
            const std::string words = all.str();
            if (words.find(room_->root()) != std::string::npos
                && words.find("transact") != std::string::npos) {
                ::kill(std::stoi(pid), SIGKILL);
            }
        }
    }

    /// Every script of a new version must have run to its end, if the host is new.
    std::string scripts_that_did_not_run() {
        std::string missing;
        for (int number = 1; number <= kPackages + 1; ++number) {
            if (room_->read("/var/tmp/" + name(number) + ".post") != "2\n") {
                missing += name(number) + " ";
            }
        }
        return missing;
    }
};

int kills() {
    const char* wanted = std::getenv("THIMBLE_KILLS");
    return wanted == nullptr ? 6 : std::max(1, std::atoi(wanted));
}

TEST_F(RpmKill, AtAnyInstantEndsAllOldOrAllNew) {
    std::vector<std::string> names;
    for (int number = 1; number <= kPackages; ++number) {
        names.push_back(name(number));
    }
    const auto resolution = resolve(names, "2-1");
    ASSERT_TRUE(resolution) << resolution.error().text();
    ASSERT_EQ(resolution->steps.size(), kPackages + 1U) << format_resolution(*resolution);
    Transaction whole = transaction(resolution->steps);
    fs::copy(
        room_->archives(),
        room_->folder("pristine") + RpmRoom::archives_seen(),
        fs::copy_options::recursive | fs::copy_options::overwrite_existing);
    // Time counts from dnf's first word about the transaction: before it nothing is at stake.
    std::optional<std::chrono::steady_clock::time_point> began;
    whole.progress = [&](std::uint32_t, std::string_view) {
        began = began.value_or(std::chrono::steady_clock::now());
    };
    ASSERT_EQ(packages_->run(whole)->ending, TransactionEnding::Done);
    ASSERT_TRUE(began);
    const auto lasts = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - *began);
    ASSERT_EQ(wrong_with(true), "");
    const unsigned seed = std::random_device()();
    std::mt19937 chance(seed);
    std::uniform_int_distribution<long> instant(0, lasts.count());
    int old = 0;
    int interrupted = 0;

    for (int kill = 0; kill < kills(); ++kill) {
        restore();
        const auto limit = std::chrono::milliseconds(instant(chance));
        std::jthread killer;
        whole.progress = [&](std::uint32_t, std::string_view) {
            if (!killer.joinable()) {
                killer = std::jthread([this, limit] {
                    std::this_thread::sleep_for(limit);
                    kill_dnf();
                });
            }
        };
        const auto report = packages_->run(whole);
        killer.join();
        whole.progress = {};
        ASSERT_TRUE(report) << report.error().text();
        const std::string label = "seed " + std::to_string(seed) + ", kill " + std::to_string(kill)
            + " after " + std::to_string(limit.count()) + " ms of " + std::to_string(lasts.count())
            + ": " + report->detail;
        const bool begun = RpmHost(room_->host()).has_begun(whole);
        const auto repaired = packages_->repair(whole);
        ASSERT_TRUE(repaired) << label << repaired.error().text();
        EXPECT_EQ(repaired->ending, TransactionEnding::Done) << label << repaired->output;
        const bool is_new = begun || report->ending == TransactionEnding::Done;
        old += is_new ? 0 : 1;
        interrupted += begun && report->ending != TransactionEnding::Done ? 1 : 0;
        EXPECT_EQ(wrong_with(is_new), "") << label;
        if (is_new) {
            EXPECT_EQ(scripts_that_did_not_run(), "") << label;
        }
    }
    RecordProperty("kills", kills());
    RecordProperty("stayed_old", old);
    RecordProperty("interrupted", interrupted);
    std::cout << kills() << " kills: " << old << " stayed old, " << interrupted
              << " were finished by the repair\n";
}

}  // namespace
}  // namespace thimble::apply
