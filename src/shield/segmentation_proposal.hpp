#pragma once
/// @file A segmentation as a host's sockets suggest it. Pure.

#include "thimble/inventory/net_table.hpp"
#include "thimble/mitigate/control.hpp"
#include "thimble/model/inventory.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace thimble::shield {

/// What is to be shielded: a package, a port, or both.
struct ShieldedService {
    std::string package;     ///< empty: any
    std::uint16_t port = 0;  ///< 0: any
};

/// Guards the ports on which the service listens for others, and lets in who is connected to them now. A proposal: who
/// comes once a month is not connected, and an attacker may be.
/// @param keep  what the host must reach in any case
/// @error NotFound "shield.nothing_listens"  no port of that service can be reached by others
Result<mitigate::Segmentation> propose_segmentation(
    const std::vector<model::Listener>& listeners,
    const std::vector<inventory::Connection>& connections,
    const ShieldedService& service,
    std::vector<mitigate::KeptServer> keep);

/// Sockets that others can reach of the processes that listen on the TCP port `port`, but for the ports `known`.
std::vector<model::Listener> other_sockets(
    const std::vector<model::Listener>& listeners,
    std::uint16_t port,
    const std::vector<std::uint16_t>& known);

/// Ports of the same processes that others can reach and that are not guarded, a sentence each.
std::vector<std::string> unguarded_ports(
    const std::vector<model::Listener>& listeners, const mitigate::Segmentation& settings);

}  // namespace thimble::shield
