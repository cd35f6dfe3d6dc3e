#pragma once
/// @file Where a probe asks, and what the answer says.

#include "thimble/base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace thimble::rehearse {

struct ProbeAddress {
    std::string host;  ///< for the Host header; in a clone there is only loopback
    std::uint16_t port = 0;
    std::string path;  ///< of http, with its query; "/" at least
    bool tls = false;
    bool operator==(const ProbeAddress&) const = default;
};

/// "host:port" or "[v6]:port". @error Invalid "rehearse.bad_probe"
Result<ProbeAddress> parse_tcp_target(std::string_view target);

/// "http://host[:port][/path]", https likewise. @error Invalid "rehearse.bad_probe"
Result<ProbeAddress> parse_http_target(std::string_view url);

/// The status of an HTTP answer, 100 to 599; nothing: it is none.
std::optional<int> parse_http_status(std::string_view answer);

}  // namespace thimble::rehearse
