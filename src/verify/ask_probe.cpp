#include "thimble/verify/read_health.hpp"

#include <curl/curl.h>

#include <chrono>
#include <memory>
#include <string>

namespace thimble::verify {
namespace {

using Handle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;

constexpr long kFirstGood = 200;
constexpr long kFirstBad = 400;

std::size_t drop_body(char* /*bytes*/, std::size_t size, std::size_t count, void* /*nothing*/) {
    return size * count;
}

/// @param url  http or https; for a bare connection any address with `connect_only`
ProbeResult ask_curl(const model::HealthProbe& probe, const std::string& url, bool connect_only) {
    ProbeResult result{.name = probe.name, .passed = false, .detail = {}};
    const Handle handle(curl_easy_init(), &curl_easy_cleanup);
    if (handle == nullptr) {
        result.detail = "no connection can be made";
        return result;
    }
    curl_easy_setopt(handle.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(handle.get(), CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle.get(), CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle.get(), CURLOPT_NOPROXY, "*");
    curl_easy_setopt(handle.get(), CURLOPT_USERAGENT, "thimble");
    curl_easy_setopt(handle.get(), CURLOPT_TIMEOUT, static_cast<long>(probe.timeout.count()));
    curl_easy_setopt(handle.get(), CURLOPT_CONNECT_ONLY, connect_only ? 1L : 0L);
    curl_easy_setopt(handle.get(), CURLOPT_WRITEFUNCTION, drop_body);
    const CURLcode code = curl_easy_perform(handle.get());
    if (code != CURLE_OK) {
        result.detail = curl_easy_strerror(code);
        return result;
    }
    if (connect_only) {
        result.passed = true;
        result.detail = "connected";
        return result;
    }
    long status = 0;
    curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
    result.passed = status >= kFirstGood && status < kFirstBad;
    result.detail = "HTTP " + std::to_string(status);
    return result;
}

ProbeResult ask_command(host::Host& host, const model::HealthProbe& probe) {
    ProbeResult result{.name = probe.name, .passed = false, .detail = {}};
    const auto outcome =
        host.run({.argv = probe.argv, .timeout = probe.timeout, .overflow = host::Overflow::Drop});
    if (!outcome) {
        result.detail = outcome.error().text();
        return result;
    }
    result.passed = outcome->exit_status == 0;
    result.detail = "exit status " + std::to_string(outcome->exit_status);
    return result;
}

}  // namespace

ProbeResult ask_probe(host::Host& host, const model::HealthProbe& probe) {
    switch (probe.kind) {
        case model::ProbeKind::Tcp: return ask_curl(probe, "http://" + probe.target, true);
        case model::ProbeKind::Http: return ask_curl(probe, probe.target, false);
        case model::ProbeKind::Command: return ask_command(host, probe);
    }
    return {.name = probe.name, .passed = false, .detail = "unknown kind"};
}

}  // namespace thimble::verify
