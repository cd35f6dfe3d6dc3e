#include "thimble/agent/server_connection.hpp"

#include "thimble/agent/error_of_status.hpp"
#include "thimble/agent/http_answer.hpp"
#include "thimble/agent/tls_session.hpp"
#include "thimble/protocol/messages.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <utility>

namespace thimble::agent {
namespace {

constexpr std::chrono::seconds kConnectTime{10};
/// A connection that the server has ended shows that so soon.
constexpr std::chrono::seconds kStaleShows{5};
constexpr std::size_t kBlockBytes = std::size_t{16} << 10;
constexpr int kOk = 200;
constexpr int kAboveOk = 300;

/// @param own_address  of this host, which tells the server whether something in between lends it another one
std::string head_of(
    const Request& request, const ServerAddress& address, const std::string& own_address) {
    std::string head =
        request.method + " " + request.path + " HTTP/1.1\r\nHost: " + host_field(address) + "\r\n";
    if (!own_address.empty()) {
        head += std::string(protocol::kOwnAddressHeader) + ": " + own_address + "\r\n";
    }
    if (request.method != "GET") {
        head += "Content-Type: " + request.content_type
            + "\r\nContent-Length: " + std::to_string(request.body.size()) + "\r\n";
    }
    return head + "\r\n";
}

/// How far a request came that failed.
struct Progress {
    bool has_answer_begun = false;
};

/// The next bytes; who watches looks up now and then.
/// @error Conflict "agent.given_up"
Result<std::size_t> receive(
    TlsSession& session, std::span<char> block, const Watch& watch, Deadline deadline) {
    for (;;) {
        const Deadline look =
            watch.goes_on ? std::min(deadline, Deadline::clock::now() + watch.every) : deadline;
        auto size = session.receive(block, look);
        const bool is_look = !size && look < deadline && Deadline::clock::now() >= look;
        if (!is_look) {
            return size;
        }
        if (!watch.goes_on()) {
            return failure(ErrorKind::Conflict, "agent.given_up", "there is something to tell");
        }
    }
}

Result<HttpAnswer> exchange(
    TlsSession& session,
    const std::string& head,
    const Request& request,
    Deadline deadline,
    Progress& progress) {
    const std::string& body = request.body;
    const bool is_small = body.size() <= kBlockBytes;
    THIMBLE_TRY(session.send(is_small ? head + body : head, deadline));
    THIMBLE_TRY(session.send(is_small ? std::string_view() : body, deadline));
    std::string received;
    std::array<char, kBlockBytes> block{};
    for (;;) {
        THIMBLE_TRY(const std::size_t size, receive(session, block, request.watch, deadline));
        if (size == 0) {
            return failure(
                ErrorKind::Unavailable,
                "agent.no_answer",
                "the server does not answer: it has ended the connection");
        }
        progress.has_answer_begun = true;
        received.append(block.data(), size);
        THIMBLE_TRY(auto answer, parse_http_answer(received, protocol::kMaxMessageBytes));
        if (answer) {
            return *std::move(answer);
        }
    }
}

}  // namespace

struct ServerConnection::Session {
    ServerAddress address;
    Trust trust;
    std::unique_ptr<TlsIdentity> identity;
    std::unique_ptr<TlsSession> tls;

    Result<void> connect(Deadline deadline) {
        if (!identity) {
            THIMBLE_TRY(TlsIdentity loaded, TlsIdentity::load(trust));
            identity = std::make_unique<TlsIdentity>(std::move(loaded));
        }
        const Deadline soon = std::min(deadline, Deadline::clock::now() + kConnectTime);
        THIMBLE_TRY(TlsSession opened, TlsSession::open(address, *identity, soon));
        tls = std::make_unique<TlsSession>(std::move(opened));
        return {};
    }
};

ServerConnection::ServerConnection(std::unique_ptr<Session> session)
    : session_(std::move(session)) {}
ServerConnection::ServerConnection(ServerConnection&& other) noexcept = default;
ServerConnection& ServerConnection::operator=(ServerConnection&& other) noexcept = default;
ServerConnection::~ServerConnection() = default;

Result<ServerConnection> ServerConnection::open(const std::string& url, Trust trust) {
    auto session = std::make_unique<Session>();
    THIMBLE_TRY(session->address, parse_server_address(url));
    session->trust = std::move(trust);
    return ServerConnection(std::move(session));
}

void ServerConnection::reconnect() {
    session_->tls.reset();
    session_->identity.reset();
}

Result<std::string> ServerConnection::ask(const Request& request) {
    const Deadline begun = Deadline::clock::now();
    const Deadline deadline = begun + request.timeout;
    for (;;) {
        const bool was_open = session_->tls != nullptr;
        if (!was_open) {
            THIMBLE_TRY(session_->connect(deadline));
        }
        const std::string head = head_of(request, session_->address, session_->tls->own_address());
        Progress progress;
        auto answer = exchange(*session_->tls, head, request, deadline, progress);
        if (!answer || answer->is_last) {
            session_->tls.reset();
        }
        // The server ends connections that were silent for long; it has not seen the request then.
        const bool is_over = answer || !was_open || progress.has_answer_begun
            || answer.error().kind != ErrorKind::Unavailable
            || Deadline::clock::now() >= begun + kStaleShows;
        if (!is_over) {
            continue;
        }
        THIMBLE_TRY(const HttpAnswer whole, std::move(answer));
        if (whole.status < kOk || whole.status >= kAboveOk) {
            return error_of_status(whole.status, whole.body, "agent");
        }
        return whole.body;
    }
}

}  // namespace thimble::agent
