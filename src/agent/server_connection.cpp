#include "thimble/agent/server_connection.hpp"

#include "thimble/agent/pinned_authority.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/protocol/messages.hpp"

#include <curl/curl.h>

#include <utility>

namespace thimble::agent {
namespace {

constexpr long kConnectSeconds = 10;
constexpr long kOk = 200;
constexpr long kAboveOk = 300;
constexpr long kUnauthorized = 401;
constexpr long kForbidden = 403;
constexpr long kConflict = 409;
constexpr long kTooMany = 429;
constexpr long kServerFault = 500;

struct CloseCurl {
    void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};
struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

std::size_t take(char* bytes, std::size_t size, std::size_t count, void* target) {
    auto& body = *static_cast<std::string*>(target);
    if (body.size() + size * count > protocol::kMaxMessageBytes) {
        return 0;  // ends the transfer
    }
    body.append(bytes, size * count);
    return size * count;
}

CURLcode pin(CURL* /*curl*/, void* context, void* authority) {
    pin_authority(static_cast<ssl_ctx_st*>(context), *static_cast<const std::string*>(authority));
    return CURLE_OK;
}

ErrorKind kind_of(long status) {
    if (status == kUnauthorized || status == kForbidden) {
        return ErrorKind::Denied;
    }
    if (status == kConflict) {
        return ErrorKind::Conflict;
    }
    return status == kTooMany || status >= kServerFault ? ErrorKind::Unavailable
                                                        : ErrorKind::Invalid;
}

Error problem_of(long status, std::string_view body) {
    const auto problem = protocol::parse_problem(body);
    return failure(
        kind_of(status),
        problem ? problem->code : "agent.odd_answer",
        "the server answers " + std::to_string(status)
            + (problem ? ": " + printable(problem->detail, 256) : std::string()));
}

Error transfer_error(CURLcode code, const char* detail) {
    const bool is_foreign = code == CURLE_PEER_FAILED_VERIFICATION;
    return failure(
        is_foreign ? ErrorKind::Denied : ErrorKind::Unavailable,
        is_foreign ? "agent.not_authentic" : "agent.no_answer",
        std::string(
            is_foreign ? "what answers is not the server: " : "the server does not answer: ")
            + (*detail != '\0' ? detail : curl_easy_strerror(code)));
}

}  // namespace

struct ServerConnection::Session {
    std::string url;
    Trust trust;
    std::unique_ptr<CURL, CloseCurl> curl;
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
    session.curl.reset(curl_easy_init());
    CURL* curl = session.curl.get();
    THIMBLE_CHECK(curl != nullptr);
    // NOLINTBEGIN(cppcoreguidelines-pro-type-vararg): curl's interface
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");  // no environment decides where a host connects to
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    if (session.trust.authority.empty()) {
        curl_easy_setopt(curl, CURLOPT_SSL_CTX_FUNCTION, pin);
        curl_easy_setopt(curl, CURLOPT_SSL_CTX_DATA, &session.trust.pinned_authority);
    } else {
        curl_easy_setopt(curl, CURLOPT_CAINFO, session.trust.authority.c_str());
        curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);
        curl_easy_setopt(curl, CURLOPT_SSLCERT, session.trust.certificate.c_str());
        curl_easy_setopt(curl, CURLOPT_SSLKEY, session.trust.key.c_str());
    }
    // NOLINTEND(cppcoreguidelines-pro-type-vararg)
}

Result<std::string> ServerConnection::ask(const Request& request) {
    CURL* curl = session_->curl.get();
    const std::string url = session_->url + request.path;
    const std::string type = "Content-Type: " + request.content_type;
    const std::unique_ptr<curl_slist, FreeList> headers(
        curl_slist_append(curl_slist_append(nullptr, type.c_str()), "Expect:"));
    std::string body;
    std::string detail(CURL_ERROR_SIZE, '\0');
    // NOLINTBEGIN(cppcoreguidelines-pro-type-vararg): curl's interface
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, static_cast<long>(request.timeout.count()));
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
    if (status < kOk || status >= kAboveOk) {
        return problem_of(status, body);
    }
    return body;
}

}  // namespace thimble::agent
