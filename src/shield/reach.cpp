#include "thimble/shield/reach.hpp"

#include "thimble/host/file_access.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

namespace thimble::shield {
namespace {

constexpr int kNoSpace = 100;

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t size = 0;
};

SocketAddress socket_address(const std::string& address, std::uint16_t port) {
    SocketAddress result;
    // NOLINTBEGIN(cppcoreguidelines-pro-type-reinterpret-cast): what the socket calls want
    auto* const v4 = reinterpret_cast<sockaddr_in*>(&result.storage);
    auto* const v6 = reinterpret_cast<sockaddr_in6*>(&result.storage);
    // NOLINTEND(cppcoreguidelines-pro-type-reinterpret-cast)
    if (::inet_pton(AF_INET, address.c_str(), &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        result.size = sizeof(sockaddr_in);
    } else if (::inet_pton(AF_INET6, address.c_str(), &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        result.size = sizeof(sockaddr_in6);
    }
    return result;
}

Reach reach_of(int error_number) {
    if (error_number == 0) {
        return Reach::Connected;
    }
    if (error_number == ECONNREFUSED) {
        return Reach::Refused;
    }
    return error_number == ETIMEDOUT ? Reach::Silent : Reach::NoWay;
}

/// What came of it; the socket when it is connected.
struct Attempt {
    Reach reach = Reach::Silent;
    host::Descriptor socket{-1};
};

Attempt connect_to(
    const std::string& address, std::uint16_t port, std::chrono::milliseconds patience) {
    const SocketAddress target = socket_address(address, port);
    host::Descriptor socket(::socket(
        target.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP));
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): what connect(2) wants
    const auto* const name = reinterpret_cast<const sockaddr*>(&target.storage);
    if (socket.number() < 0 || target.size == 0) {
        return {Reach::NoWay, host::Descriptor()};
    }
    if (::connect(socket.number(), name, target.size) != 0 && errno != EINPROGRESS) {
        return {reach_of(errno), host::Descriptor()};
    }
    pollfd wait{socket.number(), POLLOUT, 0};
    if (::poll(&wait, 1, static_cast<int>(patience.count())) <= 0) {
        return {};
    }
    int error_number = 0;
    socklen_t size = sizeof error_number;
    ::getsockopt(socket.number(), SOL_SOCKET, SO_ERROR, &error_number, &size);
    return {reach_of(error_number), std::move(socket)};
}

/// In a process of its own, since a thread that has changed its namespace cannot surely come back.
Result<Reach> connect_from(
    const std::string& space,
    const std::string& address,
    std::uint16_t port,
    std::chrono::milliseconds patience) {
    const pid_t child = ::fork();
    if (child < 0) {
        return host::system_error(errno, space);
    }
    if (child == 0) {
        const int entry = ::open(("/run/netns/" + space).c_str(), O_RDONLY | O_CLOEXEC);
        if (entry < 0 || ::setns(entry, CLONE_NEWNET) != 0) {
            ::_exit(kNoSpace);
        }
        ::_exit(static_cast<int>(connect_to(address, port, patience).reach));
    }
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    if (!WIFEXITED(status) || WEXITSTATUS(status) > static_cast<int>(Reach::NoWay)) {
        return failure(
            ErrorKind::Unavailable,
            "shield.no_space",
            "there is no network namespace " + space + " that may be entered");
    }
    return static_cast<Reach>(WEXITSTATUS(status));
}

}  // namespace

std::string_view reach_name(Reach reach) {
    constexpr auto kNames =
        std::to_array<std::string_view>({"connected", "refused", "no answer", "no way there"});
    return kNames.at(static_cast<std::size_t>(reach));
}

Result<Reach> try_to_reach(
    const std::string& address,
    std::uint16_t port,
    const std::string& space,
    std::chrono::milliseconds patience) {
    if (space.empty()) {
        return connect_to(address, port, patience).reach;
    }
    return connect_from(space, address, port, patience);
}

std::string source_towards(const std::string& address, std::uint16_t port) {
    const SocketAddress target = socket_address(address, port);
    SocketAddress own;
    own.size = sizeof own.storage;
    const host::Descriptor socket(
        ::socket(target.storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDP));
    // NOLINTBEGIN(cppcoreguidelines-pro-type-reinterpret-cast): what the socket calls want
    const bool is_told = target.size != 0 && socket.number() >= 0
        && ::connect(
               socket.number(), reinterpret_cast<const sockaddr*>(&target.storage), target.size)
            == 0
        && ::getsockname(socket.number(), reinterpret_cast<sockaddr*>(&own.storage), &own.size)
            == 0;
    const void* const bytes = own.storage.ss_family == AF_INET
        ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in*>(&own.storage)->sin_addr)
        : static_cast<const void*>(&reinterpret_cast<const sockaddr_in6*>(&own.storage)->sin6_addr);
    // NOLINTEND(cppcoreguidelines-pro-type-reinterpret-cast)
    std::array<char, INET6_ADDRSTRLEN> form{};
    const bool is_written =
        is_told && ::inet_ntop(own.storage.ss_family, bytes, form.data(), form.size()) != nullptr;
    return is_written ? std::string(form.data()) : std::string();
}

Result<host::Descriptor> connected_socket(
    const std::string& address, std::uint16_t port, std::chrono::milliseconds patience) {
    Attempt attempt = connect_to(address, port, patience);
    if (attempt.reach != Reach::Connected) {
        return failure(
            ErrorKind::Unavailable,
            "shield.no_answer",
            address + " does not answer on port " + std::to_string(port));
    }
    return std::move(attempt.socket);
}

}  // namespace thimble::shield
