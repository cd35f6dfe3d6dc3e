#include "thimble/client/api_connection.hpp"

#include "thimble/agent/pinned_authority.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/protocol/messages.hpp"

#include <curl/curl.h>

#include <utility>

namespace thimble::client {
namespace {

constexpr long kConnectSeconds = 10;
constexpr long kAnswerSeconds = 60;
constexpr std::size_t kMaxAnswerBytes = std::size_t{64} << 20;  // a page of 1000 rows, ids and all

struct CloseCurl {
    void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};
struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

std::size_t take(char* bytes, std::size_t size, std::size_t count, void* target) {
    auto& body = *static_cast<std::string*>(target);
    if (body.size() + size * count > kMaxAnswerBytes) {
        return 0;  // ends the transfer
    }
    body.append(bytes, size * count);
    return size * count;
}

CURLcode pin(CURL* /*curl*/, void* context, void* authority) {
    agent::pin_authority(
        static_cast<ssl_ctx_st*>(context), *static_cast<const std::string*>(authority));
    return CURLE_OK;
}

ErrorKind kind_of(long status) {
    switch (status) {
        case 401:
        case 403: return ErrorKind::Denied;
        case 404: return ErrorKind::NotFound;
        case 429: return ErrorKind::Unavailable;
        default: return status >= 500 ? ErrorKind::Unavailable : ErrorKind::Invalid;
    }
}

Error problem_of(long status, std::string_view body) {
    const auto problem = protocol::parse_problem(body);
    return failure(
        kind_of(status),
        problem ? problem->code : "client.odd_answer",
        "the server answers " + std::to_string(status)
            + (problem ? ": " + printable(problem->detail, 256) : std::string()));
}

Error transfer_error(CURLcode code, const char* detail) {
    const bool is_foreign = code == CURLE_PEER_FAILED_VERIFICATION;
    return failure(
        is_foreign ? ErrorKind::Denied : ErrorKind::Unavailable,
        is_foreign ? "client.not_authentic" : "client.no_answer",
        std::string(
            is_foreign ? "what answers is not the server: " : "the server does not answer: ")
            + (*detail != '\0' ? detail : curl_easy_strerror(code)));
}

std::unique_ptr<curl_slist, FreeList> list_of(const std::vector<std::string>& headers) {
    std::unique_ptr<curl_slist, FreeList> list(
        curl_slist_append(curl_slist_append(nullptr, "Content-Type: application/json"), "Expect:"));
    for (const std::string& header : headers) {
        list.reset(curl_slist_append(list.release(), header.c_str()));
    }
    return list;
}

}  // namespace

struct ApiConnection::Session {
    std::string url;
    std::string authority;
    std::unique_ptr<CURL, CloseCurl> curl{curl_easy_init()};
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
    THIMBLE_CHECK(curl != nullptr);
    // NOLINTBEGIN(cppcoreguidelines-pro-type-vararg): curl's interface
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, kAnswerSeconds);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_COOKIEFILE, "");  // kept in memory
    if (!authority.empty()) {
        curl_easy_setopt(
            curl, CURLOPT_PROXY, "");  // the pin is of the server, not of what is between
        curl_easy_setopt(curl, CURLOPT_SSL_CTX_FUNCTION, pin);
        curl_easy_setopt(curl, CURLOPT_SSL_CTX_DATA, &session->authority);
    }
    // NOLINTEND(cppcoreguidelines-pro-type-vararg)
    return ApiConnection(std::move(session));
}

Result<std::string> ApiConnection::ask(const ApiRequest& request) {
    CURL* curl = session_->curl.get();
    const std::string url = session_->url + request.path;
    const auto headers = list_of(request.headers);
    std::string body;
    std::string detail(CURL_ERROR_SIZE, '\0');
    // NOLINTBEGIN(cppcoreguidelines-pro-type-vararg): curl's interface
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail.data());
    if (request.method == "GET") {
        curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
    } else {
        curl_easy_setopt(
            curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.data());
    }
    const CURLcode code = curl_easy_perform(curl);
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    // They end with this call.
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, nullptr);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, nullptr);
    // NOLINTEND(cppcoreguidelines-pro-type-vararg)
    if (code != CURLE_OK) {
        return transfer_error(code, detail.c_str());
    }
    if (status < 200 || status >= 300) {
        return problem_of(status, body);
    }
    return body;
}

}  // namespace thimble::client
