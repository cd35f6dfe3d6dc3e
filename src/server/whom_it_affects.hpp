#pragma once
/// @file On which of the hosts that somebody may see a vulnerability is open, and of which nobody can say.

#include "thimble/server/context.hpp"

#include <string>
#include <vector>

namespace thimble::server {

/// Ids, ascending. Each host that may be affected is in one of the three.
struct WhomItAffects {
    bool is_known =
        false;  ///< an advisory for a release of a host names it, or a changelog of a host
    std::vector<std::string> affected;
    std::vector<std::string> unknown;  ///< something is not known of them
    /// Judged; but changelogs of pending updates, which alone may name it, were not read there.
    std::vector<std::string> unread;
};

/// The one group that a principal may see, as the store has it; empty: every group.
std::string group_seen_by(const Principal& principal);

/// @param host_group  empty: every group
/// @error Unavailable "server.no_index"; Corrupt "catalog.corrupt"
Result<WhomItAffects> whom_it_affects(
    Context& context, const std::string& vulnerability, const std::string& host_group);

}  // namespace thimble::server
