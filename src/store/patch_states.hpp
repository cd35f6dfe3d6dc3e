#pragma once
/// @file Where each patch of each host stands, since when, and by what evidence.

#include "thimble/base/instant.hpp"
#include "thimble/store/connection.hpp"

#include <string>
#include <vector>

namespace thimble::store {

struct PatchStateRow {
    std::string host_id;
    std::string source;
    std::string to_version;  ///< empty: no version that fixes it is known
    std::string state;       ///< a word of the rollout
    Instant since;
    std::string evidence;           ///< JSON: what led to it
    bool verified_on_disk = false;  ///< a verification has found its files installed and intact
    /// What the host had when a deployment last moved it: what that inventory shows is older.
    std::string inventory_digest;
    bool operator==(const PatchStateRow&) const = default;
};

/// By source and version.
Result<std::vector<PatchStateRow>> patch_states_of(
    Connection& connection, const std::string& host_id);

/// Puts the row in the place of the one with its host, source and version.
Result<void> put_patch_state(Connection& connection, const PatchStateRow& row);

/// Forgets the row with that host, source and version.
Result<void> forget_patch_state(Connection& connection, const PatchStateRow& row);

/// The inventory that a host has now; empty: none, or no such host.
Result<std::string> inventory_digest_of(Connection& connection, const std::string& host_id);

}  // namespace thimble::store
