#pragma once
/// @file Has thimble-apt tell what the repositories offer. Private to this folder.

#include "thimble/host/host.hpp"
#include "thimble/inventory/read_inventory.hpp"
#include "thimble/model/inventory.hpp"

#include <string>
#include <vector>

namespace thimble::inventory {

/// The command line that asks about `host`. Pure but for /var/lib/dpkg/arch of the host.
std::vector<std::string> apt_command(
    host::Host& host,
    const InventoryOptions& options,
    const std::string& helper,
    const model::Inventory& inventory);

/// Adds offers, changelog evidence and the state of the index, or a Gap that says why not.
void read_offers(host::Host& host, const InventoryOptions& options, model::Inventory& inventory);

}  // namespace thimble::inventory
