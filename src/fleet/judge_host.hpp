#pragma once
/// @file What one host misses: its patches as rows and its five numbers. Pure; the same assessment and
/// order of work that a scan of the host prints.

#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"
#include "thimble/catalog/catalog.hpp"
#include "thimble/model/decision.hpp"
#include "thimble/model/finding.hpp"
#include "thimble/model/inventory.hpp"
#include "thimble/model/patch.hpp"
#include "thimble/prioritize/decide.hpp"
#include "thimble/report/scan_report.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::fleet {

/// When each (vulnerability, source package) was first seen on one host.
using FirstSeen = std::map<std::pair<std::string, std::string>, Instant>;

/// One patch of one host, in the words of docs/formats/scan.md.
struct HostPatch {
    std::string source;
    std::string from_version;
    std::string to_version;  ///< empty: no version that fixes it is known
    std::string_view state;  ///< "ready", "offer_unknown", "blocked", "installed_not_live"
    std::string blocker;     ///< "hold", "not_offered" …; empty: nothing holds it back
    std::string blocker_detail;
    bool kev = false;
    bool exploited = false;
    bool public_exploit = false;
    std::string_view outcome;
    std::optional<Instant> due;  ///< absent: with the next system upgrade
    std::string due_rule;
    std::string_view restart;
    std::vector<std::string> vulnerabilities;  ///< ids, most urgent first
    bool operator==(const HostPatch&) const = default;
};

/// One vulnerability that is open in one package of one host.
struct HostFinding {
    model::InstalledPackage package;
    model::VulnerabilityFacts facts;  ///< without an id: no particular one, the package is unknown
    model::FindingStatus status = model::FindingStatus::Unknown;
    std::string reason;
    std::string fixed_version;
    model::Decision decision;
    model::DueDate due;
    Instant first_seen;
};

/// What is open on one host, in the order of its packages, then vulnerabilities.
/// @param catalog, first_seen, now  as judge_host
/// @error Corrupt "catalog.corrupt"
Result<std::vector<HostFinding>> findings_of_host(
    const model::Inventory& inventory,
    const catalog::Catalog* catalog,
    const FirstSeen& first_seen,
    Instant now);

/// What is to be said of one host.
struct HostJudgement {
    std::vector<HostPatch> patches;  ///< most urgent first
    report::ScanSummary numbers;
    std::vector<model::Gap> gaps;
    bool is_index_asked = false;  ///< whether the host asked what its repositories offer
    FirstSeen newly_seen;         ///< to be remembered
    bool operator==(const HostJudgement&) const = default;
};

/// Judges one host.
/// @param catalog     nullptr when there is none, which is a gap
/// @param first_seen  of this host; what is not in it is seen now
/// @param policy      whether KEV is known is taken from the catalog
/// @error Corrupt "catalog.corrupt"
Result<HostJudgement> judge_host(
    const model::Inventory& inventory,
    const catalog::Catalog* catalog,
    const prioritize::PriorityPolicy& policy,
    const FirstSeen& first_seen,
    Instant now);

/// Judges many hosts with one catalog at one instant. Hosts that share their documents come one after
/// the other: the latest assessment and judgement are all that is kept.
class HostJudge {
public:
    /// @param catalog  outlives the judge; nullptr when there is none
    HostJudge(const catalog::Catalog* catalog, prioritize::PriorityPolicy policy, Instant now);

    /// @param digest  of the inventory document: equal digests are equal inventories
    /// @error as judge_host
    Result<HostJudgement> judge(
        const std::string& digest, const model::Inventory& inventory, const FirstSeen& first_seen);

    /// How many assessments were made: fewer than hosts where hosts are equal.
    [[nodiscard]] std::uint64_t assessments() const { return assessments_; }

private:
    const catalog::Catalog* catalog_;
    prioritize::PriorityPolicy policy_;
    Instant now_;
    std::string digest_;
    std::optional<model::Assessment> assessment_;
    FirstSeen first_seen_;
    std::optional<HostJudgement> judgement_;
    std::uint64_t assessments_ = 0;
};

}  // namespace thimble::fleet
