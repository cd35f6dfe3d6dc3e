#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/conversation.hpp"
#include "thimble/host/enclosure_calls.hpp"
#include "thimble/host/enclosure_process.hpp"
#include "thimble/host/enclosure_rights.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/host/host.hpp"
#include "thimble/host/process_limit.hpp"
#include "thimble/host/process_tree.hpp"
#include "thimble/host/program_start.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
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
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::host {
namespace {

/// What the children tell us while a program is let in.
struct Told {
    enum What : std::uint8_t { Supervisor, Inside, Failed } what = Failed;
    std::int32_t number = 0;
};

void tell(int file, Told::What what, int number) {
    const Told told{.what = what, .number = number};
    [[maybe_unused]] const ssize_t written = ::write(file, &told, sizeof told);
}

/// Not ours: what our caller has in its own is none of the enclosure's business.
std::vector<std::string> environment_of(const Command& command) {
    std::vector<std::string> variables = machine_environment(command);
    const auto is_told = [](const std::string& variable) {
        return variable.starts_with("container=");
    };
    if (std::ranges::none_of(variables, is_told)) {
        variables.emplace_back("container=thimble");
    }
    return variables;
}

/// The program itself.
[[noreturn]] void become_within(const Command& command, const ChildEnds& ends, int report) {
    const int problem = become(command, environment_of(command), ends, report);
    tell(kReportDescriptor, Told::Failed, problem);
    ::_exit(127);
}

/// Waits for the program, as the one that everything it leaves behind falls to, and ends as it did.
[[noreturn]] void supervise(pid_t program, Staying staying) {
    int exit_status = 0;
    for (;;) {
        int status = 0;
        const pid_t ended = ::waitpid(-1, &status, 0);
        if (ended < 0 && errno == ECHILD) {
            ::_exit(exit_status);
        }
        if (ended != program) {
            continue;
        }
        exit_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
        if (staying == Staying::WithTheProgram) {
            ::_exit(exit_status);
        }
    }
}

/// Where memory runs out, what is in an enclosure ends before anything of the machine. Where we have
/// CAP_SYS_RESOURCE, as root mostly has, it cannot be undone in there.
void offer_to_be_killed_first() {
    const Descriptor score(::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC));
    constexpr std::string_view kFirst = "1000";
    static_cast<void>(::write(score.number(), kFirst.data(), kFirst.size()) > 0);
}

using Stack = std::array<std::byte, std::size_t{256} << 10>;

/// Starts a child that works in our memory, on a stack of its own. A copy of the memory for each of the processes that
/// let a program in took most of the time that it takes, with a host's files in it.
/// @param begin  does not return
template <class Begin>
pid_t begin_in_our_memory(Begin& begin, int flags) {
    // It may live longer than we do, so nobody gives it back; it ends with the memory.
    std::byte* const bottom = std::make_unique_for_overwrite<Stack>().release()->data();
    const auto run = [](void* argument) {
        (*static_cast<Begin*>(argument))();
        return 127;
    };
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): the kernel's interface
    return ::clone(run, bottom + sizeof(Stack), flags | CLONE_VM | SIGCHLD, &begin);
}

struct Entering {
    const Namespaces& namespaces;
    const Command& command;
    const ChildEnds& ends;
    Staying staying;
};

/// The first process in the enclosure: gives up rights, starts the program, stays as its supervisor.
[[noreturn]] void begin_inside(const Entering& entering, int report) {
    ::umask(022);
    offer_to_be_killed_first();
    // No key of ours; and an ordinary core dump limit of none.
    ::syscall(SYS_keyctl, 1 /* KEYCTL_JOIN_SESSION_KEYRING */, nullptr);
    // While the right to do so without keeping setuid programs from their rights is still there.
    if (!take_away_calls() || !give_up_rights()) {
        tell(report, Told::Failed, EPERM);
        ::_exit(127);
    }
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    tell(report, Told::Inside, ::getpid());
    auto become_program = [&] {
        become_within(entering.command, entering.ends, report);
    };
    // We wait until it is the program, or could not be.
    const pid_t program = begin_in_our_memory(become_program, CLONE_VFORK);
    if (program < 0) {
        tell(report, Told::Failed, errno);
        ::_exit(127);
    }
    ::closefrom(0);
    supervise(program, entering.staying);
}

/// The child is not ours but our parent's.
pid_t fork_for_parent() {
    return static_cast<pid_t>(
        ::syscall(SYS_clone, CLONE_PARENT | SIGCHLD, nullptr, nullptr, nullptr, 0));
}

[[noreturn]] void usher(const Entering& entering, int report) {
    ::prctl(PR_SET_DUMPABLE, 0);
    // Who kills does not come under it: there may be no room left.
    if (!entering.namespaces.come_under_bound() || !entering.namespaces.enter()) {
        tell(report, Told::Failed, errno);
        ::_exit(1);
    }
    auto begin_supervisor = [&] {
        begin_inside(entering, report);
    };
    // Only a child is in the PID namespace, and this one is not ours but our parent's.
    const pid_t supervisor = begin_in_our_memory(begin_supervisor, CLONE_PARENT);
    if (supervisor < 0) {
        tell(report, Told::Failed, errno);
    } else {
        tell(report, Told::Supervisor, supervisor);
    }
    ::_exit(0);
}

