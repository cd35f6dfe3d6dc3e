#include "thimble/openid/curl_web.hpp"

#include <curl/curl.h>

#include <utility>
#include <vector>

namespace thimble::openid {
namespace {

constexpr long kConnectSeconds = 5;
constexpr long kAllSeconds = 10;
constexpr std::size_t kMaxBytes = std::size_t{256} << 10U;
constexpr long kOk = 200;
constexpr long kServerFault = 500;
constexpr long kTooMany = 429;

struct CloseCurl {
    void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};
struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

std::size_t take(char* bytes, std::size_t size, std::size_t count, void* target) {
    auto& body = *static_cast<std::string*>(target);
    if (body.size() + size * count > kMaxBytes) {
        return 0;  // ends the transfer
    }
    body.append(bytes, size * count);
    return size * count;
}

/// What came instead of a success. Its body is not shown: it is the provider's, and may hold anything.
Error refusal(long status) {
    const bool is_passing = status >= kServerFault || status == kTooMany;
    return failure(
        is_passing ? ErrorKind::Unavailable : ErrorKind::Denied,
        is_passing ? "openid.no_answer" : "openid.refused",
        "the provider answers " + std::to_string(status));
}

}  // namespace

struct CurlWeb::Session {
    std::string authority_file;
    std::unique_ptr<CURL, CloseCurl> curl{curl_easy_init()};

    /// A handle as new, but with its connections.
    CURL* fresh(const std::string& address, std::string& body) const {
        CURL* handle = curl.get();
        THIMBLE_CHECK(handle != nullptr);
        curl_easy_reset(handle);
        // NOLINTBEGIN(cppcoreguidelines-pro-type-vararg): curl's interface
        curl_easy_setopt(handle, CURLOPT_URL, address.c_str());
        curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "https");
        curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
        curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
        curl_easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
        curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
        curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
        curl_easy_setopt(handle, CURLOPT_TIMEOUT, kAllSeconds);
        curl_easy_setopt(handle, CURLOPT_USERAGENT, "thimble");
        curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take);
        curl_easy_setopt(handle, CURLOPT_WRITEDATA, &body);
        if (!authority_file.empty()) {
            curl_easy_setopt(handle, CURLOPT_CAINFO, authority_file.c_str());
        }
        // NOLINTEND(cppcoreguidelines-pro-type-vararg)
        return handle;
    }

    static Result<void> perform(CURL* handle, const std::vector<std::string>& headers) {
        HeaderList list(curl_slist_append(nullptr, "Accept: application/json"));
        for (const std::string& header : headers) {
            list.reset(curl_slist_append(list.release(), header.c_str()));
        }
        long status = 0;
        // NOLINTBEGIN(cppcoreguidelines-pro-type-vararg): curl's interface
        curl_easy_setopt(handle, CURLOPT_HTTPHEADER, list.get());
        const CURLcode code = curl_easy_perform(handle);
        curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
        // NOLINTEND(cppcoreguidelines-pro-type-vararg)
        if (code == CURLE_PEER_FAILED_VERIFICATION) {
            return failure(
                ErrorKind::Denied,
                "openid.not_authentic",
                "what answers at the provider's address shows no certificate that is trusted");
        }
        if (code != CURLE_OK) {
            return failure(
                ErrorKind::Unavailable,
                "openid.no_answer",
                std::string("the provider does not answer: ") + curl_easy_strerror(code));
        }
        if (status != kOk) {
            return refusal(status);
        }
        return {};
    }
};

CurlWeb::CurlWeb(std::string authority_file) : session_(std::make_unique<Session>()) {
    session_->authority_file = std::move(authority_file);
}
CurlWeb::~CurlWeb() = default;

Result<std::string> CurlWeb::get(const std::string& address) {
    std::string body;
    CURL* handle = session_->fresh(address, body);
    THIMBLE_TRY(Session::perform(handle, {}));
    return body;
}

Result<std::string> CurlWeb::post(
    const std::string& address, const std::string& form, const std::string& authorization) {
    std::string body;
    CURL* handle = session_->fresh(address, body);
    // NOLINTBEGIN(cppcoreguidelines-pro-type-vararg): curl's interface
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(form.size()));
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, form.data());
    // NOLINTEND(cppcoreguidelines-pro-type-vararg)
    std::vector<std::string> headers{"Expect:"};
    if (!authorization.empty()) {
        headers.push_back("Authorization: " + authorization);
    }
    THIMBLE_TRY(Session::perform(handle, headers));
    return body;
}

}  // namespace thimble::openid
