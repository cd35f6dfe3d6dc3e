#pragma once
/// @file Under which address a host is reached, as far as that can be known. Pure.

#include <string>
#include <string_view>

namespace thimble::server {

/// The address of a host that says it is its own, and from which its connection comes: nothing in between lends it another one.
/// A host that lies names at most an address from which it can hold a connection.
/// @param said  what its agent says; @param seen  where its connection comes from
/// @return canonical; empty: they differ (a gateway, a relay), it says none, or it is of the loopback or of one link alone
std::string own_host_address(std::string_view said, std::string_view seen);

}  // namespace thimble::server
