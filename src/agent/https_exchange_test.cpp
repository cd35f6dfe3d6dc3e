#include "thimble/agent/https_exchange.hpp"

#include "thimble/host/file_access.hpp"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <future>
#include <string>

namespace thimble::agent {
namespace {

/// Somebody on the loopback interface who speaks TLS with nobody.
class Refuser {
public:
    Refuser() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
        auto* const plain = static_cast<sockaddr*>(static_cast<void*>(&address));
        socklen_t size = sizeof(address);
        EXPECT_EQ(::bind(listener_.number(), plain, size), 0);
        EXPECT_EQ(::listen(listener_.number(), 1), 0);
        // Nobody is waited for without end who does not come.
        constexpr timeval kMost{.tv_sec = 20, .tv_usec = 0};
        EXPECT_EQ(
            ::setsockopt(listener_.number(), SOL_SOCKET, SO_RCVTIMEO, &kMost, sizeof(kMost)), 0);
        EXPECT_EQ(::getsockname(listener_.number(), plain, &size), 0);
        url_ = "https://127.0.0.1:" + std::to_string(::ntohs(address.sin_port));
    }
    [[nodiscard]] const std::string& url() const { return url_; }

    /// Whoever comes is told handshake_failure. @source RFC 8446, sections 5.1 and 6
    void refuse_one() const {
        constexpr std::array<unsigned char, 7> kAlert{0x15, 3, 3, 0, 2, 2, 40};
        const host::Descriptor peer(::accept4(listener_.number(), nullptr, nullptr, SOCK_CLOEXEC));
        std::array<char, 4096> heard{};
        EXPECT_GT(::recv(peer.number(), heard.data(), heard.size(), 0), 0);
        EXPECT_EQ(::send(peer.number(), kAlert.data(), kAlert.size(), MSG_NOSIGNAL), 7);
        while (::recv(peer.number(), heard.data(), heard.size(), 0) > 0) {}
    }

private:
    host::Descriptor listener_;
    std::string url_;
};

}  // namespace

TEST(HttpsExchange, WhoIsPinnedNeedsNoAuthorityOfTheMachine) {
    const Refuser refuser;
    const std::string authority(64, 'a');
    const CurlHandle handle = make_https_handle();
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): curl's interface
    curl_easy_setopt(handle.get(), CURLOPT_CAINFO, "/nonexistent");
    pin_to(handle.get(), authority);

    auto asked = std::async(std::launch::async, [&] {
        return exchange(
            handle.get(),
            {.method = "GET", .url = refuser.url(), .headers = {}, .most_bytes = 1, .room = "test"},
            "");
    });
    refuser.refuse_one();
    const auto answer = asked.get();
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().code, "test.no_answer");
    EXPECT_FALSE(answer.error().message.contains("/nonexistent")) << answer.error().message;
}

}  // namespace thimble::agent
