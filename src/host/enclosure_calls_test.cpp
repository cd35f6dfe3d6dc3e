#include "thimble/host/enclosure_calls.hpp"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <functional>

namespace thimble::host {
namespace {

/// Of a process that is without them: what it found, or the signal that ended it.
int without_calls(const std::function<int()>& find) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);  // so that the test needs no root
        ::_exit(take_away_calls() ? find() : 255);
    }
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

TEST(TakeAwayCalls, LeavesNoKeysAndNothingThatLooksIntoTheKernel) {
    for (const long call :
         {SYS_add_key,
          SYS_request_key,
          SYS_keyctl,
          SYS_bpf,
          SYS_perf_event_open,
          SYS_io_uring_setup,
          SYS_userfaultfd}) {
        const auto find = [&] {
            return ::syscall(call, 0, 0, 0, 0, 0) < 0 ? errno : 0;
        };
        EXPECT_EQ(without_calls(find), ENOSYS) << call;
    }
}

TEST(TakeAwayCalls, LeavesSocketsOfTheEnclosureAndNoneToTheHypervisor) {
    const auto error_of = [](int family) {
        return [=] {
            return ::socket(family, SOCK_STREAM, 0) < 0 ? errno : 0;
        };
    };
    EXPECT_EQ(without_calls(error_of(AF_VSOCK)), EAFNOSUPPORT);
    EXPECT_EQ(without_calls(error_of(AF_UNIX)), 0);
    EXPECT_EQ(without_calls(error_of(AF_INET)), 0);
}

#if defined(__x86_64__)
TEST(TakeAwayCalls, HoldsForTheCallsOfPrograms32BitsWide) {
    const auto call = [](int number, int argument) {
        return [=] {
            int result = 0;
            asm volatile("int $0x80"
                         : "=a"(result)
                         : "a"(number), "b"(argument), "c"(SOCK_STREAM), "d"(0)
                         : "memory");
            return result < 0 ? -result : 0;
        };
    };
    constexpr int kKeyctl = 288;
    constexpr int kSocket = 359;
    constexpr int kGetpid = 20;
    if (without_calls(call(kGetpid, 0)) == -SIGSEGV) {
        GTEST_SKIP() << "this kernel runs no programs of 32 bits";
    }
    EXPECT_EQ(without_calls(call(kKeyctl, 0)), ENOSYS);
    EXPECT_EQ(without_calls(call(kSocket, AF_VSOCK)), EAFNOSUPPORT);
    EXPECT_EQ(without_calls(call(kSocket, AF_UNIX)), 0);
}
#endif

}  // namespace
}  // namespace thimble::host
