#pragma once
/// @file What is open in a fleet, over all of its hosts or some: vulnerabilities, the advisories that
/// close them, versions of packages. Pure.

#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"
#include "thimble/catalog/catalog.hpp"
#include "thimble/fleet/fleet_index.hpp"
#include "thimble/fleet/host_set.hpp"
#include "thimble/model/decision.hpp"
#include "thimble/model/vulnerability.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace thimble::fleet {

/// Known to be exploited: by KEV, or called actively exploited by SSVC.
bool is_exploited(const model::VulnerabilityFacts& facts);
/// An exploit of it is public.
bool has_public_exploit(const model::VulnerabilityFacts& facts);

/// A vulnerability that is open on at least one host.
struct OpenVulnerability {
    model::VulnerabilityFacts facts;
    std::uint64_t hosts = 0;
    std::uint32_t packages = 0;  ///< names of packages in which it is open
    bool fixed = false;          ///< somewhere a version that closes it is known
    /// Where exposure is not known: what is open on a host has its own.
    model::SsvcOutcome outcome = model::SsvcOutcome::Defer;
    bool operator==(const OpenVulnerability&) const = default;
};

/// An advisory that names a fix for something that is open.
struct ClosingAdvisory {
    std::string id;
    std::string feed;
    std::optional<Instant> published;
    std::optional<Instant> modified;
    std::vector<std::uint32_t> vulnerabilities;  ///< ascending, of FleetOverview::vulnerabilities
    std::uint64_t hosts = 0;                     ///< on which any of them is open and not fixed
    bool operator==(const ClosingAdvisory&) const = default;
};

/// A version of a package that at least one host has.
struct PackageCount {
    std::string release;  ///< the first section that speaks for it: "Debian:12"
    std::string name;
    std::string version;
    std::string architecture;
    std::string stream;
    std::uint64_t hosts = 0;
    std::uint32_t open =
        0;  ///< vulnerabilities, also by changelogs that some of the hosts were told of
    bool operator==(const PackageCount&) const = default;
};

struct FleetOverview {
    /// In the order of work of a host on which nothing is known of exposure; ties by CVSS, hosts, id.
    std::vector<OpenVulnerability> vulnerabilities;
    /// Those that close the first vulnerabilities first, of equals who closes more; ties by id.
    std::vector<ClosingAdvisory> advisories;
    std::vector<PackageCount> packages;  ///< in the order of the index
};

/// Judges each version once, and what changelogs name.
/// @param among  the hosts that count; nullptr: all of the index
/// O(versions × rows of their packages + one union for each set of versions).
/// @error Corrupt "catalog.corrupt"
Result<FleetOverview> overview_of(
    const FleetIndex& index, const catalog::Catalog& catalog, const HostSet* among);

}  // namespace thimble::fleet
