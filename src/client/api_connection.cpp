#include "thimble/client/api_connection.hpp"

#include "thimble/agent/https_exchange.hpp"

#include <curl/curl.h>

#include <utility>

namespace thimble::client {
namespace {

constexpr long kAnswerSeconds = 60;
constexpr std::size_t kMaxAnswerBytes = std::size_t{64} << 20;  // a page of 1000 rows, ids and all

}  // namespace

struct ApiConnection::Session {
    std::string url;
    std::string authority;
    agent::CurlHandle curl = agent::make_https_handle();
};

ApiConnection::ApiConnection(std::unique_ptr<Session> session) : session_(std::move(session)) {}
ApiConnection::ApiConnection(ApiConnection&& other) noexcept = default;
ApiConnection& ApiConnection::operator=(ApiConnection&& other) noexcept = default;
ApiConnection::~ApiConnection() = default;

ApiConnection ApiConnection::open(const std::string& url, const std::string& authority) {
    auto session = std::make_unique<Session>();
    session->url = url;
    session->authority = authority;
    CURL* curl = session->curl.get();
    // NOLINTBEGIN(cppcoreguidelines-pro-type-vararg): curl's interface
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, kAnswerSeconds);
    curl_easy_setopt(curl, CURLOPT_COOKIEFILE, "");  // kept in memory
    // NOLINTEND(cppcoreguidelines-pro-type-vararg)
    if (!authority.empty()) {
        agent::pin_to(curl, session->authority);
    }
    return ApiConnection(std::move(session));
}

Result<std::string> ApiConnection::ask(const ApiRequest& request) {
    std::vector<std::string> headers{"Content-Type: application/json"};
    headers.insert(headers.end(), request.headers.begin(), request.headers.end());
    return agent::exchange(
        session_->curl.get(),
        {.method = request.method,
         .url = session_->url + request.path,
         .headers = std::move(headers),
         .most_bytes = kMaxAnswerBytes,
         .room = "client"},
        request.body);
}

}  // namespace thimble::client