/// Within the enclosure, where a number that was given again can only be one of its own processes.
[[noreturn]] void kill_inside(pid_t supervisor) {
    ::prctl(PR_SET_DUMPABLE, 0);
    // Stopped, it neither ends with its program nor buries anyone: all that is orphaned falls to it.
    ::kill(supervisor, SIGSTOP);
    constexpr int kRounds = 100;
    int seen_none = 0;
    for (int round = 0; round < kRounds; ++round) {
        const Descendants left = stop_descendants(supervisor);
        seen_none = left.pids.empty() && left.complete ? seen_none + 1 : 0;
        if (seen_none == 2) {
            ::kill(supervisor, SIGKILL);
            ::_exit(0);
        }
        kill_children_first(left.pids);
        ::usleep(2'000);
    }
    // They fork faster than we look: all at once, which spares only process 1 and ourselves.
    ::kill(-1, SIGKILL);
    ::_exit(0);
}

}  // namespace

Result<Namespaces> Namespaces::of(pid_t process, int group) {
    constexpr std::array<std::pair<int, const char*>, 5> kKinds{
        {{CLONE_NEWPID, "pid"},
         {CLONE_NEWIPC, "ipc"},
         {CLONE_NEWUTS, "uts"},
         {CLONE_NEWNET, "net"},
         {CLONE_NEWNS, "mnt"}}};
    Namespaces namespaces;
    namespaces.group_ = group;
    for (std::size_t at = 0; at < kKinds.size(); ++at) {
        const auto& [flag, name] = kKinds.at(at);
        const std::string path = "/proc/" + std::to_string(process) + "/ns/" + name;
        Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
        if (file.number() < 0) {
            return system_error(errno, path);
        }
        namespaces.files_.at(at) = {flag, std::move(file)};
    }
    const std::string root = "/proc/" + std::to_string(process) + "/root";
    namespaces.root_ = Descriptor(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (namespaces.root_.number() < 0) {
        return system_error(errno, root);
    }
    return namespaces;
}

bool Namespaces::come_under_bound() const {
    return come_under(group_);
}

bool Namespaces::enter() const {
    const auto enters = [](const auto& kind) {
        return ::setns(kind.second.number(), kind.first) == 0;
    };
    if (!std::ranges::all_of(files_, enters)) {
        return false;
    }
    // Entering a mount namespace leads to its own root. Where we ourselves live in a chroot, that is
    // not the enclosure's but the machine's: nothing may run there.
    struct stat here{};
    struct stat wanted{};
    return ::stat("/", &here) == 0 && ::fstat(root_.number(), &wanted) == 0
        && here.st_dev == wanted.st_dev && here.st_ino == wanted.st_ino;
}

bool Namespaces::can_enter() const {
    const pid_t trial = ::fork();
    if (trial == 0) {
        ::_exit(enter() ? 0 : 1);
    }
    int status = 1;
    while (trial > 0 && ::waitpid(trial, &status, 0) < 0 && errno == EINTR) {}
    return trial > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

Result<LetIn> let_in(
    const Namespaces& namespaces, const Command& command, const ChildEnds& ends, Staying staying) {
    THIMBLE_TRY(Pipe report, make_pipe());
    const Entering entering{
        .namespaces = namespaces, .command = command, .ends = ends, .staying = staying};
    const pid_t between = ::fork();
    if (between < 0) {
        return system_error(errno, "fork");
    }
    if (between == 0) {
        usher(entering, report.write_end.number());
    }
    report.write_end.close();
    LetIn program;
    int problem = 0;
    Told told;
    ssize_t got = 0;
    // It ends when the last that has the other end is gone or has become the program.
    while ((got = ::read(report.read_end.number(), &told, sizeof told)) != 0) {
        if (got != sizeof told) {
            continue;
        }
        switch (told.what) {
            case Told::Supervisor: program.supervisor = told.number; break;
            case Told::Inside: program.inside = told.number; break;
            case Told::Failed: problem = told.number; break;
        }
    }
    wait_for(between);
    // Without its number inside it could not be killed: a signal to 0 goes to our own group.
    if (problem != 0 || program.supervisor <= 0 || program.inside <= 0) {
        if (program.supervisor > 0) {
            ::kill(program.supervisor, SIGKILL);
            wait_for(program.supervisor);
        }
        return system_error(problem == 0 ? EIO : problem, command.argv.front());
    }
    return program;
}

namespace {

/// @param kill  in a process of the enclosure that nobody else knows of
template <class Kill>
void kill_from_within(const Namespaces& namespaces, const LetIn& program, const Kill& kill) {
    auto report = make_pipe();
    const pid_t between = report ? ::fork() : -1;
    if (between < 0) {
        ::kill(program.supervisor, SIGKILL);  // the rest dies with the enclosure
        return;
    }
    if (between == 0) {
        const pid_t killer = namespaces.enter() ? fork_for_parent() : -1;
        if (killer == 0) {
            ::closefrom(0);
            kill();
            ::_exit(0);
        }
        tell(report->write_end.number(), Told::Supervisor, killer);
        ::_exit(0);
    }
    report->write_end.close();
    Told told;
    while (::read(report->read_end.number(), &told, sizeof told) < 0 && errno == EINTR) {}
    wait_for(between);
    if (told.number > 0) {
        wait_for(told.number);
    }
    ::kill(program.supervisor, SIGKILL);
}

}  // namespace

void kill_with_descendants(const Namespaces& namespaces, const LetIn& program) {
    kill_from_within(namespaces, program, [&] { kill_inside(program.inside); });
}

void kill_all(const Namespaces& namespaces, const LetIn& program) {
    // Process 1, which buries them, and who kills are spared; nothing can fork past it.
    kill_from_within(namespaces, program, [] { ::kill(-1, SIGKILL); });
}

}  // namespace thimble::host
