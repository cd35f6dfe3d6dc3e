#pragma once
/// @file A finding: one vulnerability in one package of one host, with what is to be said of it.

#include "thimble/base/instant.hpp"
#include "thimble/model/inventory.hpp"
#include "thimble/model/vulnerability.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::model {

/// VEX-style status of a finding.
enum class FindingStatus : std::uint8_t {
    AffectedFixAvailable,
    AffectedNoFix,
    AffectedFixNotInMyRepos,   ///< the vendor fixed it, no configured repository offers it
    FixedInstalledNotRunning,  ///< on disk, not in memory: still open
    Fixed,
    NotAffected,
    UnderInvestigation,
    Unknown,  ///< could not be judged; the reason says why
};

/// "affected_fix_available", … as JSON and the documentation spell them.
std::string_view finding_status_name(FindingStatus status);

/// Whether the finding still asks for something: everything but Fixed and NotAffected.
bool is_open(FindingStatus status);

/// One record that was used, and what it says here.
struct Evidence {
    std::string feed;
    std::string record;
    std::string statement;         ///< "7.88.1-10+deb12u4 < 7.88.1-10+deb12u5"
    std::optional<Instant> as_of;  ///< date of the record
    bool operator==(const Evidence&) const = default;
};

struct Finding {
    std::uint32_t vulnerability = 0;  ///< index into Assessment::vulnerabilities
    std::uint32_t package = 0;        ///< index into Inventory::packages
    FindingStatus status = FindingStatus::Unknown;
    std::string fixed_version;  ///< source version that closes it; empty: none known
    std::string reason;  ///< stable code for what the status alone does not tell: "end_of_life"
    /// The distribution that calls the vulnerability unimportant for this package: "Debian"; empty: no
    /// record says so. It is told, and decides nothing: neither status nor priority nor due date.
    std::string called_unimportant_by;
    std::vector<Evidence> evidence;
    bool operator==(const Finding&) const = default;
};

/// What assess says of one host.
struct Assessment {
    std::vector<VulnerabilityFacts>
        vulnerabilities;            ///< one per id; [0] stands for "no particular one"
    std::vector<Finding> findings;  ///< by package, then vulnerability id
    std::vector<Gap> gaps;
    bool operator==(const Assessment&) const = default;
};

}  // namespace thimble::model
