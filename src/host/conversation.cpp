#include "thimble/host/conversation.hpp"

#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/host/host.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace thimble::host {
namespace {

using SteadyClock = std::chrono::steady_clock;
using SteadyTime = SteadyClock::time_point;
constexpr std::size_t kErrorsLimit = std::size_t{64} << 10;
constexpr std::chrono::milliseconds kWatchPeriod{200};
constexpr std::chrono::milliseconds kLastWords{1000};
// How often a child is looked at on kernels that have no pidfd_open(2).
constexpr std::chrono::milliseconds kLookPeriod{10};

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

int milliseconds_until(SteadyTime instant) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(instant - SteadyClock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 1 << 30));
}

bool has_ended(pid_t child) {
    siginfo_t info{};
    return ::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT) == 0
        && info.si_pid != 0;
}

enum class Ending : std::uint8_t { Closed, TimeUp, Silent, TooMuch, Stopped };

/// What we hear of the child, and what is left to tell it.
class Conversation {
public:
    Conversation(const Command& command, const Supervision& supervision, pid_t child)
        : command_(command),
          supervision_(supervision),
          child_(child),
          child_end_(static_cast<int>(::syscall(SYS_pidfd_open, child, 0))),
          rest_(command.input),
          deadline_(SteadyClock::now() + command.timeout) {}

    void take_input(Descriptor end) {
        if (!rest_.empty()) {
            input_ = std::move(end);
            ::fcntl(input_.number(), F_SETFL, O_NONBLOCK);
        }
    }
    void take_stream(Channel channel, Descriptor end, std::size_t limit) {
        streams_.at(static_cast<std::size_t>(channel)) = Stream{
            .channel = channel,
            .end = std::move(end),
            .bytes = {},
            .limit = limit,
            .overflowed = false};
    }

    /// Moves bytes until the child has ended, or a limit is reached.
    Ending hold() {
        heard();
        next_watch_ = SteadyClock::now() + kWatchPeriod;
        while (!is_over()) {
            if (is_too_much()) {
                return Ending::TooMuch;
            }
            const SteadyTime now = SteadyClock::now();
            if (now >= silent_until_) {
                return now >= deadline_ ? Ending::TimeUp : Ending::Silent;
            }
            if (!is_allowed_to_go_on(now)) {
                return Ending::Stopped;
            }
            turn();
        }
        return is_too_much() ? Ending::TooMuch : Ending::Closed;
    }

    std::string take_bytes(Channel channel) {
        return std::move(streams_.at(static_cast<std::size_t>(channel)).bytes);
    }
    [[nodiscard]] const Error& stopped_by() const { return stopped_by_; }

private:
    [[nodiscard]] bool is_open() const {
        return std::ranges::any_of(
            streams_, [](const Stream& stream) { return stream.end.number() >= 0; });
    }
    [[nodiscard]] bool is_over() const {
        return ended_at_ && (!is_open() || SteadyClock::now() >= *ended_at_ + kLastWords);
    }
    [[nodiscard]] bool is_too_much() const {
        return command_.overflow == Overflow::Fail && streams_[0].overflowed;
    }
    void heard() {
        silent_until_ = command_.silence_limit.count() == 0
            ? deadline_
            : std::min(deadline_, SteadyClock::now() + command_.silence_limit);
    }
    bool is_allowed_to_go_on(SteadyTime now) {
        if (!supervision_.watch || now < next_watch_) {
            return true;
        }
        if (auto allowed = supervision_.watch(); !allowed) {
            stopped_by_ = std::move(allowed).error();
            return false;
        }
        next_watch_ = SteadyClock::now() + kWatchPeriod;
        return true;
    }
    [[nodiscard]] SteadyTime next_look() const {
        SteadyTime next = silent_until_;
        if (supervision_.watch) {
            next = std::min(next, next_watch_);
        }
        if (ended_at_) {
            next = std::min(next, *ended_at_ + kLastWords);
        } else if (child_end_.number() < 0) {
            next = std::min(next, SteadyClock::now() + kLookPeriod);
        }
        return next;
    }

