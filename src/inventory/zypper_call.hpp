#pragma once
/// @file How zypper is called: for machines, without questions.

#include "thimble/base/result.hpp"
#include "thimble/host/host.hpp"
#include "thimble/inventory/read_inventory.hpp"
#include "thimble/inventory/rpm_call.hpp"
#include "thimble/model/inventory.hpp"

#include <string>
#include <vector>

namespace thimble::inventory {

/// Folders of ours on this machine.
struct ZypperFolders {
    std::string scratch;  ///< for rpm's settings, when this machine's zypper works on another root
    std::string cache;    ///< for metadata; empty: zypper's own in the host's root
};

/// A call of zypper. Its own words are XML only where it was told so; what it would ask, it answers by itself.
/// @param arguments  from the first global option that is not ours, or the command's name, on
/// @error Unavailable "inventory.no_scratch": rpm's settings cannot be written
Result<host::Command> zypper_command(
    host::Host& host,
    RunsAt where,
    const ZypperFolders& folders,
    std::vector<std::string> arguments);

/// As read_offers, of a host that zypper has repositories for. Asks this machine's zypper.
void read_zypper_offers(
    host::Host& host, const InventoryOptions& options, model::Inventory& inventory);

}  // namespace thimble::inventory
