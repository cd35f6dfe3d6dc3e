// Who opens many connections, or sends slowly, shuts no others out.
#include "thimble/cli/running_server_test.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

namespace thimble::cli {
namespace {

std::uint16_t port_of(const RunningServer& server) {
    const std::string& address = server.address();
    return static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
}

/// A TCP connection from an address of the loopback interface.
class TestSocket {
public:
    TestSocket(const char* from, std::uint16_t port)
        : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        const sockaddr own = address_of(from, 0);
        const sockaddr server = address_of("127.0.0.1", port);
        EXPECT_EQ(::bind(socket_, &own, sizeof(own)), 0);
        EXPECT_EQ(::connect(socket_, &server, sizeof(server)), 0);
    }
    TestSocket(TestSocket&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}
    TestSocket(const TestSocket&) = delete;
    TestSocket& operator=(const TestSocket&) = delete;
    TestSocket& operator=(TestSocket&&) = delete;
    ~TestSocket() {
        if (socket_ >= 0) {
            ::close(socket_);
        }
    }
    [[nodiscard]] int number() const { return socket_; }
    /// Whether the server ended it.
    [[nodiscard]] bool is_over() const {
        char byte = 0;
        return ::recv(socket_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
    }

private:
    static sockaddr address_of(const char* text, std::uint16_t port) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        ::inet_pton(AF_INET, text, &address.sin_addr);
        sockaddr plain{};
        std::memcpy(&plain, &address, sizeof(plain));
        return plain;
    }
    int socket_;
};

/// A connection of a host on which nothing happens but what the test does.
class TestTls {
public:
    TestTls(const RunningServer& server, const std::filesystem::path& identity)
        : socket_("127.0.0.1", port_of(server)),
          context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free),
          tls_(nullptr, SSL_free) {
        std::signal(SIGPIPE, SIG_IGN);  // writing to a connection that the server has ended
        SSL_CTX_use_certificate_file(
            context_.get(), (identity / "host.crt").c_str(), SSL_FILETYPE_PEM);
        SSL_CTX_use_PrivateKey_file(
            context_.get(), (identity / "host.key").c_str(), SSL_FILETYPE_PEM);
        tls_.reset(SSL_new(context_.get()));
        SSL_set_fd(tls_.get(), socket_.number());
        EXPECT_EQ(SSL_connect(tls_.get()), 1);
    }

    /// Begins to send a large body and stops before it; @return the line that the server answers
    [[nodiscard]] std::string begin_document() {
        const std::string head = "PUT /agent/v1/documents/" + std::string(64, 'a')
            + " HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\nExpect: 100-continue\r\n\r\n";
        SSL_write(tls_.get(), head.data(), static_cast<int>(head.size()));
        std::string answer;
        for (char c = 0; SSL_read(tls_.get(), &c, 1) == 1 && c != '\r';) {
            answer += c;
        }
        return answer;
    }
    /// Whether a request is answered at all.
    [[nodiscard]] bool is_answered() {
        const std::string head = "GET /api/v1/health HTTP/1.1\r\nHost: x\r\n\r\n";
        SSL_write(tls_.get(), head.data(), static_cast<int>(head.size()));
        char byte = 0;
        return SSL_read(tls_.get(), &byte, 1) == 1;
    }

private:
    TestSocket socket_;
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
    std::unique_ptr<SSL, decltype(&SSL_free)> tls_;
};

/// A server with two hosts.
struct Hosts {
    ScratchFolder folder;
    RunningServer server{folder / "data"};
    std::filesystem::path first = folder / "first";
    std::filesystem::path second = folder / "second";

    Hosts() {
        server.let_admin_in();
        const std::string token = make_enrolment_token(server, true);
        enrol_host(server, token, first);
        enrol_host(server, token, second);
    }
};

}  // namespace

TEST(Connections, OneAddressThatOpensManyShutsNoOthersOut) {
    const ScratchFolder folder;
    const RunningServer server(folder / "data");
    std::vector<TestSocket> many;
    many.reserve(300);
    for (int opened = 0; opened < 300; ++opened) {
        many.emplace_back("127.0.0.2", port_of(server));
    }

    // Accepted in order: when this one is answered, all of those were looked at.
    EXPECT_EQ(server.ask({"GET", "/api/v1/health"}).status, 200);

    EXPECT_EQ(std::ranges::count_if(many, &TestSocket::is_over), 300 - 256);
    many.clear();
    const TestSocket again("127.0.0.2", port_of(server));
    EXPECT_EQ(server.ask({"GET", "/api/v1/health"}).status, 200);
    EXPECT_FALSE(again.is_over());
}

TEST(Connections, OneHostThatOpensManyShutsNoOthersOut) {
    const Hosts hosts;
    std::vector<std::unique_ptr<TestTls>> many;
    for (int opened = 0; opened < 16; ++opened) {
        many.push_back(std::make_unique<TestTls>(hosts.server, hosts.first));
        EXPECT_TRUE(many.back()->is_answered());
    }

    TestTls one_more(hosts.server, hosts.first);

    EXPECT_FALSE(one_more.is_answered());
    EXPECT_TRUE(TestTls(hosts.server, hosts.second).is_answered());
    EXPECT_TRUE(many.front()->is_answered());
}

TEST(Bodies, OneHostThatSendsSlowlyShutsNoOthersOut) {
    const Hosts hosts;
    TestTls first(hosts.server, hosts.first);
    TestTls second(hosts.server, hosts.first);
    TestTls third(hosts.server, hosts.first);
    TestTls other(hosts.server, hosts.second);

    EXPECT_EQ(first.begin_document(), "HTTP/1.1 100 Continue");
    EXPECT_EQ(second.begin_document(), "HTTP/1.1 100 Continue");
    EXPECT_EQ(third.begin_document(), "HTTP/1.1 503 Service Unavailable");
    EXPECT_EQ(other.begin_document(), "HTTP/1.1 100 Continue");
}

}  // namespace thimble::cli
