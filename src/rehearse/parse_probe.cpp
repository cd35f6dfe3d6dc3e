#include "thimble/rehearse/parse_probe.hpp"

#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace thimble::rehearse {
namespace {

Error bad(std::string_view target) {
    return failure(
        ErrorKind::Invalid,
        "rehearse.bad_probe",
        "not the target of a probe: " + std::string(target));
}

std::optional<std::uint16_t> port_of(std::string_view text) {
    std::uint16_t port = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return error == std::errc() && stop == text.data() + text.size() && port > 0
        ? std::optional(port)
        : std::nullopt;
}

/// What may stand in a request line or header without ending it.
bool is_plain(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

/// Splits "host", "host:port", "[v6]:port".
std::optional<ProbeAddress> authority_of(std::string_view text, std::uint16_t port) {
    ProbeAddress address{.host = {}, .port = port, .path = "/"};
    std::size_t end = 0;
    if (text.starts_with('[')) {
        end = text.find(']');
        if (end == std::string_view::npos) {
            return std::nullopt;
        }
        address.host = text.substr(1, end - 1);
        ++end;
    } else {
        end = std::min(text.rfind(':'), text.size());
        address.host = text.substr(0, end);
    }
    if (end < text.size()) {
        const auto given = text[end] == ':' ? port_of(text.substr(end + 1)) : std::nullopt;
        if (!given) {
            return std::nullopt;
        }
        address.port = *given;
    }
    if (address.host.empty() || !is_plain(address.host) || address.port == 0) {
        return std::nullopt;
    }
    return address;
}

}  // namespace

Result<ProbeAddress> parse_tcp_target(std::string_view target) {
    auto address = authority_of(target, 0);
    if (!address) {
        return bad(target);
    }
    return *std::move(address);
}

Result<ProbeAddress> parse_http_target(std::string_view url) {
    const bool tls = url.starts_with("https://");
    if (!tls && !url.starts_with("http://")) {
        return bad(url);
    }
    const std::string_view rest = url.substr(tls ? 8 : 7);
    const std::size_t end = std::min(rest.find_first_of("/?#"), rest.size());
    auto address = authority_of(rest.substr(0, end), tls ? 443 : 80);
    std::string path(rest.substr(end, rest.find('#') - end));
    if (!path.starts_with('/')) {
        path.insert(0, "/");
    }
    if (!address || !is_plain(path)) {
        return bad(url);
    }
    address->path = std::move(path);
    address->tls = tls;
    return *std::move(address);
}

std::optional<int> parse_http_status(std::string_view answer) {
    if (!answer.starts_with("HTTP/1.") || answer.size() < 12 || answer[8] != ' ') {
        return std::nullopt;
    }
    int status = 0;
    const char* const end = answer.data() + 12;
    const auto [stop, error] = std::from_chars(answer.data() + 9, end, status);
    return error == std::errc() && stop == end && status >= 100 && status <= 599
        ? std::optional(status)
        : std::nullopt;
}

}  // namespace thimble::rehearse
