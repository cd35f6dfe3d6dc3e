// A transaction that is killed at any instant, by the loss of our process alone or of everything, is
// finished by the next one. THIMBLE_KILLS sets how often it is tried.

#include "thimble/apply/apt_fixture_test.hpp"
#include "thimble/apply/apt_packages.hpp"
#include "thimble/host/process_tree.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace thimble::apply {
namespace {

constexpr int kKills = 8;
constexpr int kPackages = 5;

int kills_wanted() {
    const char* text = std::getenv("THIMBLE_KILLS");
    return text == nullptr ? kKills : std::atoi(text);
}

class AptKill : public AptFixture {
protected:
    void build_both_versions() {
        for (const char* version : {"1", "2"}) {
            for (int at = 0; at < kPackages; ++at) {
                TestPackage package = package_of(at, version);
                const std::string archive = room_->build(package);
                if (package.version == "1") {
                    room_->install(archive);
                }
            }
        }
        room_->inside({"apt-mark", "auto", "t-p0"});
        room_->publish();
    }

    static TestPackage package_of(int at, const std::string& version) {
        const std::string name = "t-p" + std::to_string(at);
        TestPackage package{.name = name, .version = version};
        for (int file = 0; file < 40; ++file) {
            package.files.emplace_back(
                "/usr/share/" + name + "/f" + std::to_string(file), name + version);
        }
        package.files.emplace_back("/etc/" + name + ".conf", version + "\n");
        package.conffiles = "/etc/" + name + ".conf\n";
        if (at > 0) {
            package.fields = "Depends: t-p" + std::to_string(at - 1) + " (= " + version + ")\n";
        }
        for (const char* script : {"preinst", "prerm", "postinst", "postrm"}) {
            package.scripts.emplace_back(script, "sleep 0.01; echo " + name + " $*");
        }
        return package;
    }

    std::vector<model::PlannedStep> steps_to(const std::string& version) {
        std::vector<std::string> names;
        for (int at = 0; at < kPackages; ++at) {
            names.push_back("t-p" + std::to_string(at));
        }
        const auto resolution = resolve(names, version);
        EXPECT_TRUE(resolution);
        return resolution->steps;
    }

    /// Begins the transaction in a process of its own, and kills it.
    void begin_and_kill(
        const Transaction& wanted, std::chrono::microseconds after, bool everything) {
        const pid_t child = ::fork();
        if (child == 0) {
            static_cast<void>(packages_->run(wanted));
            ::_exit(0);
        }
        std::this_thread::sleep_for(after);
        if (everything) {
            host::kill_process_tree(child);
        } else {
            ::kill(child, SIGKILL);
        }
        ::waitpid(child, nullptr, 0);
    }

    void expect_all_at(const std::string& version) {
        for (int at = 0; at < kPackages; ++at) {
            const std::string name = "t-p" + std::to_string(at);
            EXPECT_EQ(version_of(name), version) << name;
            EXPECT_EQ(room_->read("/etc/" + name + ".conf"), version + "\n");
            EXPECT_EQ(room_->read("/usr/share/" + name + "/f7"), name + version);
        }
        EXPECT_TRUE(packages_->health()->is_clean());
        EXPECT_EQ(room_->inside({"apt-mark", "showauto"}).output, "t-p0\n");
    }
};

TEST_F(AptKill, IsSurvivedAtAnyInstant) {
    build_both_versions();
    // Both ways are resolved from the state that they start in.
    Transaction forward = transaction(steps_to("2"));
    const auto began = std::chrono::steady_clock::now();
    ASSERT_EQ(packages_->run(forward)->ending, TransactionEnding::Done);
    const auto whole = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - began);
    Transaction back = transaction(steps_to("1"));
    std::random_device entropy;
    const unsigned int seed = entropy();
    std::mt19937 random(seed);

    for (int kill = 0; kill < kills_wanted(); ++kill) {
        SCOPED_TRACE("seed " + std::to_string(seed) + ", kill " + std::to_string(kill));
        Transaction& way = kill % 2 == 0 ? back : forward;
        way.policy.lock_timeout = std::chrono::seconds(30);
        const std::chrono::microseconds after(
            std::uniform_int_distribution<std::int64_t>(0, whole.count())(random));
        begin_and_kill(way, after, kill % 3 != 0);
        const std::string found = room_->read("/var/lib/dpkg/status");
        const auto repaired = packages_->repair(way);
        ASSERT_TRUE(repaired) << repaired.error().text();
        const auto report = packages_->run(way);

        ASSERT_TRUE(report) << report.error().text();
        ASSERT_EQ(report->ending, TransactionEnding::Done) << found << repaired->detail << "\n"
                                                           << repaired->output << "\n--\n"
                                                           << report->detail << "\n"
                                                           << report->output;
        expect_all_at(kill % 2 == 0 ? "1" : "2");
    }
}

}  // namespace
}  // namespace thimble::apply
