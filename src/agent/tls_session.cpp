#include "thimble/agent/tls_session.hpp"

#include "thimble/agent/pinned_authority.hpp"
#include "thimble/host/file_access.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <string>
#include <utility>

namespace thimble::agent {
namespace {

using std::chrono::milliseconds;

struct FreeContext {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct FreeConnection {
    void operator()(SSL* connection) const { SSL_free(connection); }
};
struct FreeAddresses {
    void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};
using ContextPtr = std::unique_ptr<SSL_CTX, FreeContext>;
using ConnectionPtr = std::unique_ptr<SSL, FreeConnection>;
using AddressList = std::unique_ptr<addrinfo, FreeAddresses>;

constexpr const char* kEnded = "it has ended the connection";
constexpr std::size_t kMostAtOnce = std::size_t{1} << 20;

/// A wait is answered after a quarter of an hour only, and a way that has forgotten the connection says nothing: so the other
/// side is asked whether it is there, oftener than networks forget (350 s at most at some), and seldom enough to cost little.
constexpr int kAskedAfterSeconds = 300;
constexpr int kAskedAgainAfterSeconds = 15;
constexpr int kAskedTimes = 4;

/// Without it OpenSSL would ask the terminal for a password.
int refuse_password(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*user*/) {
    return -1;
}

Error no_answer(const std::string& why) {
    return failure(ErrorKind::Unavailable, "agent.no_answer", "the server does not answer: " + why);
}

/// @return whether the socket is ready before the deadline
bool wait_for(int socket, short events, Deadline deadline) {
    for (;;) {
        const auto left = std::chrono::ceil<milliseconds>(deadline - Deadline::clock::now());
        if (left.count() <= 0) {
            return false;
        }
        pollfd waiting{.fd = socket, .events = events, .revents = 0};
        const auto limit =
            std::min<milliseconds::rep>(left.count(), std::numeric_limits<int>::max());
        const int ready = ::poll(&waiting, 1, static_cast<int>(limit));
        if (ready > 0) {
            return true;
        }
        if (ready < 0 && errno != EINTR) {
            return false;
        }
    }
}

std::string text_of_errno(int number) {
    return std::generic_category().message(number);
}

Result<AddressList> addresses_of(const std::string& host, const std::string& port) {
    addrinfo wish{};
    wish.ai_family = AF_UNSPEC;
    wish.ai_socktype = SOCK_STREAM;
    wish.ai_flags = AI_NUMERICSERV;
    addrinfo* found = nullptr;
    // The resolver has time limits of its own (resolv.conf).
    const int failed = ::getaddrinfo(host.c_str(), port.c_str(), &wish, &found);
    if (failed != 0) {
        return no_answer(host + " has no address: " + ::gai_strerror(failed));
    }
    return AddressList(found);
}

/// What cannot be set is not: the connection is as good as any other.
void notice_when_dead(int socket) {
    const auto set = [socket](int level, int name, int value) {
        [[maybe_unused]] const int done = ::setsockopt(socket, level, name, &value, sizeof(value));
    };
    set(SOL_SOCKET, SO_KEEPALIVE, 1);
    set(IPPROTO_TCP, TCP_KEEPIDLE, kAskedAfterSeconds);
    set(IPPROTO_TCP, TCP_KEEPINTVL, kAskedAgainAfterSeconds);
    set(IPPROTO_TCP, TCP_KEEPCNT, kAskedTimes);
}

/// @error Unavailable, the reason alone
Result<host::Descriptor> connect_to(const addrinfo& address, Deadline deadline) {
    host::Descriptor socket(::socket(
        address.ai_family,
        address.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
        address.ai_protocol));
    if (socket.number() < 0) {
        return no_answer(text_of_errno(errno));
    }
    notice_when_dead(socket.number());
    if (::connect(socket.number(), address.ai_addr, address.ai_addrlen) == 0) {
        return socket;
    }
    if (errno != EINPROGRESS) {
        return no_answer(text_of_errno(errno));
    }
    if (!wait_for(socket.number(), POLLOUT, deadline)) {
        return no_answer("no connection in time");
    }
    int failed = 0;
    socklen_t size = sizeof(failed);
    if (::getsockopt(socket.number(), SOL_SOCKET, SO_ERROR, &failed, &size) != 0 || failed != 0) {
        return no_answer(text_of_errno(failed != 0 ? failed : errno));
    }
    return socket;
}

Result<host::Descriptor> connect_to(
    const std::string& host, const std::string& port, Deadline deadline) {
    THIMBLE_TRY(const AddressList list, addresses_of(host, port));
    Result<host::Descriptor> last = no_answer("it has no address");
    for (const addrinfo* each = list.get(); each != nullptr && !last; each = each->ai_next) {
        last = connect_to(*each, deadline);
    }
    return last;
}

Result<host::Descriptor> connect_to(const ServerAddress& address, Deadline deadline) {
    if (address.host != "localhost") {
        return connect_to(address.host, address.port, deadline);
    }
    // Whatever a file of hosts says of it (RFC 6761, section 6.3).
    auto socket = connect_to("::1", address.port, deadline);
    return socket ? std::move(socket) : connect_to("127.0.0.1", address.port, deadline);
}

/// The address of this end of a connection; empty: it cannot be told.
std::string own_address_of(int socket) {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    auto* const name = static_cast<sockaddr*>(static_cast<void*>(&storage));
    std::array<char, NI_MAXHOST> text{};
    const bool is_told = ::getsockname(socket, name, &size) == 0
        && ::getnameinfo(name, size, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) == 0;
    return is_told ? text.data() : "";
}

bool is_ip_address(const std::string& host) {
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    return ::inet_pton(AF_INET, host.c_str(), bytes.data()) == 1
        || ::inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

/// Whose certificate is expected.
bool expect(SSL* connection, std::string host) {
    X509_VERIFY_PARAM* wanted = SSL_get0_param(connection);
    if (is_ip_address(host)) {
        return X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str()) == 1;
    }
    X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    // As SSL_set_tlsext_host_name, which casts; the name is copied.
    return SSL_ctrl(
               connection, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, host.data())
        == 1
        && X509_VERIFY_PARAM_set1_host(wanted, host.c_str(), host.size()) == 1;
}

/// The server says, in an alert, that it does not take the certificate of this host.
bool is_about_our_certificate(unsigned long code) {
    if (ERR_GET_LIB(code) != ERR_LIB_SSL) {
        return false;
    }
    switch (ERR_GET_REASON(code)) {
        case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
        case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
        case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
        case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
        case SSL_R_TLSV1_ALERT_UNKNOWN_CA: return true;
        default: return false;
    }
}

Error error_of(const SSL* connection) {
    const unsigned long code = ERR_peek_last_error();
    ERR_clear_error();
    if (const long verified = SSL_get_verify_result(connection); verified != X509_V_OK) {
        return failure(
            ErrorKind::Denied,
            "agent.not_authentic",
            std::string("what answers is not the server: ")
                + X509_verify_cert_error_string(verified));
    }
    const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
    if (is_about_our_certificate(code)) {
        return failure(
            ErrorKind::Denied,
            "agent.certificate_refused",
            std::string("the server does not take the certificate of this host (")
                + (reason == nullptr ? "" : reason)
                + "): if it has ended, enrol this host again: thimble-agent enrol URL TOKEN");
    }
    return no_answer(
        reason != nullptr ? reason
            : errno != 0  ? text_of_errno(errno)
                          : "the connection broke");
}

}  // namespace

struct TlsIdentity::Context {
    ContextPtr context;
};

TlsIdentity::TlsIdentity(std::unique_ptr<Context> context) : context_(std::move(context)) {}
TlsIdentity::TlsIdentity(TlsIdentity&& other) noexcept = default;
TlsIdentity& TlsIdentity::operator=(TlsIdentity&& other) noexcept = default;
TlsIdentity::~TlsIdentity() = default;

Result<TlsIdentity> TlsIdentity::load(const Trust& trust) {
    auto held = std::make_unique<Context>();
    held->context = ContextPtr(SSL_CTX_new(TLS_client_method()));
    SSL_CTX* context = held->context.get();
    THIMBLE_CHECK(
        context != nullptr && SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_default_passwd_cb(context, refuse_password);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    // Where an answer ends its length tells.
    SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(
        context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_AUTO_RETRY);
    const bool is_enrolled = !trust.authority.empty();
    if (!is_enrolled) {
        pin_authority(context, trust.pinned_authority);
    } else if (
        SSL_CTX_load_verify_file(context, trust.authority.c_str()) != 1
        || SSL_CTX_use_certificate_chain_file(context, trust.certificate.c_str()) != 1
        || SSL_CTX_use_PrivateKey_file(context, trust.key.c_str(), SSL_FILETYPE_PEM) != 1) {
        ERR_clear_error();
        return failure(
            ErrorKind::Corrupt,
            "agent.bad_identity",
            "the host's key or certificate in " + trust.key.parent_path().string()
                + " cannot be used; enrol this host again: thimble-agent enrol URL TOKEN");
    }
    return TlsIdentity(std::move(held));
}

struct TlsSession::Session {
    host::Descriptor socket;
    std::string own_address;
    ConnectionPtr connection;

    /// Why it cannot be written any more: a server that does not take our certificate says so after the handshake, and hangs up.
    [[nodiscard]] Error last_word(Error error) const {
        char byte = 0;
        ERR_clear_error();
        if (SSL_read(connection.get(), &byte, 1) <= 0
            && is_about_our_certificate(ERR_peek_last_error())) {
            return error_of(connection.get());
        }
        return error;
    }

    /// Until the call has done what it should, has failed, or time is up.
    /// @return what the call gave; 0: the other side has ended
    template <class Call>
    Result<int> carry_through(Deadline deadline, Call call) {
        for (;;) {
            errno = 0;
            ERR_clear_error();
            const int done = call(connection.get());
            if (done > 0) {
                return done;
            }
            const int wants = SSL_get_error(connection.get(), done);
            if (wants == SSL_ERROR_ZERO_RETURN) {
                return 0;
            }
            if (wants != SSL_ERROR_WANT_READ && wants != SSL_ERROR_WANT_WRITE) {
                return error_of(connection.get());
            }
            const short events = wants == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
            if (!wait_for(socket.number(), events, deadline)) {
                return no_answer("no whole answer in time");
            }
        }
    }
};

TlsSession::TlsSession(std::unique_ptr<Session> session) : session_(std::move(session)) {}
TlsSession::TlsSession(TlsSession&& other) noexcept = default;
TlsSession& TlsSession::operator=(TlsSession&& other) noexcept = default;
TlsSession::~TlsSession() = default;

Result<TlsSession> TlsSession::open(
    const ServerAddress& address, const TlsIdentity& identity, Deadline deadline) {
    auto session = std::make_unique<Session>();
    THIMBLE_TRY(session->socket, connect_to(address, deadline));
    session->own_address = own_address_of(session->socket.number());
    session->connection = ConnectionPtr(SSL_new(identity.context_->context.get()));
    SSL* connection = session->connection.get();
    THIMBLE_CHECK(
        connection != nullptr && SSL_set_fd(connection, session->socket.number()) == 1
        && expect(connection, address.host));
    THIMBLE_TRY(const int shaken, session->carry_through(deadline, SSL_connect));
    if (shaken <= 0) {
        return no_answer(kEnded);
    }
    return TlsSession(std::move(session));
}

const std::string& TlsSession::own_address() const {
    return session_->own_address;
}

Result<void> TlsSession::send(std::string_view bytes, Deadline deadline) {
    while (!bytes.empty()) {
        const int size = static_cast<int>(std::min(bytes.size(), kMostAtOnce));
        const auto sent = session_->carry_through(
            deadline, [&](SSL* connection) { return SSL_write(connection, bytes.data(), size); });
        if (!sent || *sent <= 0) {
            return session_->last_word(sent ? no_answer(kEnded) : sent.error());
        }
        bytes.remove_prefix(static_cast<std::size_t>(*sent));
    }
    return {};
}

Result<std::size_t> TlsSession::receive(std::span<char> block, Deadline deadline) {
    const int size = static_cast<int>(std::min(block.size(), kMostAtOnce));
    THIMBLE_TRY(const int received, session_->carry_through(deadline, [&](SSL* connection) {
        return SSL_read(connection, block.data(), size);
    }));
    return static_cast<std::size_t>(received);
}

}  // namespace thimble::agent
