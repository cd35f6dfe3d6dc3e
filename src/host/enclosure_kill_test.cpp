// What is left when the process that has an enclosure is killed: nothing that runs, nothing mounted, and
// on the disk only what the next one removes.
#include "thimble/host/enclosure.hpp"
#include "thimble/host/host.hpp"
#include "thimble/host/scratch_folder_test.hpp"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace thimble::host {
namespace {

namespace fs = std::filesystem;

/// Lives in an enclosure until it is killed.
[[noreturn]] void live_in(const EnclosureOptions& options, const std::string& mark) {
    for (;;) {
        auto clone = Enclosure::open(options);
        if (!clone) {
            ::_exit(1);
        }
        const auto program = (*clone)->start(Command{.argv = {"sleep", mark}});
        const auto outcome = (*clone)->run(Command{
            .argv = {
                "sh", "-c", "(setsid sleep " + mark + " &); cp -r /etc /var/tmp/etc; sleep 0.02"}});
    }
}

/// As far as it can be read: a process may end meanwhile, and then the read fails.
std::string contents_of(const fs::path& path) {
    const std::ifstream file(path, std::ios::binary);
    std::ostringstream all;
    all << file.rdbuf();  // an iterator would throw what goes wrong
    return all.str();
}

/// Processes that have `mark` among their arguments or their mounts.
int count_traces(const std::string& mark) {
    int found = 0;
    for (const auto& process : fs::directory_iterator("/proc")) {
        const std::string name = process.path().filename();
        if (name.find_first_not_of("0123456789") != std::string::npos) {
            continue;
        }
        const bool named = contents_of(process.path() / "cmdline").find(mark) != std::string::npos;
        const bool mounted =
            contents_of(process.path() / "mountinfo").find(mark) != std::string::npos;
        found += named || mounted ? 1 : 0;
    }
    return found;
}

/// Makes this process the one that whatever loses its parent falls to, and so learns of its end.
class Orphanage {
public:
    Orphanage() {
        ::prctl(PR_SET_CHILD_SUBREAPER, 1);
        ::sigemptyset(&ends_);
        ::sigaddset(&ends_, SIGCHLD);
        ::sigprocmask(SIG_BLOCK, &ends_, &before_);
    }
    Orphanage(const Orphanage&) = delete;
    Orphanage& operator=(const Orphanage&) = delete;
    Orphanage(Orphanage&&) = delete;
    Orphanage& operator=(Orphanage&&) = delete;
    ~Orphanage() {
        ::sigprocmask(SIG_SETMASK, &before_, nullptr);
        ::prctl(PR_SET_CHILD_SUBREAPER, 0);
    }

    /// Whether all have ended; when none does for ten seconds, they have not.
    [[nodiscard]] bool is_left() const {
        constexpr timespec kMost{.tv_sec = 10, .tv_nsec = 0};
        for (;;) {
            pid_t ended = 0;
            do {
                ended = ::waitpid(-1, nullptr, WNOHANG);
            } while (ended > 0);
            if (ended < 0) {
                return errno == ECHILD;
            }
            if (::sigtimedwait(&ends_, nullptr, &kMost) < 0 && errno == EAGAIN) {
                return false;
            }
        }
    }

private:
    sigset_t ends_{};
    sigset_t before_{};
};

TEST(EnclosureKill, LeavesNothingBehindWhenWeAreKilledAtAnyInstant) {
    if (const std::string reason = why_no_enclosure(); !reason.empty()) {
        GTEST_SKIP() << reason;
    }
    const ScratchFolder scratch;
    const EnclosureOptions options{
        .root = "/", .work = scratch.path + "/work", .masked = {}, .binds = {}};
    const Orphanage orphanage;
    std::uint32_t random = 20261124;  // xorshift: the instants are the same in every run
    for (int round = 0; round < 40; ++round) {
        random ^= random << 13U;
        random ^= random >> 17U;
        random ^= random << 5U;
        // Not that of another run of this test on the same machine.
        const std::string mark =
            "86400." + std::to_string(::getpid()) + std::to_string(1'000 + round);
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);  // a signal to -1 goes to everybody
        if (child == 0) {
            live_in(options, mark);
        }
        ::usleep(random % 120'000);
        ::kill(child, SIGKILL);

        EXPECT_TRUE(orphanage.is_left()) << "round " << round;
        EXPECT_EQ(count_traces(mark), 0) << "round " << round;
        EXPECT_EQ(count_traces(scratch.path), 0) << "round " << round;
    }

    ASSERT_TRUE(Enclosure::open(options).has_value());
    for (const auto& entry : fs::directory_iterator(options.work)) {
        EXPECT_EQ(entry.path().filename(), ".lock");
    }
}

TEST(EnclosureKill, DoesNotRemoveWhatAnotherStillUses) {
    if (const std::string reason = why_no_enclosure(); !reason.empty()) {
        GTEST_SKIP() << reason;
    }
    const ScratchFolder scratch;
    const EnclosureOptions options{
        .root = "/", .work = scratch.path + "/work", .masked = {}, .binds = {}};
    const auto first = Enclosure::open(options);
    ASSERT_TRUE(first.has_value()) << first.error().text();

    ASSERT_TRUE(Enclosure::open(options).has_value());

    const auto outcome =
        (*first)->run(Command{.argv = {"sh", "-c", "echo on > /etc/on; cat /etc/on"}});
    EXPECT_EQ(outcome->output, "on\n");
}

}  // namespace
}  // namespace thimble::host
