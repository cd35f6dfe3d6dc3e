#include "thimble/host/shutdown_hold.hpp"

#include "thimble/base/result.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <string>
#include <utility>
#include <vector>

namespace thimble::host {
namespace {

// Above the numbers that programs are given on purpose.
constexpr int kAside = 64;

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

}  // namespace

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
    const std::vector<std::string>& argv, std::chrono::milliseconds patience) {
    ShutdownHold hold;
    const std::string nothing = "nothing holds off a shutdown of the machine: ";
    auto holder = TalkingProgram::start(argv);
    if (!holder) {
        hold.words_ = nothing + holder.error().text();
        return hold;
    }
    if (!answers(*holder, patience)) {
        const std::string said = holder->complaint();
        hold.words_ =
            nothing + argv.front() + (said.empty() ? " does not answer" : " says: " + said);
        return hold;
    }
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): fcntl(2) is declared so
    hold.inherited_ = Descriptor(::fcntl(holder->socket().number(), F_DUPFD, kAside));
    hold.holder_ = *std::move(holder);
    hold.words_ = "systemd is asked to hold off shutdown, sleep and idling of the machine";
    return hold;
}

}  // namespace thimble::host
