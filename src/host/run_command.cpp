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
#include <ctime>
#include <span>
#include <string>
#include <string_view>
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
    Pipe status;
};

constexpr int kStatusDescriptor = 3;

Result<pid_t> start(const Command& command, const Pipes& pipes) {
    SpawnPlan plan;
    ::posix_spawn_file_actions_adddup2(&plan.actions, pipes.input.read_end.number(), 0);
    ::posix_spawn_file_actions_adddup2(&plan.actions, pipes.output.write_end.number(), 1);
    if (!command.show_errors) {
        ::posix_spawn_file_actions_adddup2(&plan.actions, pipes.errors.write_end.number(), 2);
    }
    if (command.status_channel) {
        ::posix_spawn_file_actions_adddup2(
            &plan.actions, pipes.status.write_end.number(), kStatusDescriptor);
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

/// One of the child's streams while it runs.
struct Stream {
    Channel channel = Channel::Output;
    Descriptor end;
    std::string bytes;
    std::size_t limit = 0;
    bool overflowed = false;
};

void take_from(Stream& stream, const Command& command) {
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
    if (command.listener) {
        command.listener(stream.channel, {chunk.data(), count});
    }
}

/// While it lives, a write into a pipe that nobody reads any more fails with EPIPE, and raises no
/// signal that would end us.
class NoPipeSignal {
public:
    NoPipeSignal() {
        ::sigemptyset(&pipe_);
        ::sigaddset(&pipe_, SIGPIPE);
        sigset_t pending;
        ::sigpending(&pending);
        was_pending_ = ::sigismember(&pending, SIGPIPE) == 1;
        ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
    }
    NoPipeSignal(const NoPipeSignal&) = delete;
    NoPipeSignal& operator=(const NoPipeSignal&) = delete;
    NoPipeSignal(NoPipeSignal&&) = delete;
    NoPipeSignal& operator=(NoPipeSignal&&) = delete;
    ~NoPipeSignal() {
        const timespec at_once{};
        while (!was_pending_ && ::sigtimedwait(&pipe_, nullptr, &at_once) < 0 && errno == EINTR) {}
        ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }

private:
    sigset_t pipe_{};
    sigset_t before_{};
    bool was_pending_ = false;
};

/// @return how many bytes were written, or the errno value, negative
ssize_t write_some(const Descriptor& end, std::string_view bytes) {
    const NoPipeSignal quiet;
    const ssize_t given = ::write(end.number(), bytes.data(), bytes.size());
    return given < 0 ? -errno : given;
}

void give_to(Descriptor& end, std::string_view& rest) {
    const ssize_t given = write_some(end, rest);
    if (given == -EINTR || given == -EAGAIN) {
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

enum class Ending : std::uint8_t { Closed, TimeUp, Silent, TooMuch };

/// What we hear of the child, and what is left to tell it.
struct Conversation {
    const Command& command;
    Descriptor input;
    std::string_view rest;
    std::array<Stream, 3> streams;

    [[nodiscard]] bool is_open() const {
        return std::ranges::any_of(
            streams, [](const Stream& stream) { return stream.end.number() >= 0; });
    }
    [[nodiscard]] bool is_too_much() const {
        return command.overflow == Overflow::Fail && streams[0].overflowed;
    }
};

/// Moves bytes until the child has closed its streams, or a limit is reached.
Ending converse(Conversation& talk, SteadyTime deadline) {
    const bool may_be_silent = talk.command.silence_limit.count() == 0;
    SteadyTime silent_until = deadline;
    const auto heard = [&] {
        if (!may_be_silent) {
            silent_until =
                std::min(deadline, std::chrono::steady_clock::now() + talk.command.silence_limit);
        }
    };
    heard();
    while (talk.is_open()) {
        std::array<pollfd, 4> watched{};
        watched[0] = {.fd = talk.input.number(), .events = POLLOUT, .revents = 0};
        for (std::size_t at = 0; at < talk.streams.size(); ++at) {
            watched.at(at + 1) = {
                .fd = talk.streams.at(at).end.number(), .events = POLLIN, .revents = 0};
        }
        if (talk.is_too_much()) {
            return Ending::TooMuch;
        }
        const int wait_ms = remaining_ms(silent_until);
        if (wait_ms == 0) {
            return remaining_ms(deadline) == 0 ? Ending::TimeUp : Ending::Silent;
        }
        if (::poll(watched.data(), watched.size(), wait_ms) < 0) {
            continue;  // EINTR: look at the clock again
        }
        if (watched[0].revents != 0) {
            give_to(talk.input, talk.rest);
        }
        for (std::size_t at = 0; at < talk.streams.size(); ++at) {
            if (watched.at(at + 1).revents != 0) {
                take_from(talk.streams.at(at), talk.command);
                heard();
            }
        }
    }
    return talk.is_too_much() ? Ending::TooMuch : Ending::Closed;
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
    THIMBLE_TRY(pipes.status, make_pipe());
    THIMBLE_TRY(const pid_t child, start(command, pipes));

    pipes.input.read_end.close();
    pipes.output.write_end.close();
    pipes.errors.write_end.close();
    pipes.status.write_end.close();
    if (command.input.empty()) {
        pipes.input.write_end.close();
    } else {
        ::fcntl(pipes.input.write_end.number(), F_SETFL, O_NONBLOCK);
    }
    const auto stream = [](Channel channel, Pipe& pipe, std::size_t limit) {
        return Stream{
            .channel = channel,
            .end = std::move(pipe.read_end),
            .bytes = {},
            .limit = limit,
            .overflowed = false};
    };
    Conversation talk{
        .command = command,
        .input = std::move(pipes.input.write_end),
        .rest = command.input,
        .streams = {
            stream(Channel::Output, pipes.output, command.output_limit),
            stream(Channel::Errors, pipes.errors, kErrorsLimit),
            stream(Channel::Status, pipes.status, 0)}};
    Ending ending = converse(talk, deadline);
    if (ending == Ending::Closed && !ends_in_time(child, deadline)) {
        ending = Ending::TimeUp;
    }
    if (ending != Ending::Closed) {
        ::kill(-child, SIGKILL);
    }
    const int exit_status = wait_for(child);
    const std::string& program = command.argv.front();
    switch (ending) {
        case Ending::TooMuch:
            return failure(ErrorKind::Invalid, "host.too_big", program + " printed too much");
        case Ending::TimeUp:
            return failure(ErrorKind::Unavailable, "host.timeout", program + " took too long");
        case Ending::Silent:
            return failure(
                ErrorKind::Unavailable, "host.silent", program + " said nothing any more");
        case Ending::Closed: break;
    }
    return Outcome{
        .exit_status = exit_status,
        .output = std::move(talk.streams[0].bytes),
        .errors = std::move(talk.streams[1].bytes)};
}

}  // namespace thimble::host
