#pragma once
/// @file The listening side: TLS, HTTP/1.1, limits on everything, and who runs what. One thread has the
/// network; workers have the database and, apart, the passwords.

#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"
#include "thimble/server/authority.hpp"
#include "thimble/server/context.hpp"
#include "thimble/server/parse_listen_address.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace thimble::server {

/// A server that listens and has not begun to answer.
class HttpsServer {
public:
    /// @error Unavailable "server.cannot_listen"; Corrupt "server.bad_key"
    static Result<HttpsServer> listen(
        const ListenAddress& address,
        const ServerIdentity& identity,
        const std::string& authority_pem);

    HttpsServer(HttpsServer&& other) noexcept;
    HttpsServer& operator=(HttpsServer&& other) noexcept;
    HttpsServer(const HttpsServer&) = delete;
    HttpsServer& operator=(const HttpsServer&) = delete;
    ~HttpsServer();

    [[nodiscard]] std::uint16_t port() const;

    /// Answers until SIGTERM or SIGINT; then writes down what check-ins said.
    /// @param complain  is given one line for what an administrator should know
    void run(
        Context& context,
        const Clock& clock,
        const std::function<void(const std::string&)>& complain);

private:
    struct Loop;
    explicit HttpsServer(std::unique_ptr<Loop> loop);
    std::unique_ptr<Loop> loop_;
};

}  // namespace thimble::server
