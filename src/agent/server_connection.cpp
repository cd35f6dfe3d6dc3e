#include "thimble/agent/server_connection.hpp"

#include "thimble/agent/https_exchange.hpp"
#include "thimble/protocol/messages.hpp"

#include <curl/curl.h>

#include <utility>

namespace thimble::agent {
struct ServerConnection::Session {
    std::string url;
    Trust trust;
    CurlHandle curl;
};

ServerConnection::ServerConnection(std::unique_ptr<Session> session)
    : session_(std::move(session)) {}
ServerConnection::ServerConnection(ServerConnection&& other) noexcept = default;
ServerConnection& ServerConnection::operator=(ServerConnection&& other) noexcept = default;
ServerConnection::~ServerConnection() = default;

Result<ServerConnection> ServerConnection::open(const std::string& url, Trust trust) {
    if (!url.starts_with("https://") || url.find_first_of(" \t\r\n?#", 0) != std::string::npos) {
        return failure(
            ErrorKind::Invalid, "agent.bad_url", "the server's address is https://NAME:PORT");
    }
    auto session = std::make_unique<Session>();
    session->url = url.substr(0, url.find_last_not_of('/') + 1);
    session->trust = std::move(trust);
    ServerConnection connection(std::move(session));
    connection.reconnect();
    return connection;
}

void ServerConnection::reconnect() {
    Session& session = *session_;
    session.curl = make_https_handle();
    CURL* curl = session.curl.get();
    if (session.trust.authority.empty()) {
        pin_to(curl, session.trust.pinned_authority);
        return;
    }
    // NOLINTBEGIN(cppcoreguidelines-pro-type-vararg): curl's interface
    curl_easy_setopt(curl, CURLOPT_PROXY, "");  // no environment decides where a host connects to
    curl_easy_setopt(curl, CURLOPT_CAINFO, session.trust.authority.c_str());
    curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);
    curl_easy_setopt(curl, CURLOPT_SSLCERT, session.trust.certificate.c_str());
    curl_easy_setopt(curl, CURLOPT_SSLKEY, session.trust.key.c_str());
    // NOLINTEND(cppcoreguidelines-pro-type-vararg)
}

Result<std::string> ServerConnection::ask(const Request& request) {
    CURL* curl = session_->curl.get();
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): curl's interface
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, static_cast<long>(request.timeout.count()));
    return exchange(
        curl,
        {.method = request.method,
         .url = session_->url + request.path,
         .headers = {"Content-Type: " + request.content_type},
         .most_bytes = protocol::kMaxMessageBytes,
         .room = "agent"},
        request.body);
}

}  // namespace thimble::agent
