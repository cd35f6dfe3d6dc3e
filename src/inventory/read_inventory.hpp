#pragma once
/// @file Everything that is wanted of one host, read through its door.

#include "thimble/base/result.hpp"
#include "thimble/host/host.hpp"
#include "thimble/model/inventory.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace thimble::inventory {

/// What to read beyond os-release, packages, machine-id and installed kernels.
struct InventoryOptions {
    bool offers = false;     ///< what the package manager's repositories offer
    bool processes = false;  ///< processes that map replaced files; only of a running host
    bool listeners = false;  ///< listening sockets and their owners; only of a running host
    bool changelogs =
        false;           ///< evidence from changelogs of pending security updates; needs offers
                         ///< and a cache
    std::string cache;   ///< folder of ours on this machine, kept between scans; empty: none
    std::string helper;  ///< path of thimble-apt; empty: the one that is installed with us
    std::chrono::seconds changelog_time_limit{45};
    bool show_progress = false;  ///< let thimble-apt show progress on standard error
    std::vector<std::string>
        ignored_mappings;  ///< beginnings of paths that never count as replaced
};

/// Reads what `options` want. What could not be known is a Gap in the result, never silence.
/// @param now  the instant that the inventory is stamped with
/// @error Unsupported "inventory.no_system": there is neither an os-release nor a package database
Result<model::Inventory> read_inventory(
    host::Host& host, const InventoryOptions& options, Instant now);

/// The paths that read_inventory looks at in any host: what an SshHost should ask for in one go.
std::vector<host::Question> paths_of_interest();

}  // namespace thimble::inventory
