#include "thimble/feeds/test_server.hpp"

#include "thimble/base/result.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <sstream>
#include <utility>

namespace thimble::feeds {
namespace {

sockaddr* generic(sockaddr_in& address) {
    return static_cast<sockaddr*>(static_cast<void*>(&address));
}

TestRequest parse_request(const std::string& head) {
    TestRequest request;
    std::istringstream lines(head);
    lines >> request.method >> request.path;
    std::string line;
    std::getline(lines, line);
    while (std::getline(lines, line) && line != "\r") {
        const std::size_t colon = line.find(':');
        if (colon == std::string::npos) {
            continue;
        }
        std::string name = line.substr(0, colon);
        std::ranges::transform(
            name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        const std::size_t begin = line.find_first_not_of(' ', colon + 1);
        request.headers[name] = line.substr(begin, line.find_last_not_of('\r') - begin + 1);
    }
    return request;
}

}  // namespace

TestResponse http_response(
    const std::string& status, const std::vector<std::string>& headers, const std::string& body) {
    std::string bytes = "HTTP/1.1 " + status + "\r\nConnection: close\r\n";
    for (const std::string& header : headers) {
        bytes += header + "\r\n";
    }
    const bool has_length = std::ranges::any_of(
        headers, [](const auto& header) { return header.starts_with("Content-Length"); });
    if (!has_length) {
        bytes += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    }
    return {bytes + "\r\n" + body, false};
}

TestServer::TestServer(Answer answer)
    : answer_(std::move(answer)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    THIMBLE_CHECK(::bind(listener_, generic(address), sizeof(address)) == 0);
    THIMBLE_CHECK(::listen(listener_, 16) == 0);
    THIMBLE_CHECK(::getsockname(listener_, generic(address), &length) == 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
}

TestServer::~TestServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    for (const int connection : stalled_) {
        ::close(connection);
    }
    ::close(listener_);
}

std::string TestServer::address(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
}

std::vector<TestRequest> TestServer::requests() const {
    const std::scoped_lock lock(mutex_);
    return requests_;
}

void TestServer::serve() {
    for (;;) {
        const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (connection < 0) {
            return;
        }
        answer_one(connection);
    }
}

void TestServer::answer_one(int connection) {
    std::string head;
    std::array<char, 4096> block{};
    while (!head.contains("\r\n\r\n")) {
        const ssize_t got = ::recv(connection, block.data(), block.size(), 0);
        if (got <= 0) {
            break;
        }
        head.append(block.data(), static_cast<std::size_t>(got));
    }
    const TestRequest request = parse_request(head);
    {
        const std::scoped_lock lock(mutex_);
        requests_.push_back(request);
    }
    const TestResponse response = answer_(request);
    std::size_t sent = 0;
    while (sent < response.bytes.size()) {
        const ssize_t count = ::send(
            connection, response.bytes.data() + sent, response.bytes.size() - sent, MSG_NOSIGNAL);
        if (count <= 0) {
            break;
        }
        sent += static_cast<std::size_t>(count);
    }
    if (response.stall) {
        stalled_.push_back(connection);
        return;
    }
    ::close(connection);
}

}  // namespace thimble::feeds
