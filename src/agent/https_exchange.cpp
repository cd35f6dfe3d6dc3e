#include "thimble/agent/https_exchange.hpp"

#include "thimble/agent/error_of_status.hpp"
#include "thimble/agent/pinned_authority.hpp"

#include <curl/curl.h>

#include <utility>

namespace thimble::agent {
namespace {

constexpr long kConnectSeconds = 10;
constexpr long kOk = 200;
constexpr long kAboveOk = 300;

struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

/// The body of an answer, no more of it than is allowed.
struct Body {
    std::string text;
    std::size_t most_bytes = 0;
};

std::size_t take(char* bytes, std::size_t size, std::size_t count, void* target) {
    auto& body = *static_cast<Body*>(target);
    if (body.text.size() + size * count > body.most_bytes) {
        return 0;  // ends the transfer
    }
    body.text.append(bytes, size * count);
    return size * count;
}

CURLcode pin(CURL* /*curl*/, void* context, void* authority) {
    pin_authority(static_cast<ssl_ctx_st*>(context), *static_cast<const std::string*>(authority));
    return CURLE_OK;
}

std::string code_of(const HttpsRequest& request, const char* what) {
    return std::string(request.room) + what;
}

Error transfer_error(const HttpsRequest& request, CURLcode code, const char* detail) {
    const bool is_foreign = code == CURLE_PEER_FAILED_VERIFICATION;
    return failure(
        is_foreign ? ErrorKind::Denied : ErrorKind::Unavailable,
        code_of(request, is_foreign ? ".not_authentic" : ".no_answer"),
        std::string(
            is_foreign ? "what answers is not the server: " : "the server does not answer: ")
            + (*detail != '\0' ? detail : curl_easy_strerror(code)));
}

HeaderList list_of(const std::vector<std::string>& headers) {
    HeaderList list(curl_slist_append(nullptr, "Expect:"));
    for (const std::string& header : headers) {
        list.reset(curl_slist_append(list.release(), header.c_str()));
    }
    return list;
}

}  // namespace

void CloseCurl::operator()(CURL* curl) const {
    curl_easy_cleanup(curl);
}

CurlHandle make_https_handle() {
    CurlHandle handle(curl_easy_init());
    CURL* curl = handle.get();
    THIMBLE_CHECK(curl != nullptr);
    // NOLINTBEGIN(cppcoreguidelines-pro-type-vararg): curl's interface
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    // NOLINTEND(cppcoreguidelines-pro-type-vararg)
    return handle;
}

void pin_to(CURL* curl, const std::string& authority) {
    // NOLINTBEGIN(cppcoreguidelines-pro-type-vararg): curl's interface
    curl_easy_setopt(curl, CURLOPT_PROXY, "");  // the pin is of the server, not of what is between
    // Those of the machine are not believed, and to read them all takes longer than all else that a request does.
    curl_easy_setopt(curl, CURLOPT_CAINFO, nullptr);
    curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);
    curl_easy_setopt(curl, CURLOPT_SSL_CTX_FUNCTION, pin);
    curl_easy_setopt(curl, CURLOPT_SSL_CTX_DATA, &authority);
    // NOLINTEND(cppcoreguidelines-pro-type-vararg)
}

Result<std::string> exchange(CURL* curl, const HttpsRequest& request, const std::string& body) {
    const HeaderList headers = list_of(request.headers);
    Body answer{.text = {}, .most_bytes = request.most_bytes};
    std::string detail(CURL_ERROR_SIZE, '\0');
    // NOLINTBEGIN(cppcoreguidelines-pro-type-vararg): curl's interface
    curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail.data());
    if (request.method == "GET") {
        curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
    } else {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.data());
    }
    const CURLcode code = curl_easy_perform(curl);
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    // They end with this call.
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, nullptr);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, nullptr);
    // NOLINTEND(cppcoreguidelines-pro-type-vararg)
    if (code != CURLE_OK) {
        return transfer_error(request, code, detail.c_str());
    }
    if (status < kOk || status >= kAboveOk) {
        return error_of_status(static_cast<int>(status), answer.text, request.room);
    }
    return std::move(answer.text);
}

}  // namespace thimble::agent
