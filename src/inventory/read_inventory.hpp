#pragma once
/// @file Everything that is wanted of one host, read through its door.

#include "thimble/base/result.hpp"
#include "thimble/host/host.hpp"
#include "thimble/model/inventory.hpp"

#include <string>

namespace thimble::inventory {

/// What to read beyond os-release, packages, machine-id and installed kernels.
struct InventoryOptions {
    bool offers = false;     ///< what the package manager's repositories offer
    bool processes = false;  ///< processes that map replaced files; not in a root directory
    bool listeners = false;  ///< listening sockets and their owners; not in a root directory
    bool changelogs =
        false;  ///< evidence from the changelogs of pending security updates; needs offers
    std::string changelog_cache;  ///< folder on this machine where changelog evidence is kept
    std::string helper;  ///< path of thimble-apt; empty: beside our program, ../libexec/thimble
};

/// Reads what `options` want. What could not be known is a Gap in the result, never silence.
/// @param now  the instant that the inventory is stamped with
/// @error Unsupported "inventory.no_system": there is neither an os-release nor a package database
Result<model::Inventory> read_inventory(
    host::Host& host, const InventoryOptions& options, Instant now);

}  // namespace thimble::inventory
