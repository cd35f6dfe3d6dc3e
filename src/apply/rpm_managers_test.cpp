/// @file What dnf and zypper have to do alike.

#include "thimble/apply/rpm_fixture_test.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <tuple>

namespace thimble::apply {
namespace {

namespace fs = std::filesystem;

class RpmManagers : public RpmRoomTest,
                    public testing::WithParamInterface<std::tuple<std::string, RoomKind>> {
protected:
    void SetUp() override {
        const auto& [manager, kind] = GetParam();
        manager == "dnf" ? open_dnf(kind) : open_zypper(kind);
    }
};

TEST_P(RpmManagers, FindsFilesThatTwoPackagesWant) {
    room_->install(
        room_->build({.name = "t-app", .version = "1", .files = {{"/usr/share/t/a", "app\n"}}}));
    offer(
        {.name = "t-lib", .version = "1"},
        {.name = "t-lib", .version = "2", .files = {{"/usr/share/t/a", "lib\n"}}});

    const auto report = packages_->run(transaction(resolve({"t-lib"}, "2-1")->steps));

    EXPECT_EQ(report->ending, TransactionEnding::Refused) << report->output;
    EXPECT_NE(report->detail.find("/usr/share/t/a"), std::string::npos) << report->detail;
    EXPECT_EQ(versions_of("t-lib"), "1-1");
}

TEST_P(RpmManagers, RefusesAnArchiveThatIsNotWhatTheIndexSays) {
    offer({.name = "t-lib", .version = "1"}, {.name = "t-lib", .version = "2"});
    const auto steps = resolve({"t-lib"}, "2-1")->steps;
    std::ofstream(room_->repository() + "/t-lib-2-1.noarch.rpm", std::ios::app) << "x";

    const auto fetched = packages_->fetch(steps, room_->archives(), {});

    ASSERT_FALSE(fetched);
    // zypper throws such an archive away by itself, and does not say that there was one.
    const bool tells = std::get<0>(GetParam()) == "dnf";
    EXPECT_EQ(fetched.error().code, tells ? "apply.wrong_archive" : "apply.version_gone");
    EXPECT_FALSE(fs::exists(room_->archives() + "/" + steps[0].archive->file_name));
}

TEST_P(RpmManagers, NamesTheHolderOfTheLock) {
    offer({.name = "t-lib", .version = "1"}, {.name = "t-lib", .version = "2"});
    const auto wanted = transaction(resolve({"t-lib"}, "2-1")->steps);
    std::array<int, 2> ready{};
    ASSERT_EQ(::pipe(ready.data()), 0);
    const std::string path = room_->root() + "/var/lib/rpm/.rpm.lock";
    const pid_t child = ::fork();
    if (child == 0) {
        const int file = ::open(path.c_str(), O_RDWR | O_CREAT, 0644);
        struct flock lock{};
        lock.l_type = F_WRLCK;
        ::fcntl(file, F_SETLK, &lock);
        [[maybe_unused]] const auto told = ::write(ready[1], "x", 1);
        ::pause();
        ::_exit(0);
    }
    char byte = 0;
    ASSERT_EQ(::read(ready[0], &byte, 1), 1);

    const auto holder = packages_->lock_holder();
    const auto report = packages_->run(wanted);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);

    ASSERT_TRUE(holder->has_value());
    EXPECT_EQ((*holder)->pid, static_cast<std::uint32_t>(child));
    EXPECT_EQ(report->ending, TransactionEnding::Locked);
    EXPECT_NE(report->detail.find(".rpm.lock is held by"), std::string::npos);
    EXPECT_EQ(versions_of("t-lib"), "1-1");
}

TEST_P(RpmManagers, KillsAScriptThatHangs) {
    offer(
        {.name = "t-lib", .version = "1"},
        {.name = "t-lib", .version = "2", .scripts = "%post\nsleep 1000\n"});
    auto hanging = transaction(resolve({"t-lib"}, "2-1")->steps);
    hanging.policy.silence_timeout = std::chrono::seconds(3);

    const auto report = packages_->run(hanging);

    EXPECT_EQ(report->ending, TransactionEnding::TimedOut) << report->output;
    EXPECT_FALSE(packages_->health()->is_clean());
}

INSTANTIATE_TEST_SUITE_P(
    Rooms,
    RpmManagers,
    testing::Combine(
        testing::Values("dnf", "zypper"),
        testing::Values(RoomKind::InstallRoot, RoomKind::OwnPrograms)),
    [](const auto& room) { return std::get<0>(room.param) + room_name(std::get<1>(room.param)); });

}  // namespace
}  // namespace thimble::apply
