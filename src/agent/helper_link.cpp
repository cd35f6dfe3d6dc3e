#include "thimble/agent/helper_link.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>

namespace thimble::agent {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{16} << 10;

Error gone_away(const std::string& why) {
    return failure(
        ErrorKind::Unavailable,
        "agent.helper_gone",
        "the root helper has gone away" + (why.empty() ? "" : ": " + why));
}

Error no_helper() {
    return failure(
        ErrorKind::Unavailable,
        "agent.no_helper",
        "the root helper does not answer; see: systemctl status thimble-agent-helper");
}

}  // namespace

Result<std::vector<std::string>> LineBuffer::add(std::string_view bytes) {
    std::vector<std::string> lines;
    while (!bytes.empty()) {
        const std::size_t end = bytes.find('\n');
        held_ += bytes.substr(0, end);
        if (held_.size() > kMaxHelperLineBytes) {
            return failure(
                ErrorKind::Corrupt, "agent.bad_helper_message", "a line between us is too long");
        }
        if (end == std::string_view::npos) {
            break;
        }
        lines.push_back(std::move(held_));
        held_.clear();
        bytes.remove_prefix(end + 1);
    }
    return lines;
}

Result<void> send_line(const host::Descriptor& socket, const std::string& line) {
    const std::string text = line + "\n";
    std::string_view rest = text;
    while (!rest.empty()) {
        const ssize_t count = ::send(socket.number(), rest.data(), rest.size(), MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return gone_away("");
        }
        rest.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
}

Result<HelperLink> HelperLink::open(const std::filesystem::path& socket) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string& path = socket.native();
    if (path.size() >= sizeof(address.sun_path)) {
        return no_helper();
    }
    std::memcpy(&address.sun_path[0], path.data(), path.size());
    HelperLink link;
    link.socket_ = host::Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (link.socket_.number() < 0
        || ::connect(
               link.socket_.number(),
               static_cast<const sockaddr*>(static_cast<const void*>(&address)),
               sizeof(address))
            != 0) {
        return no_helper();
    }
    return link;
}

HelperLink HelperLink::over(
    host::TalkingProgram program, std::chrono::milliseconds limit, Turn turn) {
    HelperLink link;
    link.turn_ = std::move(turn);
    link.program_ = std::move(program);
    link.give_up_ = std::chrono::steady_clock::now() + limit;
    return link;
}

const host::Descriptor& HelperLink::socket() const {
    return program_ ? program_->socket() : socket_;
}

Error HelperLink::gone() {
    return gone_away(program_ ? program_->complaint() : "");
}

Result<void> HelperLink::send(const HelperQuestion& question) {
    const auto sent = send_line(socket(), format_helper_question(question));
    return sent ? sent : gone();
}

Result<std::vector<HelperAnswer>> HelperLink::hear(std::chrono::milliseconds wait) {
    std::vector<HelperAnswer> answers;
    if (give_up_ && std::chrono::steady_clock::now() > *give_up_) {
        return gone_away("it has taken too long");
    }
    if (program_) {
        program_->complaint();  // what is not read holds it up
    }
    pollfd waiting{.fd = socket().number(), .events = POLLIN, .revents = 0};
    const auto limit = std::clamp<std::chrono::milliseconds::rep>(
        wait.count(), 0, std::numeric_limits<int>::max());
    if (::poll(&waiting, 1, static_cast<int>(limit)) <= 0) {
        return answers;
    }
    std::array<char, kBlockBytes> block{};
    const ssize_t count = ::recv(socket().number(), block.data(), block.size(), 0);
    if (count <= 0) {
        return gone();
    }
    THIMBLE_TRY(
        const auto lines,
        lines_.add(std::string_view(block.data(), static_cast<std::size_t>(count))));
    for (const std::string& line : lines) {
        THIMBLE_TRY(answers.emplace_back(), parse_helper_answer(line));
    }
    return answers;
}

}  // namespace thimble::agent
