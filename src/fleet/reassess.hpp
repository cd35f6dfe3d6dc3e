#pragma once
/// @file The whole fleet against the whole catalog, in a few threads.

#include "thimble/base/result.hpp"
#include "thimble/catalog/catalog.hpp"
#include "thimble/fleet/fleet_index.hpp"
#include "thimble/fleet/fleet_judge.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace thimble::fleet {

/// How much is open on one host: pairs of a version that it has, or of a changelog, and a vulnerability.
struct HostStanding {
    std::uint32_t open = 0;
    std::uint32_t exploited = 0;
    bool operator==(const HostStanding&) const = default;
};

/// What a catalog says of a fleet.
struct FleetAssessment {
    std::vector<VersionStanding> versions;  ///< by number of the version
    std::vector<HostStanding> hosts;        ///< by number of the host; zeros where there is none
    std::vector<PackageFinding> findings;   ///< by vulnerability, then package
    /// Those that are open somewhere, by number; sorted. Valid as long as the catalog and the index.
    std::vector<std::string_view> vulnerabilities;
    std::vector<std::string_view> exploited;  ///< those of them that are known to be
};

/// Asks each version once, and each changelog, and adds up what their hosts have. Packages that nobody can
/// judge are not in it. O(versions × rows of their packages + lists × their packages + hosts).
/// @param threads  at least 1
/// @error Corrupt "catalog.corrupt"
Result<FleetAssessment> reassess(
    const FleetIndex& index, const catalog::Catalog& catalog, unsigned threads);

/// The hosts of which `after` says something else than `before`, in the order in which they are to be
/// looked at: those with more that is exploited, then those with more that is open, then the others;
/// of equals the lower number first. Both are of this index, and nothing was put or removed between, but
/// versions that `before` does not know count as changed.
/// O(versions + one union + changed hosts log changed hosts).
std::vector<HostNumber> changed_hosts(
    const FleetIndex& index, const FleetAssessment& before, const FleetAssessment& after);

}  // namespace thimble::fleet
