#pragma once
/// @file Where a server listens.

#include "thimble/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace thimble::server {

/// An address of this machine, or all of one kind, and a port.
struct ListenAddress {
    std::string address = "0.0.0.0";
    std::uint16_t port = 8443;  ///< 0: any that is free
    bool operator==(const ListenAddress&) const = default;
};

/// Reads `ADDRESS:PORT`, `[ADDRESS]:PORT`, `:PORT` or `PORT`; an address is a number, never a name.
/// @error Invalid "server.bad_listen_address"
Result<ListenAddress> parse_listen_address(std::string_view text);

}  // namespace thimble::server
