#include "thimble/base/error.hpp"
#include "thimble/base/lines.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/conversation.hpp"
#include "thimble/host/enclosure.hpp"
#include "thimble/host/enclosure_mounts.hpp"
#include "thimble/host/enclosure_process.hpp"
#include "thimble/host/enclosure_rights.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/host/process_limit.hpp"

#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::host {
namespace {

// Where process 1 has what it keeps of our descriptors; all others are closed.
constexpr int kControl = 3;
constexpr int kReport = 4;
constexpr int kLock = 5;
constexpr int kFirstSpare = 6;
constexpr int kAside = 64;

void bring_up_loopback() {
    const Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq request{};
    request.ifr_name[0] = 'l';
    request.ifr_name[1] = 'o';
    if (::ioctl(socket.number(), SIOCGIFFLAGS, &request) == 0) {
        request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
        ::ioctl(socket.number(), SIOCSIFFLAGS, &request);
    }
}

/// Descriptors may lie on each other's targets, so they are put aside first.
void keep_only(int control, int report, int lock) {
    const std::array<std::pair<int, int>, 3> kept{
        {{::fcntl(control, F_DUPFD, kAside), kControl},
         {::fcntl(report, F_DUPFD, kAside), kReport},
         {::fcntl(lock, F_DUPFD, kAside), kLock}}};
    const int null = ::open("/dev/null", O_RDWR);
    for (const int standard : {0, 1, 2}) {
        ::dup2(null, standard);
    }
    for (const auto& [from, to] : kept) {
        ::dup2(from, to);
    }
    ::closefrom(kFirstSpare);
}

void write_all(int file, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(file, text.data(), text.size());
        if (written <= 0) {
            return;
        }
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

/// "-", kind, code and message, or "+" and the paths that were made; by line.
std::string report_text(const Result<std::vector<std::string>>& built) {
    std::string text = "+\n";
    if (!built) {
        text = "-\n" + std::to_string(static_cast<int>(built.error().kind)) + "\n"
            + built.error().code + "\n" + built.error().text() + "\n";
        return text;
    }
    for (const std::string& path : *built) {
        text += path + "\n";
    }
    return text;
}

/// Reaps until the control pipe closes.
void be_process_one() {
    sigset_t children;
    ::sigemptyset(&children);
    ::sigaddset(&children, SIGCHLD);
    ::sigprocmask(SIG_BLOCK, &children, nullptr);
    const int ended = ::signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
    for (;;) {
        while (::waitpid(-1, nullptr, WNOHANG) > 0) {}
        std::array<pollfd, 2> watched{
            {{.fd = kControl, .events = POLLIN, .revents = 0},
             {.fd = ended, .events = POLLIN, .revents = 0}}};
        ::poll(watched.data(), watched.size(), -1);
        if (watched[0].revents != 0) {
            return;
        }
        signalfd_siginfo drained{};
        while (::read(ended, &drained, sizeof drained) > 0) {}
    }
}

/// What process 1 does, from its first breath.
[[noreturn]] void live(const EnclosureBuild& build, int control, int report, int lock) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::prctl(PR_SET_DUMPABLE, 0);
    for (int signal = 1; signal < SIGRTMIN; ++signal) {
        ::signal(signal, SIG_DFL);
    }
    keep_only(control, report, lock);
    ::umask(0);
    auto built = build_enclosure(build);
    if (built && build.options.own_network) {
        bring_up_loopback();
    }
    if (built && !give_up_rights()) {
        built = failure(
            ErrorKind::Denied, "host.needs_root", "rights could not be given up: CAP_SETPCAP");
    }
    write_all(kReport, report_text(built));
    if (!built) {
        ::_exit(1);
    }
    ::close(kReport);
    be_process_one();
    ::_exit(0);
}

/// Between us and process 1: takes the new namespaces and makes process 1 our child, not its own.
/// @return what is told: its process id, or an errno value below zero
std::int32_t give_birth(const EnclosureBuild& build, int control, int report, int lock) {
    if (!come_under(build.group)) {
        return -errno;
    }
    const int network = build.options.own_network ? CLONE_NEWNET : 0;
    if (::unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | network) != 0) {
        return -errno;
    }
    const auto pid = static_cast<pid_t>(
        ::syscall(SYS_clone, CLONE_PARENT | SIGCHLD, nullptr, nullptr, nullptr, 0));
    if (pid == 0) {
        live(build, control, report, lock);
    }
    return pid < 0 ? -errno : pid;
}

Error birth_error(int error_number) {
    if (error_number == EPERM || error_number == EACCES) {
        return failure(
            ErrorKind::Denied,
            "host.needs_root",
            "namespaces may not be made: this needs root with CAP_SYS_ADMIN");
    }
    if (error_number == EINVAL || error_number == ENOSPC || error_number == ENOSYS) {
        return failure(
            ErrorKind::Unsupported,
            "host.no_namespaces",
            "the kernel does not give mount, PID, IPC, UTS and network namespaces");
    }
    return because("the enclosure was not started", system_error(error_number, "clone"));
}

std::string read_to_end(int file) {
    std::string text;
    std::array<char, 4096> chunk{};
    ssize_t got = 0;
    while ((got = ::read(file, chunk.data(), chunk.size())) > 0 || (got < 0 && errno == EINTR)) {
        text.append(chunk.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    }
    return text;
}

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> all;
    Lines lines(text);
    for (std::string_view line; lines.next(line);) {
        all.emplace_back(line);
    }
    return all;
}

Result<std::vector<std::string>> read_report(int file) {
    std::vector<std::string> lines = lines_of(read_to_end(file));
    if (!lines.empty() && lines[0] == "+") {
        lines.erase(lines.begin());
        return lines;
    }
    if (lines.size() >= 4 && lines[0] == "-" && lines[1].size() == 1) {
        return Error{static_cast<ErrorKind>(lines[1][0] - '0'), lines[2], lines[3], nullptr};
    }
    return failure(
        ErrorKind::Unavailable, "host.enclosure_died", "the enclosure died while it was built");
}

}  // namespace

Result<EnclosureKeeper> EnclosureKeeper::start(const EnclosureBuild& build, int lock) {
    THIMBLE_TRY(Pipe control, make_pipe());
    THIMBLE_TRY(Pipe report, make_pipe());
    THIMBLE_TRY(Pipe birth, make_pipe());
    const pid_t midwife = ::fork();
    if (midwife < 0) {
        return system_error(errno, "fork");
    }
    if (midwife == 0) {
        const std::int32_t told =
            give_birth(build, control.read_end.number(), report.write_end.number(), lock);
        [[maybe_unused]] const ssize_t written =
            ::write(birth.write_end.number(), &told, sizeof told);
        ::_exit(0);
    }
    control.read_end.close();
    report.write_end.close();
    birth.write_end.close();
    std::int32_t told = -EIO;
    while (::read(birth.read_end.number(), &told, sizeof told) < 0 && errno == EINTR) {}
    wait_for(midwife);
    if (told <= 0) {
        return birth_error(-told);
    }
    EnclosureKeeper keeper(told, std::move(control.write_end));
    THIMBLE_TRY(keeper.made_, read_report(report.read_end.number()));
    return keeper;
}

EnclosureKeeper::~EnclosureKeeper() {
    if (pid_ > 0) {
        kill();
        wait_for(pid_);
    }
}

void EnclosureKeeper::kill() const {
    ::kill(pid_, SIGKILL);
}

}  // namespace thimble::host
