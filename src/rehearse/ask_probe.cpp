#include "thimble/rehearse/ask_probe.hpp"

#include "thimble/base/result.hpp"
#include "thimble/host/enclosure.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/model/plan.hpp"
#include "thimble/rehearse/parse_probe.hpp"
#include "thimble/rehearse/trial.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace thimble::rehearse {
namespace {

using host::Descriptor;

template <class Address>
int connect_to(const Descriptor& socket, const Address& address) {
    return ::connect(
        socket.number(),
        static_cast<const sockaddr*>(static_cast<const void*>(&address)),
        sizeof address);
}

/// Sends and receives give up by themselves. connect(2) obeys the same limit.
void limit_time(const Descriptor& socket, std::chrono::seconds timeout) {
    const timeval limit{.tv_sec = timeout.count(), .tv_usec = 0};
    ::setsockopt(socket.number(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(socket.number(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

Result<Descriptor> connect_loopback(
    host::Enclosure& clone, std::uint16_t port, std::chrono::seconds timeout) {
    THIMBLE_TRY(Descriptor socket, clone.tcp_socket(false));
    limit_time(socket, timeout);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect_to(socket, address) == 0) {
        return socket;
    }
    const int problem = errno;
    THIMBLE_TRY(socket, clone.tcp_socket(true));
    limit_time(socket, timeout);
    sockaddr_in6 wide{};
    wide.sin6_family = AF_INET6;
    wide.sin6_port = htons(port);
    wide.sin6_addr = in6addr_loopback;
    if (connect_to(socket, wide) == 0) {
        return socket;
    }
    return host::system_error(problem, "port " + std::to_string(port));
}

std::string first_line(std::string_view text) {
    return std::string(text.substr(0, text.find_first_of("\r\n")));
}

/// Until the status line is complete; what follows is not of interest.
std::string receive_head(const Descriptor& socket) {
    constexpr std::size_t kHead = 4096;
    std::string answer;
    while (answer.size() < kHead && answer.find('\n') == std::string::npos) {
        std::array<char, 1024> piece{};
        const ssize_t got = ::recv(socket.number(), piece.data(), piece.size(), 0);
        if (got <= 0) {
            break;
        }
        answer.append(piece.data(), static_cast<std::size_t>(got));
    }
    return answer;
}

void ask_http(const Descriptor& socket, const ProbeAddress& address, TrialResult& result) {
    const bool is_v6 = address.host.find(':') != std::string::npos;
    std::string request = "GET " + address.path
        + " HTTP/1.1\r\nHost: " + (is_v6 ? "[" + address.host + "]" : address.host);
    request += "\r\nUser-Agent: thimble\r\nAccept: */*\r\nConnection: close\r\n\r\n";
    if (::send(socket.number(), request.data(), request.size(), MSG_NOSIGNAL) < 0) {
        result.output = "the connection broke";
        return;
    }
    const std::string answer = receive_head(socket);
    const auto status = parse_http_status(answer);
    result.passed = status && *status >= 200 && *status < 400;
    result.output = status ? first_line(answer) : "no HTTP answer";
}

TrialResult ask_network(host::Enclosure& clone, const model::HealthProbe& probe) {
    TrialResult result{.name = "probe " + probe.name, .passed = false, .output = {}};
    const bool http = probe.kind == model::ProbeKind::Http;
    const auto address = http ? parse_http_target(probe.target) : parse_tcp_target(probe.target);
    if (!address) {
        result.output = address.error().text();
        return result;
    }
    const auto socket = connect_loopback(clone, address->port, probe.timeout);
    if (!socket) {
        result.output = socket.error().text();
        return result;
    }
    if (http && !address->tls) {
        ask_http(*socket, *address, result);
        return result;
    }
    result.passed = true;
    result.output = http ? "connected; https itself is not asked in a clone" : "connected";
    return result;
}

}  // namespace

TrialResult ask_probe(host::Enclosure& clone, const model::HealthProbe& probe) {
    if (probe.kind != model::ProbeKind::Command) {
        return ask_network(clone, probe);
    }
    return run_trial(
        clone,
        Trial{.name = "probe " + probe.name, .argv = probe.argv, .user = {}, .run_folder = {}},
        probe.timeout);
}

}  // namespace thimble::rehearse
