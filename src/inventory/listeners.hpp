#pragma once
/// @file Who listens on the network.

#include "thimble/host/host.hpp"
#include "thimble/model/inventory.hpp"

namespace thimble::inventory {

/// Adds the listening sockets of the running host's network namespace, sorted by protocol, port and
/// address, each with the process and the package that owns its program; a Gap when processes are
/// hidden.
void read_listeners(host::Host& host, model::Inventory& inventory);

}  // namespace thimble::inventory
