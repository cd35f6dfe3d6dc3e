#include "thimble/shield/http_ask.hpp"

#include "thimble/base/lines.hpp"
#include "thimble/shield/reach.hpp"
#include "thimble/shield/web_rules.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

namespace thimble::shield {
namespace {

constexpr std::chrono::seconds kPatience{5};
constexpr std::size_t kMostAnswer = 4096;

Error no_answer(const AskedService& service) {
    return failure(
        ErrorKind::Unavailable,
        "shield.no_answer",
        service.address + " does not answer on port " + std::to_string(service.port));
}

bool is_ready(int socket, short events, std::chrono::steady_clock::time_point until) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    pollfd wait{socket, events, 0};
    return left.count() > 0 && ::poll(&wait, 1, static_cast<int>(left.count())) == 1;
}

bool send_all(int socket, std::string_view bytes, std::chrono::steady_clock::time_point until) {
    while (!bytes.empty()) {
        if (!is_ready(socket, POLLOUT, until)) {
            return false;
        }
        const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

}  // namespace

std::string request_bytes(
    const mitigate::RequestSample& sample, std::string_view host, std::string_view mark) {
    const auto has = [&](std::string_view name) {
        return std::ranges::any_of(sample.headers, [&](const mitigate::SampleHeader& header) {
            return mitigate::is_header(header.first, name);
        });
    };
    std::string text = sample.method + " " + sample.target + " HTTP/1.1\r\n";
    if (!has("Host")) {
        text.append("Host: ").append(host).append("\r\n");
    }
    text.append(kMarkHeader).append(": ").append(mark).append("\r\nConnection: close\r\n");
    for (const auto& [name, value] : sample.headers) {
        text.append(name).append(": ").append(value).append("\r\n");
    }
    if (!sample.body.empty() && !has("Content-Length") && !has("Transfer-Encoding")) {
        text += "Content-Length: " + std::to_string(sample.body.size()) + "\r\n";
    }
    return text + "\r\n" + sample.body;
}

int status_in(std::string_view answer) {
    constexpr std::size_t kAt = 9;  // behind "HTTP/1.1 "
    constexpr std::size_t kDigits = 3;
    if (!answer.starts_with("HTTP/1.") || answer.size() < kAt + kDigits) {
        return 0;
    }
    return number_in<int>(answer.substr(kAt, kDigits)).value_or(0);
}

Result<int> ask_service(
    const AskedService& service, const mitigate::RequestSample& sample, std::string_view mark) {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    THIMBLE_TRY(const host::Descriptor socket, connected_socket(service.address, service.port));
    const std::string bytes = request_bytes(sample, service.host, mark);
    std::string answer;
    // A server may refuse what it has not read to the end, so that a failed send is no missing answer.
    static_cast<void>(send_all(socket.number(), bytes, until));
    std::array<char, kMostAnswer> block{};
    while (status_in(answer) == 0 && answer.size() < kMostAnswer
           && is_ready(socket.number(), POLLIN, until)) {
        const ssize_t count = ::recv(socket.number(), block.data(), block.size(), 0);
        if (count <= 0) {
            break;
        }
        answer.append(block.data(), static_cast<std::size_t>(count));
    }
    const int status = status_in(answer);
    if (status == 0) {
        return no_answer(service);
    }
    return status;
}

}  // namespace thimble::shield
