#include "thimble/host/ssh_target.hpp"

#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <system_error>

namespace thimble::host {
namespace {

Error bad_target(std::string_view why) {
    return failure(
        ErrorKind::Invalid,
        "host.bad_target",
        "unknown host: it must be given as ssh://user@name:port: " + std::string(why));
}

bool is_plain(std::string_view text, std::string_view also) {
    return !text.empty() && text.size() <= 255 && text.front() != '-'
        && std::ranges::all_of(text, [&](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
                   || c == '.' || c == '_' || c == '-' || also.contains(c);
           });
}

Result<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const char* begin = text.data();
    const char* end = begin + text.size();
    const auto [stopped, error] = std::from_chars(begin, end, port);
    if (error != std::errc{} || stopped != end || port == 0) {
        return bad_target("the port is not a number from 1 to 65535");
    }
    return port;
}

}  // namespace

Result<SshTarget> parse_ssh_target(std::string_view text) {
    constexpr std::string_view kScheme = "ssh://";
    if (!text.starts_with(kScheme)) {
        return bad_target("it does not begin with ssh://");
    }
    text.remove_prefix(kScheme.size());
    if (text.ends_with('/')) {
        text.remove_suffix(1);
    }
    SshTarget target;
    if (const std::size_t at = text.find('@'); at != std::string_view::npos) {
        if (!is_plain(text.substr(0, at), "")) {
            return bad_target("the user's name is not plain");
        }
        target.user = text.substr(0, at);
        text.remove_prefix(at + 1);
    }
    std::string_view rest;
    bool is_address = false;
    if (text.starts_with('[')) {
        const std::size_t close = text.find(']');
        if (close == std::string_view::npos) {
            return bad_target("a bracket is open");
        }
        target.name = text.substr(1, close - 1);
        rest = text.substr(close + 1);
        is_address = true;
    } else {
        const std::size_t colon = std::min(text.find(':'), text.size());
        target.name = text.substr(0, colon);
        rest = text.substr(colon);
    }
    if (!is_plain(target.name, is_address ? ":%" : "")) {
        return bad_target("the host's name is not plain");
    }
    if (!rest.empty()) {
        if (rest.front() != ':') {
            return bad_target("something follows the name");
        }
        THIMBLE_TRY(target.port, parse_port(rest.substr(1)));
    }
    return target;
}

std::string shell_quoted(std::string_view word) {
    std::string out = "'";
    for (const char c : word) {
        if (c == '\'') {
            out += "'\\''";
        } else {
            out += c;
        }
    }
    out += '\'';
    return out;
}

}  // namespace thimble::host
