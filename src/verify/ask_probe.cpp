#include "thimble/host/enclosure.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/verify/read_health.hpp"

#include <curl/curl.h>
#include <sys/socket.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace thimble::verify {
namespace {

using Handle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using List = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

constexpr long kFirstGood = 200;
constexpr long kFirstBad = 400;

std::size_t drop_body(char* /*bytes*/, std::size_t size, std::size_t count, void* /*nothing*/) {
    return size * count;
}

/// A socket of the clone's network for libcurl, which closes it.
curl_socket_t open_in(void* clone, curlsocktype /*purpose*/, curl_sockaddr* address) {
    auto socket = static_cast<host::Enclosure*>(clone)->tcp_socket(address->family == AF_INET6);
    return socket ? socket->release() : CURL_SOCKET_BAD;
}

/// @param clone  where to connect; null: from this machine
ProbeResult ask_curl(const model::HealthProbe& probe, host::Enclosure* clone) {
    const bool connect_only = probe.kind == model::ProbeKind::Tcp;
    const std::string url = connect_only ? "http://" + probe.target : probe.target;
    ProbeResult result{.name = probe.name, .passed = false, .detail = {}};
    // Of every host and port: the same port of "localhost", which libcurl knows without a resolver.
    const List loopback(curl_slist_append(nullptr, "::localhost:"), &curl_slist_free_all);
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
    if (clone != nullptr) {
        curl_easy_setopt(handle.get(), CURLOPT_CONNECT_TO, loopback.get());
        curl_easy_setopt(handle.get(), CURLOPT_OPENSOCKETFUNCTION, open_in);
        curl_easy_setopt(handle.get(), CURLOPT_OPENSOCKETDATA, clone);
    }
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
        result.asked = outcome.error().code != "host.runs_nothing";
        result.detail = outcome.error().text();
        return result;
    }
    result.passed = outcome->exit_status == 0;
    result.detail = "exit status " + std::to_string(outcome->exit_status);
    return result;
}

ProbeResult ask(host::Host& host, host::Enclosure* clone, const model::HealthProbe& probe) {
    switch (probe.kind) {
        case model::ProbeKind::Tcp:
        case model::ProbeKind::Http: return ask_curl(probe, clone);
        case model::ProbeKind::Command: return ask_command(host, probe);
    }
    return {.name = probe.name, .passed = false, .detail = "unknown kind"};
}

}  // namespace

ProbeResult ask_probe(host::Host& host, const model::HealthProbe& probe) {
    return ask(host, nullptr, probe);
}

ProbeResult ask_probe(host::Enclosure& clone, const model::HealthProbe& probe) {
    return ask(clone, &clone, probe);
}

}  // namespace thimble::verify
