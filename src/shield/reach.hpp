#pragma once
/// @file Can a TCP port be reached: from here, or from another network namespace of this host.

#include "thimble/base/result.hpp"
#include "thimble/host/file_access.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace thimble::shield {

enum class Reach : std::uint8_t {
    Connected,
    Refused,  ///< answered, and not let in
    Silent,   ///< no answer in time
    NoWay,    ///< this host could not ask: no route, no such protocol, a filter of its own
};
std::string_view reach_name(Reach reach);

inline constexpr std::chrono::milliseconds kReachPatience{2000};

/// Opens a connection and closes it.
/// @param address  IPv4 or IPv6
/// @param space    namespace below /run/netns; empty: ours
/// @error Unavailable "shield.no_space"  there is no such namespace, or it may not be entered
Result<Reach> try_to_reach(
    const std::string& address,
    std::uint16_t port,
    const std::string& space = {},
    std::chrono::milliseconds patience = kReachPatience);

/// The address from which this host asks there, as its routes say; empty: there is no way, or it is no address. Nothing
/// is sent.
std::string source_towards(const std::string& address, std::uint16_t port);

/// A connection from here, for reading and writing without waiting.
/// @error Unavailable "shield.no_answer"
Result<host::Descriptor> connected_socket(
    const std::string& address,
    std::uint16_t port,
    std::chrono::milliseconds patience = kReachPatience);

}  // namespace thimble::shield
