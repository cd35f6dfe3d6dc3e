#include "thimble/agent/helper_serve.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>

namespace thimble::agent {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{16} << 10;
constexpr int kBacklog = 4;
constexpr std::chrono::seconds kWriteTimeout{5};
constexpr unsigned kSocketMode = 0660;

Error gone() {
    return failure(ErrorKind::Unavailable, "agent.helper_gone", "the agent has gone away");
}

Error no_socket(const std::filesystem::path& path) {
    Error error = host::system_error(errno, path.string());
    error.code = "agent.no_socket";
    return error;
}

Result<host::Descriptor> listen_at(const HelperOptions& options) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string& path = options.socket.native();
    if (path.size() >= sizeof(address.sun_path)) {
        errno = ENAMETOOLONG;
        return no_socket(options.socket);
    }
    std::memcpy(&address.sun_path[0], path.data(), path.size());
    host::Descriptor listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ::unlink(path.c_str());  // what a killed helper left
    // Nobody may connect before the owner is right.
    const mode_t before = ::umask(0777);
    const int bound = ::bind(
        listener.number(),
        static_cast<const sockaddr*>(static_cast<const void*>(&address)),
        sizeof(address));
    ::umask(before);
    if (listener.number() < 0 || bound != 0 || ::lchown(path.c_str(), 0, options.peer_group) != 0
        || ::chmod(path.c_str(), kSocketMode) != 0 || ::listen(listener.number(), kBacklog) != 0) {
        return no_socket(options.socket);
    }
    return listener;
}

/// Who is at the other end, as the kernel says.
bool is_peer(const host::Descriptor& socket, uid_t peer) {
    ucred credentials{};
    socklen_t size = sizeof(credentials);
    return ::getsockopt(socket.number(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0
        && credentials.uid == peer;
}

/// Writes a line to a stream. Who does not read must not keep a transaction waiting.
Result<void> write_line(const host::Descriptor& out, const std::string& line) {
    const auto until = std::chrono::steady_clock::now() + kWriteTimeout;
    const std::string text = line + "\n";
    std::string_view rest = text;
    while (!rest.empty()) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            until - std::chrono::steady_clock::now());
        pollfd ready{.fd = out.number(), .events = POLLOUT, .revents = 0};
        if (left.count() <= 0 || ::poll(&ready, 1, static_cast<int>(left.count())) <= 0) {
            return gone();
        }
        // What poll(2) promises is room for so much: more could block.
        const ssize_t count =
            ::write(out.number(), rest.data(), std::min<std::size_t>(rest.size(), PIPE_BUF));
        if (count <= 0 && errno != EINTR && errno != EAGAIN) {
            return gone();
        }
        rest.remove_prefix(count > 0 ? static_cast<std::size_t>(count) : 0);
    }
    return {};
}

}  // namespace

Result<HelperQuestion> HelperConversation::question(std::chrono::milliseconds wait) {
    const auto until = std::chrono::steady_clock::now() + wait;
    while (waiting_.empty()) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            until - std::chrono::steady_clock::now());
        pollfd ready{.fd = in_.number(), .events = POLLIN, .revents = 0};
        if (left.count() <= 0 || ::poll(&ready, 1, static_cast<int>(left.count())) <= 0) {
            return gone();
        }
        std::array<char, kBlockBytes> block{};
        const ssize_t count = ::read(in_.number(), block.data(), block.size());
        if (count <= 0) {
            return gone();
        }
        THIMBLE_TRY(
            waiting_, lines_.add(std::string_view(block.data(), static_cast<std::size_t>(count))));
    }
    const std::string line = waiting_.front();
    waiting_.erase(waiting_.begin());
    return parse_helper_question(line);
}

void HelperConversation::say(const HelperAnswer& answer) {
    host::Descriptor& out = is_socket_ ? in_ : out_;
    if (out.number() < 0) {
        return;
    }
    const std::string line = format_helper_answer(answer);
    if (!(is_socket_ ? send_line(out, line) : write_line(out, line))) {
        out.close();
    }
}

Result<void> serve_helper(
    const HelperOptions& options,
    RootHelper& helper,
    const std::function<void(const std::string&)>& log) {
    THIMBLE_TRY(const host::Descriptor listener, listen_at(options));
    log("the root helper listens at " + options.socket.string());
    for (;;) {
        host::Descriptor socket(::accept4(listener.number(), nullptr, nullptr, SOCK_CLOEXEC));
        if (socket.number() < 0) {
            if (errno == EINTR || errno == ECONNABORTED) {
                continue;
            }
            return no_socket(options.socket);
        }
        // An agent that does not read must not keep a transaction waiting.
        const timeval limit{.tv_sec = 5, .tv_usec = 0};
        ::setsockopt(socket.number(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
        if (!is_peer(socket, options.peer)) {
            log("somebody else than the agent's user has connected, and was sent away");
            continue;
        }
        HelperConversation agent(std::move(socket));
        helper.converse(agent);
    }
}

}  // namespace thimble::agent
