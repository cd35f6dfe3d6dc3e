#pragma once
/// @file HTTPS to the server: mutual TLS, one request at a time, everything bounded.

#include "thimble/base/result.hpp"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace thimble::agent {

/// Whom an agent believes, and who it is.
struct Trust {
    std::string pinned_authority;       ///< SHA-256; used when there is no authority file yet
    std::filesystem::path authority;    ///< PEM file; empty before the enrolment
    std::filesystem::path certificate;  ///< PEM file; empty likewise
    std::filesystem::path key;          ///< PEM file; empty likewise
};

/// What whoever waits for an answer looks at meanwhile.
struct Watch {
    std::chrono::seconds every{60};
    std::function<bool()> goes_on;  ///< whether it waits on; empty: nothing is looked at
};

struct Request {
    std::string method;  ///< "GET", "POST", "PUT"
    std::string path;    ///< "/agent/v1/…"
    std::string body;
    std::string content_type = "application/json";
    std::chrono::seconds timeout{30};
    Watch watch =
        {};  // NOLINT(readability-redundant-member-init): g++ warns of fields that are left out
};

/// A connection that is kept open between requests. Not for use by two threads.
class ServerConnection {
public:
    /// @param url  "https://name:port"
    /// @error Invalid "agent.bad_url"
    static Result<ServerConnection> open(const std::string& url, Trust trust);

    ServerConnection(ServerConnection&& other) noexcept;
    ServerConnection& operator=(ServerConnection&& other) noexcept;
    ServerConnection(const ServerConnection&) = delete;
    ServerConnection& operator=(const ServerConnection&) = delete;
    ~ServerConnection();

    /// @return the body of a success
    /// @error Unavailable "agent.no_answer"  no connection, or no whole answer in time;
    ///        Conflict "agent.given_up"      whoever watches does not wait on: the connection has ended;
    ///        Denied "agent.not_authentic"   whoever answers is not the server;
    ///        otherwise the code of the server's problem: Denied for 401 and 403, Conflict for 409,
    ///        Unavailable for 429 and 5xx, Invalid for the rest
    Result<std::string> ask(const Request& request);

    /// Reads certificate and key anew at the next request: they were renewed.
    void reconnect();

private:
    struct Session;
    explicit ServerConnection(std::unique_ptr<Session> session);
    std::unique_ptr<Session> session_;
};

}  // namespace thimble::agent