    void turn() {
        std::array<pollfd, 5> watched{};
        watched[0] = {.fd = input_.number(), .events = POLLOUT, .revents = 0};
        watched[1] = {.fd = ended_at_ ? -1 : child_end_.number(), .events = POLLIN, .revents = 0};
        for (std::size_t at = 0; at < streams_.size(); ++at) {
            watched.at(at + 2) = {
                .fd = streams_.at(at).end.number(), .events = POLLIN, .revents = 0};
        }
        if (::poll(watched.data(), watched.size(), milliseconds_until(next_look())) < 0) {
            return;  // EINTR: look at the clock again
        }
        if (watched[0].revents != 0) {
            give_to(input_, rest_);
        }
        for (std::size_t at = 0; at < streams_.size(); ++at) {
            if (watched.at(at + 2).revents != 0) {
                take_from(streams_.at(at), command_);
                heard();
            }
        }
        if (!ended_at_ && (watched[1].revents != 0 || child_end_.number() < 0)
            && has_ended(child_)) {
            ended_at_ = SteadyClock::now();
        }
    }

    const Command& command_;
    const Supervision& supervision_;
    pid_t child_;
    Descriptor child_end_;
    Descriptor input_;
    std::string_view rest_;
    std::array<Stream, 3> streams_;  // by Channel
    SteadyTime deadline_;
    SteadyTime silent_until_;
    SteadyTime next_watch_;
    std::optional<SteadyTime> ended_at_;
    Error stopped_by_;  // meaningful after Ending::Stopped
};

struct Pipes {
    Pipe input;
    Pipe output;
    Pipe errors;
    Pipe status;
};

Result<Pipes> make_pipes() {
    Pipes pipes;
    THIMBLE_TRY(pipes.input, make_pipe());
    THIMBLE_TRY(pipes.output, make_pipe());
    THIMBLE_TRY(pipes.errors, make_pipe());
    THIMBLE_TRY(pipes.status, make_pipe());
    return pipes;
}

Error error_of(Ending ending, const Conversation& talk, const std::string& program) {
    switch (ending) {
        case Ending::TooMuch:
            return failure(ErrorKind::Invalid, "host.too_big", program + " printed too much");
        case Ending::TimeUp:
            return failure(ErrorKind::Unavailable, "host.timeout", program + " took too long");
        case Ending::Silent:
            return failure(
                ErrorKind::Unavailable, "host.silent", program + " said nothing any more");
        case Ending::Stopped: return because(program + " was stopped", talk.stopped_by());
        case Ending::Closed: break;
    }
    return failure(ErrorKind::Internal, "host.no_error", program + " ended well");
}

}  // namespace

Result<Pipe> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return system_error(errno, "pipe");
    }
    return Pipe{.read_end = Descriptor(ends[0]), .write_end = Descriptor(ends[1])};
}

int wait_for(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

Result<Outcome> converse(const Command& command, const Supervision& supervision) {
    if (command.argv.empty()) {
        return failure(ErrorKind::Invalid, "host.no_command", "the command is empty");
    }
    THIMBLE_TRY(Pipes pipes, make_pipes());
    const ChildEnds ends{
        .input = pipes.input.read_end.number(),
        .output = pipes.output.write_end.number(),
        .errors = command.show_errors ? -1 : pipes.errors.write_end.number(),
        .status = command.status_channel ? pipes.status.write_end.number() : -1};
    THIMBLE_TRY(const pid_t child, supervision.start(command, ends));
    pipes.input.read_end.close();
    pipes.output.write_end.close();
    pipes.errors.write_end.close();
    pipes.status.write_end.close();

    Conversation talk(command, supervision, child);
    talk.take_input(std::move(pipes.input.write_end));
    talk.take_stream(Channel::Output, std::move(pipes.output.read_end), command.output_limit);
    talk.take_stream(Channel::Errors, std::move(pipes.errors.read_end), kErrorsLimit);
    talk.take_stream(Channel::Status, std::move(pipes.status.read_end), 0);
    pipes.input.write_end.close();
    const Ending ending = talk.hold();
    if (ending != Ending::Closed) {
        supervision.kill(child);
    }
    const int exit_status = wait_for(child);
    if (ending != Ending::Closed) {
        return error_of(ending, talk, command.argv.front());
    }
    return Outcome{
        .exit_status = exit_status,
        .output = talk.take_bytes(Channel::Output),
        .errors = talk.take_bytes(Channel::Errors)};
}

}  // namespace thimble::host
