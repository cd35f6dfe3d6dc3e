#pragma once
/// @file For tests: a web server on 127.0.0.1 that answers exactly what a test tells it to.

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace thimble::feeds {

/// One request as it came: "GET", the path, and the headers with names in lower case.
struct TestRequest {
    std::string method;
    std::string path;
    std::map<std::string, std::string> headers;
};

/// Bytes to send, then what to do with the connection.
struct TestResponse {
    std::string bytes;
    bool stall = false;  ///< keep the connection open and silent until the server goes away
};

/// "HTTP/1.1 200 OK" with these header lines and this body.
TestResponse http_response(
    const std::string& status, const std::vector<std::string>& headers, const std::string& body);

/// Answers one request per connection, from one thread.
class TestServer {
public:
    using Answer = std::function<TestResponse(const TestRequest&)>;

    explicit TestServer(Answer answer);
    TestServer(const TestServer&) = delete;
    TestServer& operator=(const TestServer&) = delete;
    TestServer(TestServer&&) = delete;
    TestServer& operator=(TestServer&&) = delete;
    ~TestServer();

    /// "http://127.0.0.1:port" and `path`.
    [[nodiscard]] std::string address(const std::string& path) const;
    /// Everything that was asked so far.
    [[nodiscard]] std::vector<TestRequest> requests() const;

private:
    void serve();
    void answer_one(int connection);

    Answer answer_;
    int listener_ = -1;
    std::uint16_t port_ = 0;
    mutable std::mutex mutex_;
    std::vector<TestRequest> requests_;
    std::vector<int> stalled_;  // only the serving thread's
    std::thread thread_;
};

}  // namespace thimble::feeds
