#pragma once
/// @file One TLS connection to a server, with a limit on the time of everything.

#include "thimble/agent/server_address.hpp"
#include "thimble/agent/server_connection.hpp"
#include "thimble/base/result.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace thimble::agent {

/// When a request has failed.
using Deadline = std::chrono::steady_clock::time_point;

/// Whom a connection believes and who it is, read from files once.
class TlsIdentity {
public:
    /// @param trust  lives as long as this
    /// @error Corrupt "agent.bad_identity"  a file is missing or holds something else
    static Result<TlsIdentity> load(const Trust& trust);

    TlsIdentity(TlsIdentity&& other) noexcept;
    TlsIdentity& operator=(TlsIdentity&& other) noexcept;
    TlsIdentity(const TlsIdentity&) = delete;
    TlsIdentity& operator=(const TlsIdentity&) = delete;
    ~TlsIdentity();

private:
    friend class TlsSession;
    struct Context;
    explicit TlsIdentity(std::unique_ptr<Context> context);
    std::unique_ptr<Context> context_;
};

/// Not for use by two threads. Writing to one that the server has left raises SIGPIPE: ignore it.
class TlsSession {
public:
    /// Connects and shakes hands; the names of the server's certificate are checked.
    /// @error Unavailable "agent.no_answer"; Denied "agent.not_authentic", "agent.certificate_refused"
    static Result<TlsSession> open(
        const ServerAddress& address, const TlsIdentity& identity, Deadline deadline);

    TlsSession(TlsSession&& other) noexcept;
    TlsSession& operator=(TlsSession&& other) noexcept;
    TlsSession(const TlsSession&) = delete;
    TlsSession& operator=(const TlsSession&) = delete;
    ~TlsSession();

    /// @error as open
    Result<void> send(std::string_view bytes, Deadline deadline);

    /// The address of this host on the connection; empty: it has none that can be written.
    [[nodiscard]] const std::string& own_address() const;

    /// @return how many bytes came; 0: the server has ended the connection
    /// @error as open
    Result<std::size_t> receive(std::span<char> block, Deadline deadline);

private:
    struct Session;
    explicit TlsSession(std::unique_ptr<Session> session);
    std::unique_ptr<Session> session_;
};

}  // namespace thimble::agent
