#pragma once
/// @file HTTPS to a server's API: one request at a time, everything bounded.

#include "thimble/base/result.hpp"

#include <memory>
#include <string>
#include <vector>

namespace thimble::client {

struct ApiRequest {
    std::string method;                     ///< "GET", "POST", "DELETE"
    std::string path;                       ///< "/api/v1/…"
    std::string body = {};                  // NOLINT(readability-redundant-member-init): see store
    std::vector<std::string> headers = {};  // NOLINT(readability-redundant-member-init)
};

/// A connection that is kept open between requests, with the cookies of a session. Not for two threads.
class ApiConnection {
public:
    /// @param url        as parse_server_url gives it
    /// @param authority  SHA-256 in lower-case hexadecimal; empty: what the system trusts
    static ApiConnection open(const std::string& url, const std::string& authority);

    ApiConnection(ApiConnection&& other) noexcept;
    ApiConnection& operator=(ApiConnection&& other) noexcept;
    ApiConnection(const ApiConnection&) = delete;
    ApiConnection& operator=(const ApiConnection&) = delete;
    ~ApiConnection();

    /// @return the body of a success
    /// @error Unavailable "client.no_answer"  no connection, or no whole answer in time
    /// @error Denied "client.not_authentic"   whoever answers is not the server
    /// @error otherwise the code of the server's problem: Denied for 401 and 403, NotFound for 404, Conflict for
    ///        409, Unavailable for 429 and 5xx, Invalid for the rest
    Result<std::string> ask(const ApiRequest& request);

private:
    struct Session;
    explicit ApiConnection(std::unique_ptr<Session> session);
    std::unique_ptr<Session> session_;
};

}  // namespace thimble::client
