#include "thimble/agent/helper_streams.hpp"

#include "thimble/agent/state_file.hpp"
#include "thimble/base/hex.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <initializer_list>
#include <system_error>
#include <utility>
#include <vector>

namespace thimble::agent {
namespace {

namespace fs = std::filesystem;

constexpr int kBetweenLooks = 500;  // milliseconds
constexpr int kFailed = 70;
constexpr mode_t kPrivateFile = 0600;

/// Whether whoever started us is still there; waits a little for it to go.
bool is_heard() {
    pollfd end{.fd = STDIN_FILENO, .events = POLLRDHUP, .revents = 0};
    ::poll(&end, 1, kBetweenLooks);
    return end.revents == 0;
}

/// The stream under another number; nothing is read or written under its own from now on. Were that one free, a pipe of
/// a program that is started could get it.
Result<host::Descriptor> moved_away(int number) {
    // NOLINTBEGIN(cppcoreguidelines-pro-type-vararg): fcntl(2) and open(2) are declared so
    host::Descriptor moved(::fcntl(number, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
    const host::Descriptor nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
    // NOLINTEND(cppcoreguidelines-pro-type-vararg)
    if (moved.number() < 0 || nothing.number() < 0 || ::dup2(nothing.number(), number) < 0) {
        return host::system_error(errno, "/dev/null");
    }
    return moved;
}

}  // namespace

Result<host::Descriptor> wait_for_turn(const fs::path& state) {
    const fs::path path = state / "lock";
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): open(2) is declared so
    host::Descriptor lock(
        ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kPrivateFile));
    if (lock.number() < 0) {
        return host::system_error(errno, path.string());
    }
    while (::flock(lock.number(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            return host::system_error(errno, path.string());
        }
        if (!is_heard()) {
            return failure(
                ErrorKind::Unavailable,
                "agent.helper_gone",
                "the connection ended while an earlier job was at work");
        }
    }
    return lock;
}

void take_plain_surroundings() {
    ::clearenv();
    for (const auto& [name, value] : std::initializer_list<std::pair<const char*, const char*>>{
             {"PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
             {"HOME", "/root"},
             {"LC_ALL", "C.UTF-8"}}) {
        ::setenv(name, value, 1);
    }
    constexpr mode_t kOthersMayNotWrite = 022;
    ::umask(kOthersMayNotWrite);
    THIMBLE_CHECK(::chdir("/") == 0);
}

int outlive_connection(const std::function<int()>& serve) {
    const pid_t child = ::fork();
    if (child < 0) {
        return kFailed;
    }
    if (child == 0) {
        ::setsid();
        for (const int number : {SIGHUP, SIGPIPE, SIGINT, SIGTERM}) {
            std::signal(number, SIG_IGN);
        }
        ::_exit(serve());
    }
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    return WIFEXITED(status) ? WEXITSTATUS(status) : kFailed;
}

Result<void> serve_streams(const HelperOptions& options, const Clock& clock, const fs::path& own) {
    THIMBLE_TRY(const host::Descriptor lock, wait_for_turn(options.state));
    drop_old_programs(own);
    THIMBLE_TRY(RootHelper helper, RootHelper::open(options, clock));
    THIMBLE_TRY(host::Descriptor in, moved_away(STDIN_FILENO));
    THIMBLE_TRY(host::Descriptor out, moved_away(STDOUT_FILENO));
    HelperConversation agent{std::move(in), std::move(out)};
    helper.converse(agent);
    return {};
}

void drop_old_programs(const fs::path& own) {
    if (!is_sha256(own.filename().string())) {
        return;
    }
    std::vector<std::pair<fs::file_time_type, fs::path>> others;
    std::error_code failed;
    for (fs::directory_iterator entry(own.parent_path(), failed);
         !failed && entry != fs::directory_iterator();
         entry.increment(failed)) {
        std::error_code ignored;
        const fs::path path = entry->path();
        if (is_sha256(path.filename().string()) && path != own) {
            others.emplace_back(entry->last_write_time(ignored), path);
        }
    }
    std::ranges::sort(others);
    for (std::size_t at = 0; at + 1 < others.size(); ++at) {
        fs::remove_all(others[at].second, failed);
    }
}

}  // namespace thimble::agent
