#include "thimble/host/run_command.hpp"

#include "thimble/base/result.hpp"
#include "thimble/host/argument_pointers.hpp"
#include "thimble/host/conversation.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/host/host.hpp"
#include "thimble/host/process_tree.hpp"
#include "thimble/host/program_start.hpp"

#include <spawn.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::host {
namespace {

/// posix_spawn's two opaque parts, destroyed together.
struct SpawnPlan {
    posix_spawn_file_actions_t actions{};
    posix_spawnattr_t attributes{};

    explicit SpawnPlan(bool own_session) {
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawnattr_init(&attributes);
        sigset_t none;
        ::sigemptyset(&none);
        ::posix_spawnattr_setsigmask(&attributes, &none);
        sigset_t defaults;
        ::sigemptyset(&defaults);
        ::sigaddset(&defaults, SIGPIPE);
        ::posix_spawnattr_setsigdefault(&attributes, &defaults);
        ::posix_spawnattr_setpgroup(&attributes, 0);
        // A new session is a new process group, too.
        const int group = own_session ? POSIX_SPAWN_SETSID : POSIX_SPAWN_SETPGROUP;
        ::posix_spawnattr_setflags(
            &attributes,
            static_cast<short>(group | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
    }
    SpawnPlan(const SpawnPlan&) = delete;
    SpawnPlan& operator=(const SpawnPlan&) = delete;
    SpawnPlan(SpawnPlan&&) = delete;
    SpawnPlan& operator=(SpawnPlan&&) = delete;
    ~SpawnPlan() {
        ::posix_spawn_file_actions_destroy(&actions);
        ::posix_spawnattr_destroy(&attributes);
    }
};

std::string_view name_of(std::string_view variable) {
    return variable.substr(0, variable.find('='));
}

/// Our environment, with the plain locale (messages we may have to read must not be translated) and
/// with what the command sets.
std::vector<std::string> child_environment(const Command& command) {
    std::vector<std::string> variables = command.environment;
    variables.emplace_back("LC_ALL=C");
    const std::size_t fixed = variables.size();
    for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
        const auto known = std::span(variables).first(fixed);
        const auto same = [&](const std::string& other) {
            return name_of(other) == name_of(*variable);
        };
        if (std::ranges::none_of(known, same)) {
            variables.emplace_back(*variable);
        }
    }
    return variables;
}

constexpr int kStatusDescriptor = 3;

Result<pid_t> start(const Command& command, const ChildEnds& ends) {
    SpawnPlan plan(command.own_session);
    ::posix_spawn_file_actions_adddup2(&plan.actions, ends.input, 0);
    ::posix_spawn_file_actions_adddup2(&plan.actions, ends.output, 1);
    if (ends.errors >= 0) {
        ::posix_spawn_file_actions_adddup2(&plan.actions, ends.errors, 2);
    }
    if (ends.status >= 0) {
        ::posix_spawn_file_actions_adddup2(&plan.actions, ends.status, kStatusDescriptor);
    }
    if (command.held >= 0) {
        ::posix_spawn_file_actions_adddup2(&plan.actions, command.held, kHeldDescriptor);
    }
    std::vector<std::string> arguments = command.argv;
    std::vector<std::string> environment = child_environment(command);
    pid_t child = 0;
    const int error_number = ::posix_spawnp(
        &child,
        command.argv.front().c_str(),
        &plan.actions,
        &plan.attributes,
        pointers_to(arguments).data(),
        pointers_to(environment).data());
    if (error_number != 0) {
        return system_error(error_number, command.argv.front());
    }
    return child;
}

/// The child: only its own folder, umask and signals change.
[[noreturn]] void begin_on_machine(const Command& command, const ChildEnds& ends, int report) {
    ::umask(022);
    int problem = ::chdir("/") == 0 ? 0 : errno;
    if (problem == 0) {
        problem = become(command, machine_environment(command), ends, report);
        report = kReportDescriptor;
    }
    [[maybe_unused]] const ssize_t written = ::write(report, &problem, sizeof problem);
    ::_exit(127);
}

Result<pid_t> start_on_machine(const Command& command, const ChildEnds& ends) {
    THIMBLE_TRY(Pipe report, make_pipe());
    const pid_t child = ::fork();
    if (child < 0) {
        return system_error(errno, "fork");
    }
    if (child == 0) {
        begin_on_machine(command, ends, report.write_end.number());
    }
    report.write_end.close();
    int problem = 0;
    ssize_t got = -1;
    // It ends without a word when the child has become the program.
    while ((got = ::read(report.read_end.number(), &problem, sizeof problem)) < 0
           && errno == EINTR) {}
    if (got == 0) {
        return child;
    }
    wait_for(child);
    return system_error(got == sizeof problem ? problem : EIO, command.argv.front());
}

}  // namespace

Result<Outcome> run_command(const Command& command, Surroundings surroundings) {
    return converse(
        command,
        Supervision{
            .start = surroundings == Surroundings::Machine ? start_on_machine : start,
            .kill = kill_process_tree,
            .watch = {}});
}

}  // namespace thimble::host
