#include "thimble/apply/run_lock.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

namespace thimble::apply {
namespace {

bool is_open_here(const std::string& path) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        if (std::filesystem::read_symlink(entry.path(), error) == path) {
            return true;
        }
    }
    return false;
}

TEST(RunLock, IsHeldByOneAndNamesTheHolder) {
    std::string folder = testing::TempDir() + "thimble-lock-XXXXXX";
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    {
        const auto first = RunLock::take(folder);
        ASSERT_TRUE(first.has_value());

        const auto second = RunLock::take(folder);

        ASSERT_FALSE(second.has_value());
        EXPECT_EQ(second.error().code, "apply.run_active");
        EXPECT_NE(second.error().message.find(std::to_string(::getpid())), std::string::npos)
            << second.error().message;
    }
    EXPECT_TRUE(RunLock::take(folder).has_value());
    std::filesystem::remove_all(folder);
}

TEST(RunLock, OutlastsAChildThatAProcessWhichIsGoneLeftBehind) {
    std::string folder = testing::TempDir() + "thimble-lock-XXXXXX";
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    // The child takes the lock and is gone; the grandchild holds it until its pipe is closed.
    std::array<int, 2> held{};
    std::array<int, 2> release{};
    ASSERT_EQ(::pipe(held.data()), 0);
    ASSERT_EQ(::pipe(release.data()), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const auto lock = RunLock::take(folder);
        if (::fork() == 0) {
            char byte = 0;
            ::close(release[1]);
            ::_exit(::write(held[1], "x", 1) == 1 && ::read(release[0], &byte, 1) == 0 ? 0 : 1);
        }
        ::_exit(lock.has_value() ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_EQ(status, 0);
    char byte = 0;
    ASSERT_EQ(::read(held[0], &byte, 1), 1);
    const std::jthread releaser([&] {
        while (!is_open_here(folder)) {
            std::this_thread::yield();
        }
        ::close(release[1]);
    });

    EXPECT_TRUE(RunLock::take(folder).has_value());

    for (const int descriptor : {held[0], held[1], release[0]}) {
        ::close(descriptor);
    }
    std::filesystem::remove_all(folder);
}

TEST(ProcLocks, ReadsHoldersAndSkipsThoseThatWait) {
    const auto locks = parse_proc_locks(
        "1: POSIX  ADVISORY  WRITE 4711 fe:00:1234 0 EOF\n"
        "1: -> POSIX  ADVISORY  WRITE 4712 fe:00:1234 0 EOF\n"
        "2: FLOCK  ADVISORY  WRITE 9 00:1a:7 0 EOF\n"
        "garbage\n3: FLOCK ADVISORY WRITE x 00:1a:7 0 EOF");

    ASSERT_EQ(locks.size(), 2U);
    EXPECT_EQ(locks[0], (HeldLock{4711, 0xfe, 0, 1234}));
    EXPECT_EQ(locks[1], (HeldLock{9, 0, 0x1a, 7}));
}

}  // namespace
}  // namespace thimble::apply
