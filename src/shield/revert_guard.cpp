#include "thimble/shield/revert_guard.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

namespace thimble::shield {
namespace {

constexpr int kStays = 0;
constexpr int kUndone = 1;

int wait_for(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) {
            return kUndone;
        }
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : kUndone;
}

/// Nothing that was the parent's may hold it up, or be held open by us.
void leave_the_parent(int line) {
    ::setsid();
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGPIPE}) {
        static_cast<void>(std::signal(signal, SIG_IGN));
    }
    const int nowhere = ::open("/dev/null", O_RDWR);
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        ::dup2(nowhere, stream);
    }
    constexpr int kFirstOther = 3;
    ::close_range(kFirstOther, static_cast<unsigned>(line) - 1, 0);
    ::close_range(static_cast<unsigned>(line) + 1, ~0U, 0);
}

bool is_confirmed(int line, std::chrono::seconds patience) {
    const std::chrono::milliseconds wait = patience;
    pollfd waiting{line, POLLIN, 0};
    int ready = 0;
    do {
        ready = ::poll(&waiting, 1, static_cast<int>(wait.count()));
    } while (ready < 0 && errno == EINTR);
    char word = 0;
    return ready == 1 && ::recv(line, &word, 1, 0) == 1;
}

[[noreturn]] void guard(
    int line, std::chrono::seconds patience, const std::function<void()>& undo) {
    leave_the_parent(line);
    if (is_confirmed(line, patience)) {
        ::_exit(kStays);
    }
    undo();
    ::_exit(kUndone);
}

}  // namespace

Result<RevertGuard> RevertGuard::start(
    std::chrono::seconds patience, const std::function<void()>& undo) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        return host::system_error(errno, "a guard");
    }
    host::Descriptor ours(ends[0]);
    const host::Descriptor theirs(ends[1]);
    const pid_t child = ::fork();
    if (child < 0) {
        return host::system_error(errno, "a guard");
    }
    if (child == 0) {
        ours.close();
        guard(theirs.number(), patience, undo);
    }
    return RevertGuard(child, std::move(ours));
}

RevertGuard::~RevertGuard() {
    if (line_.number() >= 0) {
        line_.close();
        wait_for(child_);
    }
}

Result<void> RevertGuard::confirm() {
    const bool is_said = ::send(line_.number(), "y", 1, MSG_NOSIGNAL) == 1;
    line_.close();
    if (wait_for(child_) != kStays || !is_said) {
        return failure(
            ErrorKind::Conflict,
            "shield.too_late",
            "the change was undone, since it was not confirmed in time");
    }
    return {};
}

}  // namespace thimble::shield
