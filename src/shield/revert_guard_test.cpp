#include "thimble/shield/revert_guard.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace thimble::shield {
namespace {

constexpr std::chrono::seconds kLong{60};

/// A file that stands for a change; undone, it is gone.
struct Change {
    Change() {
        path = std::filesystem::temp_directory_path() / "thimble-guard-XXXXXX";
        const int file = ::mkstemp(path.data());
        EXPECT_GE(file, 0);
        ::close(file);
    }
    Change(const Change&) = delete;
    Change& operator=(const Change&) = delete;
    Change(Change&&) = delete;
    Change& operator=(Change&&) = delete;
    ~Change() { ::unlink(path.c_str()); }
    [[nodiscard]] bool stands() const { return std::filesystem::exists(path); }
    std::string path;
};

TEST(RevertGuard, LeavesWhatIsConfirmed) {
    const Change change;
    {
        auto guard = RevertGuard::start(kLong, [&] { ::unlink(change.path.c_str()); });
        ASSERT_TRUE(guard.has_value());
        EXPECT_TRUE(guard->confirm().has_value());
    }
    EXPECT_TRUE(change.stands());
}

TEST(RevertGuard, UndoesWhatIsGivenUp) {
    const Change change;
    {
        auto guard = RevertGuard::start(kLong, [&] { ::unlink(change.path.c_str()); });
        ASSERT_TRUE(guard.has_value());
    }
    EXPECT_FALSE(change.stands()) << "done when the guard is gone";
}

TEST(RevertGuard, UndoesInTimeAndSaysThatItIsTooLate) {
    const Change change;
    auto guard =
        RevertGuard::start(std::chrono::seconds(0), [&] { ::unlink(change.path.c_str()); });
    ASSERT_TRUE(guard.has_value());
    while (change.stands()) {
        ::usleep(1000);  // until it is so; the runner ends what never is
    }

    const auto confirmed = guard->confirm();

    ASSERT_FALSE(confirmed.has_value());
    EXPECT_EQ(confirmed.error().code, "shield.too_late");
}

TEST(RevertGuard, UndoesWhenWhoStartedItIsKilled) {
    const Change change;
    const pid_t child = ::fork();
    if (child == 0) {
        auto guard = RevertGuard::start(kLong, [&] { ::unlink(change.path.c_str()); });
        ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));
    while (change.stands()) {
        ::usleep(1000);  // until it is so
    }
    EXPECT_FALSE(change.stands());
}

}  // namespace
}  // namespace thimble::shield
