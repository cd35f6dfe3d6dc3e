#include "crowd.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace thimble::loadgen {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
using Handler = std::function<void(const CrowdEvent&)>;

constexpr std::size_t kPiece = 16U << 10U;

/// The connection of one agent.
struct Line {
    int socket = -1;
    std::unique_ptr<SSL, decltype(&SSL_free)> tls{nullptr, SSL_free};
    bool is_open = false;     ///< the handshake is over
    std::string out;          ///< what is not written yet
    std::string in;           ///< what was read of an answer
    std::uint32_t waits = 0;  ///< what epoll was told
};

std::size_t length_of(std::string_view head) {
    static constexpr std::string_view kName = "Content-Length: ";
    const std::size_t at = head.find(kName);
    std::size_t length = 0;
    if (at != std::string_view::npos) {
        const std::string_view text = head.substr(at + kName.size());
        std::from_chars(text.data(), text.data() + text.size(), length);
    }
    return length;
}

Bio reader_of(const std::string& text) {
    return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free};
}

/// Shows a certificate on a connection that is not made yet.
void show_certificate(SSL* tls, const std::string& certificate, const std::string& key) {
    const std::unique_ptr<X509, decltype(&X509_free)> shown(
        PEM_read_bio_X509(reader_of(certificate).get(), nullptr, nullptr, nullptr), X509_free);
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> own(
        PEM_read_bio_PrivateKey(reader_of(key).get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
    THIMBLE_CHECK(shown && own);
    THIMBLE_CHECK(SSL_use_certificate(tls, shown.get()) == 1);
    THIMBLE_CHECK(SSL_use_PrivateKey(tls, own.get()) == 1);
}

}  // namespace

struct Crowd::State {
    Context context{SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
    sockaddr_in address{};
    int poll = -1;
    std::vector<Line> lines;

    void watch(std::size_t agent, std::uint32_t waits) {
        Line& line = lines[agent];
        if (waits == line.waits) {
            return;
        }
        epoll_event event{};
        event.events = waits;
        event.data.u64 = agent;
        ::epoll_ctl(poll, line.waits == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, line.socket, &event);
        line.waits = waits;
    }

    void close(std::size_t agent) {
        Line& line = lines[agent];
        if (line.socket >= 0) {
            ::close(line.socket);
        }
        line = Line();
    }

    void lose(std::size_t agent, const std::string& why, const Handler& handler) {
        ERR_clear_error();
        close(agent);
        handler({CrowdEvent::Kind::Lost, agent, 0, why});
    }

    /// What OpenSSL waits for; false: the connection is over.
    bool wait_for(std::size_t agent, int outcome) {
        switch (SSL_get_error(lines[agent].tls.get(), outcome)) {
            case SSL_ERROR_WANT_READ: watch(agent, EPOLLIN); return true;
            case SSL_ERROR_WANT_WRITE: watch(agent, EPOLLIN | EPOLLOUT); return true;
            default: return false;
        }
    }

    void go_on(std::size_t agent, const Handler& handler) {
        Line& line = lines[agent];
        if (line.socket < 0) {
            return;
        }
        if (!line.is_open) {
            const int done = SSL_do_handshake(line.tls.get());
            if (done != 1) {
                if (!wait_for(agent, done)) {
                    lose(agent, "the handshake failed", handler);
                }
                return;
            }
            line.is_open = true;
            watch(agent, EPOLLIN);
            handler({CrowdEvent::Kind::Connected, agent, 0, {}});
            return;
        }
        if (!write(agent)) {
            lose(agent, "it ended while something was written", handler);
            return;
        }
        read(agent, handler);
    }

    bool write(std::size_t agent) {
        Line& line = lines[agent];
        while (!line.out.empty()) {
            const int done =
                SSL_write(line.tls.get(), line.out.data(), static_cast<int>(line.out.size()));
            if (done <= 0) {
                return wait_for(agent, done);
            }
            line.out.erase(0, static_cast<std::size_t>(done));
        }
        watch(agent, EPOLLIN);
        return true;
    }

    void read(std::size_t agent, const Handler& handler) {
        Line& line = lines[agent];
        std::array<char, kPiece> piece{};
        for (;;) {
            const int got = SSL_read(line.tls.get(), piece.data(), static_cast<int>(piece.size()));
            if (got <= 0) {
                if (!wait_for(agent, got)) {
                    lose(agent, "the server ended it", handler);
                }
                return;
            }
            line.in.append(piece.data(), static_cast<std::size_t>(got));
            const std::size_t head = line.in.find("\r\n\r\n");
            if (head == std::string::npos) {
                continue;
            }
            const std::size_t body = head + 4;
            if (line.in.size() < body + length_of(std::string_view(line.in).substr(0, body))) {
                continue;
            }
            unsigned status = 0;
            std::from_chars(line.in.data() + 9, line.in.data() + 12, status);
            const std::string whole = std::exchange(line.in, {});
            handler(
                {CrowdEvent::Kind::Answered, agent, status, std::string_view(whole).substr(body)});
            return;
        }
    }
};

Crowd::Crowd(std::unique_ptr<State> state) : state_(std::move(state)) {}
Crowd::Crowd(Crowd&& other) noexcept = default;
Crowd::~Crowd() {
    if (!state_) {
        return;
    }
    for (std::size_t agent = 0; agent < state_->lines.size(); ++agent) {
        state_->close(agent);
    }
    ::close(state_->poll);
}

Result<Crowd> Crowd::of(const ServerAddress& server, std::size_t agents) {
    auto state = std::make_unique<State>();
    state->address.sin_family = AF_INET;
    state->address.sin_port = htons(server.port);
    if (::inet_pton(AF_INET, server.host.c_str(), &state->address.sin_addr) != 1) {
        return failure(ErrorKind::Invalid, "loadgen.address", server.host + " is no IPv4 address");
    }
    if (SSL_CTX_load_verify_file(state->context.get(), server.authority.c_str()) != 1) {
        return failure(
            ErrorKind::Unavailable, "loadgen.authority", server.authority + " cannot be read");
    }
    SSL_CTX_set_verify(state->context.get(), SSL_VERIFY_PEER, nullptr);
    // A connection that waits for the server holds no buffers: there are thousands of them.
    SSL_CTX_set_mode(state->context.get(), SSL_MODE_RELEASE_BUFFERS);
    state->poll = ::epoll_create1(EPOLL_CLOEXEC);
    state->lines.resize(agents);
    return Crowd(std::move(state));
}

void Crowd::connect(std::size_t agent, const std::string& certificate, const std::string& key) {
    hang_up(agent);
    Line& line = state_->lines[agent];
    line.socket = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    THIMBLE_CHECK(line.socket >= 0);
    const int on = 1;
    ::setsockopt(line.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    sockaddr plain{};
    std::memcpy(&plain, &state_->address, sizeof(plain));
    (void)!::connect(line.socket, &plain, sizeof(plain));
    line.tls.reset(SSL_new(state_->context.get()));
    SSL_set_fd(line.tls.get(), line.socket);
    SSL_set_connect_state(line.tls.get());
    if (!certificate.empty()) {
        show_certificate(line.tls.get(), certificate, key);
    }
    state_->watch(agent, EPOLLIN | EPOLLOUT);
}

void Crowd::ask(std::size_t agent, std::string request) {
    state_->lines[agent].out = std::move(request);
    if (!state_->write(agent)) {
        // The next wait finds the end of it.
        state_->watch(agent, EPOLLIN | EPOLLOUT);
    }
}

void Crowd::hang_up(std::size_t agent) {
    state_->close(agent);
}

void Crowd::wait(int milliseconds, const Handler& handler) {
    std::array<epoll_event, 256> events{};
    const int count =
        ::epoll_wait(state_->poll, events.data(), static_cast<int>(events.size()), milliseconds);
    for (int at = 0; at < count; ++at) {
        state_->go_on(events.at(static_cast<std::size_t>(at)).data.u64, handler);
    }
}

std::string request_text(
    std::string_view method, std::string_view path, std::string_view type, std::string_view body) {
    // What libcurl sends for thimble-agent.
    return fmt::format(
        "{} {} HTTP/1.1\r\nHost: server.example:8443\r\nUser-Agent: thimble-agent/0.1.0\r\n"
        "Accept: */*\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n{}",
        method,
        path,
        type,
        body.size(),
        body);
}

}  // namespace thimble::loadgen
