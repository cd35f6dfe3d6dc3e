#pragma once
/// @file Of how many hosts a list over all of them can say nothing.

#include "thimble/base/json_members.hpp"
#include "thimble/base/result.hpp"
#include "thimble/client/fleet_context.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace thimble::client {

struct FleetCoverage {
    std::int64_t hosts = 0;
    std::int64_t unknown = 0;  ///< of which something is not known
    /// Others, of which changelogs of pending updates were not read, so that what these alone name is not known.
    std::int64_t unread_changelogs = 0;
    bool operator==(const FleetCoverage&) const = default;
};

/// Of the hosts of one group, or of all that may be seen.
/// @param group  empty: all
/// @error as ApiConnection::ask; Corrupt "client.odd_answer"
Result<FleetCoverage> fleet_coverage(const FleetContext& context, const std::string& group);

/// Pure. @param groups  items of the list `groups`
FleetCoverage coverage_of(std::span<const JsonValue> groups);

/// Pure. What is not known, and how these hosts are listed; empty: everything is.
std::string not_known_lines(std::int64_t unknown, std::int64_t unread_changelogs);

}  // namespace thimble::client
