#include "thimble/apply/run_lock.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace thimble::apply {
namespace {

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
