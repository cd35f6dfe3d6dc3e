#pragma once
/// @file Network addresses as people write them, in one form. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace thimble::mitigate {

/// An IPv4 or IPv6 address, or a prefix of such: "10.0.0.0/8", "192.0.2.7", "2001:db8::/32". Bits behind the prefix are
/// cleared, a prefix of all bits is left out. Nothing: it is none; zones ("%eth0") are none.
std::optional<std::string> prefix_in(std::string_view text);

/// The same without a prefix.
std::optional<std::string> address_in(std::string_view text);

/// Whether an address is one of a prefix, both as above; what cannot be read is not.
bool is_within(std::string_view address, std::string_view prefix);

/// "10.0.0.1:80", "[::1]:80".
inline std::string endpoint_text(const std::string& address, std::uint16_t port) {
    return (address.contains(':') ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

inline bool is_ipv6(std::string_view prefix) {
    return prefix.contains(':');
}

}  // namespace thimble::mitigate
