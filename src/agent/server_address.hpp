#pragma once
/// @file Where a server is: pure.

#include "thimble/base/result.hpp"

#include <string>
#include <string_view>

namespace thimble::agent {

struct ServerAddress {
    std::string host;  ///< a name, or an address without brackets
    std::string port;
    bool operator==(const ServerAddress&) const = default;
};

/// @param url  "https://NAME", "https://NAME:PORT", "https://[IPV6]:PORT"; a slash may follow
/// @error Invalid "agent.bad_url"
Result<ServerAddress> parse_server_address(std::string_view url);

/// As the header Host has it.
std::string host_field(const ServerAddress& address);

}  // namespace thimble::agent
