#include "thimble/host/shutdown_hold.hpp"

#include "thimble/base/lines.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/run_command.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::host {
namespace {

/// The holder says again what it hears once it runs, and it runs once the lock is there.
bool answers(const TalkingProgram& holder, std::chrono::milliseconds patience) {
    constexpr char kWord = '\n';
    if (::send(holder.socket().number(), &kWord, 1, MSG_NOSIGNAL) != 1) {
        return false;
    }
    const auto deadline = std::chrono::steady_clock::now() + patience;
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        pollfd watched{.fd = holder.socket().number(), .events = POLLIN, .revents = 0};
        const int ready =
            left.count() <= 0 ? 0 : ::poll(&watched, 1, static_cast<int>(left.count()));
        if (ready < 0 && errno == EINTR) {
            continue;
        }
        char heard = 0;
        return ready == 1 && ::recv(holder.socket().number(), &heard, 1, 0) == 1;
    }
}

/// What a program prints, whatever its exit status, which tells of the state of the machine; empty: it cannot be asked.
std::string answer_of(const std::vector<std::string>& argv, std::chrono::milliseconds patience) {
    constexpr std::size_t kMostBytes = 4096;
    if (argv.empty()) {
        return {};
    }
    auto asked = run_command(
        {.argv = argv,
         .timeout = patience,
         .output_limit = kMostBytes,
         .overflow = Overflow::Drop,
         .own_session = true,
         .listener = {}});
    return asked ? std::move(asked->output) : std::string();
}

}  // namespace

std::string going_down(const ShutdownQuestions& questions, std::chrono::milliseconds patience) {
    const std::string preparing = answer_of(questions.preparing, patience);
    Lines lines(preparing);
    std::string_view for_shutdown;
    std::string_view for_sleep;
    lines.next(for_shutdown);
    lines.next(for_sleep);
    if (for_shutdown == "b true" || trimmed(answer_of(questions.state, patience)) == "stopping") {
        return "the machine is going down";
    }
    return for_sleep == "b true" ? "the machine is going to sleep" : "";
}

std::vector<std::string> inhibition_question() {
    return {
        "busctl",
        "get-property",
        "org.freedesktop.login1",
        "/org/freedesktop/login1",
        "org.freedesktop.login1.Manager",
        "BlockInhibited"};
}

Inhibition parse_inhibition(std::string_view printed) {
    constexpr std::string_view kBegin = "s \"";
    printed = trimmed(printed);
    if (!printed.starts_with(kBegin) || printed.size() == kBegin.size()
        || printed.find('"', kBegin.size()) != printed.size() - 1) {
        return Inhibition::Unknown;
    }
    printed = printed.substr(kBegin.size(), printed.size() - kBegin.size() - 1);
    while (!printed.empty()) {
        const std::string_view word = printed.substr(0, printed.find(':'));
        if (word == "shutdown") {
            return Inhibition::Inhibited;
        }
        printed.remove_prefix(std::min(printed.size(), word.size() + 1));
    }
    return Inhibition::None;
}

Inhibition shutdown_inhibition(
    const std::vector<std::string>& question, std::chrono::milliseconds patience) {
    return parse_inhibition(answer_of(question, patience));
}

std::vector<std::string> shutdown_hold_command() {
    return {
        "systemd-inhibit",
        "--what=idle:sleep:shutdown",
        "--who=Thimble",
        "--why=packages are being changed",
        "--mode=block",
        "cat"};
}

ShutdownHold ShutdownHold::take(
    const std::vector<std::string>& argv,
    const ShutdownQuestions& questions,
    std::chrono::milliseconds patience) {
    ShutdownHold hold;
    const std::string nothing = "nothing holds off a shutdown of the machine: ";
    auto holder = TalkingProgram::start(argv);
    if (!holder) {
        hold.words_ = nothing + holder.error().text();
        hold.obstacle_ = going_down(questions, patience);
        return hold;
    }
    if (!answers(*holder, patience)) {
        const std::string said = holder->complaint();
        hold.words_ =
            nothing + argv.front() + (said.empty() ? " does not answer" : " says: " + said);
        hold.obstacle_ = going_down(questions, patience);
        return hold;
    }
    hold.holder_ = *std::move(holder);
    hold.words_ = "systemd is asked to hold off shutdown, sleep and idling of the machine";
    return hold;
}

}  // namespace thimble::host
