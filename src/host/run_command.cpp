#include "thimble/host/run_command.hpp"

#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/host/host.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace thimble::host {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;
constexpr std::size_t kErrorsLimit = std::size_t{64} << 10;

struct Pipe {
    Descriptor read_end;
    Descriptor write_end;
};

Result<Pipe> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return system_error(errno, "pipe");
    }
    return Pipe{.read_end = Descriptor(ends[0]), .write_end = Descriptor(ends[1])};
}

/// posix_spawn's two opaque parts, destroyed together.
struct SpawnPlan {
    posix_spawn_file_actions_t actions{};
    posix_spawnattr_t attributes{};

    SpawnPlan() {
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
        ::posix_spawnattr_setflags(
            &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
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

/// Our environment, with the plain locale: messages we may have to read must not be translated.
std::vector<std::string> child_environment() {
    std::vector<std::string> variables{"LC_ALL=C"};
    for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
        if (!std::string_view(*variable).starts_with("LC_ALL=")) {
            variables.emplace_back(*variable);
        }
    }
    return variables;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (std::string& text : texts) {
        pointers.push_back(text.data());
    }
    pointers.push_back(nullptr);
    return pointers;
}

struct Pipes {
    Pipe input;
    Pipe output;
    Pipe errors;
};

Result<pid_t> start(const Command& command, const Pipes& pipes) {
    SpawnPlan plan;
    ::posix_spawn_file_actions_adddup2(&plan.actions, pipes.input.read_end.number(), 0);
    ::posix_spawn_file_actions_adddup2(&plan.actions, pipes.output.write_end.number(), 1);
    if (!command.show_errors) {
        ::posix_spawn_file_actions_adddup2(&plan.actions, pipes.errors.write_end.number(), 2);
    }
    std::vector<std::string> arguments = command.argv;
    std::vector<std::string> environment = child_environment();
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

/// One of the child's streams while it runs.
struct Stream {
    Descriptor end;
    std::string bytes;
    std::size_t limit = 0;
    bool overflowed = false;
};

void take_from(Stream& stream) {
    std::array<char, 1 << 16> chunk{};
    const ssize_t got = ::read(stream.end.number(), chunk.data(), chunk.size());
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) {
        return;
    }
    if (got <= 0) {
        stream.end.close();
        return;
    }
    const auto count = static_cast<std::size_t>(got);
    const std::size_t room = stream.limit - stream.bytes.size();
    stream.overflowed = stream.overflowed || count > room;
    stream.bytes.append(chunk.data(), std::min(count, room));
}

void give_to(Descriptor& end, std::string_view& rest) {
    const ssize_t given = ::write(end.number(), rest.data(), rest.size());
    if (given < 0 && (errno == EINTR || errno == EAGAIN)) {
        return;
    }
    if (given > 0) {
        rest.remove_prefix(static_cast<std::size_t>(given));
    }
    if (given <= 0 || rest.empty()) {
        end.close();
    }
}

int remaining_ms(SteadyTime deadline) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    return left.count() <= 0 ? 0 : static_cast<int>(std::min<std::int64_t>(left.count(), 1 << 30));
}

/// Moves bytes until the child has closed its streams.
/// @return false when the time is up or the output too long
bool converse(
    Descriptor& input, std::string_view rest, Stream& output, Stream& errors, SteadyTime deadline) {
    while (output.end.number() >= 0 || errors.end.number() >= 0) {
        std::array<pollfd, 3> watched{
            pollfd{.fd = input.number(), .events = POLLOUT, .revents = 0},
            pollfd{.fd = output.end.number(), .events = POLLIN, .revents = 0},
            pollfd{.fd = errors.end.number(), .events = POLLIN, .revents = 0}};
        const int wait_ms = remaining_ms(deadline);
        if (wait_ms == 0 || output.overflowed) {
            return false;
        }
        if (::poll(watched.data(), watched.size(), wait_ms) < 0) {
            continue;  // EINTR: look at the clock again
        }
        if (watched[0].revents != 0) {
            give_to(input, rest);
        }
        if (watched[1].revents != 0) {
            take_from(output);
        }
        if (watched[2].revents != 0) {
            take_from(errors);
        }
    }
    return !output.overflowed;
}

int wait_for(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/// A child that has closed its streams may still run: it has until the deadline.
bool ends_in_time(pid_t child, SteadyTime deadline) {
    siginfo_t info{};
    while (remaining_ms(deadline) > 0) {
        info.si_pid = 0;
        if (::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT) == 0
            && info.si_pid != 0) {
            return true;
        }
        ::poll(nullptr, 0, 5);
    }
    return false;
}

}  // namespace

Result<Outcome> run_command(const Command& command) {
    if (command.argv.empty()) {
        return failure(ErrorKind::Invalid, "host.no_command", "the command is empty");
    }
    const SteadyTime deadline = std::chrono::steady_clock::now() + command.timeout;
    Pipes pipes;
    THIMBLE_TRY(pipes.input, make_pipe());
    THIMBLE_TRY(pipes.output, make_pipe());
    THIMBLE_TRY(pipes.errors, make_pipe());
    THIMBLE_TRY(const pid_t child, start(command, pipes));

    pipes.input.read_end.close();
    pipes.output.write_end.close();
    pipes.errors.write_end.close();
    if (command.input.empty()) {
        pipes.input.write_end.close();
    } else {
        ::fcntl(pipes.input.write_end.number(), F_SETFL, O_NONBLOCK);
    }
    Stream output{
        .end = std::move(pipes.output.read_end), .bytes = {}, .limit = command.output_limit};
    Stream errors{.end = std::move(pipes.errors.read_end), .bytes = {}, .limit = kErrorsLimit};
    const bool finished = converse(pipes.input.write_end, command.input, output, errors, deadline)
        && ends_in_time(child, deadline);
    if (!finished) {
        ::kill(-child, SIGKILL);
    }
    const int exit_status = wait_for(child);
    if (output.overflowed) {
        return failure(
            ErrorKind::Invalid, "host.too_big", command.argv.front() + " printed too much");
    }
    if (!finished) {
        return failure(
            ErrorKind::Unavailable, "host.timeout", command.argv.front() + " took too long");
    }
    return Outcome{
        .exit_status = exit_status,
        .output = std::move(output.bytes),
        .errors = std::move(errors.bytes)};
}

}  // namespace thimble::host
