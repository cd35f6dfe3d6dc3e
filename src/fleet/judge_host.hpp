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
#include "thimble/prioritize/shield.hpp"
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

/// What is kept of a host beside its inventory.
struct KnownHost {
    FirstSeen first_seen;  ///< what is not in it is seen now
    std::vector<prioritize::HostControl>
        controls;  ///< by id; those that do not count are named with the reason
    bool operator==(const KnownHost&) const = default;
};

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
    std::string mitigated_by;  ///< id of the control that ends first of those that shield all of it
    std::optional<Instant> mitigated_until;  ///< absent: not all of it is shielded
    std::string_view bare_outcome;           ///< without any control
    std::optional<Instant> bare_due;         ///< likewise
    /// Those that are exploited, or have a public exploit and an outcome of out-of-cycle or immediate, and when each was
    /// first seen; by id.
    std::map<std::string, Instant> urgent;
    std::string package_type;  ///< "deb", "rpm", "npm" …; empty: not known
    bool operator==(const HostPatch&) const = default;
};

/// What cannot be patched, or is shielded: a source package and the version that it waits for.
struct UnpatchedSource {
    std::string source;
    std::string to_version;  ///< empty: no version that fixes it is known
    std::string
        reason;  ///< "no_fix", "end_of_life", "hold", "not_offered" …; empty: it is only shielded
    std::vector<std::string> vulnerabilities;  ///< ids, at most 100
    bool kev = false;
    bool exploited = false;
    std::string_view outcome;    ///< of the most urgent, as it stands
    std::optional<Instant> due;  ///< the earliest
    std::string control;         ///< id of a control that covers one of them; empty: none does
    std::string refusal;         ///< why it does not count; empty: it does
    std::string from_version;    ///< that is installed, of a source package
    std::string package_type;    ///< as package URLs have it
    bool operator==(const UnpatchedSource&) const = default;
};

/// One vulnerability that is open in one package of one host.
struct HostFinding {
    model::InstalledPackage package;
    model::VulnerabilityFacts facts;  ///< without an id: no particular one, the package is unknown
    model::FindingStatus status = model::FindingStatus::Unknown;
    std::string reason;
    std::string fixed_version;
    std::string called_unimportant_by;  ///< as of a finding
    model::Decision decision;           ///< as it stands, behind a control that counts
    model::DueDate due;                 ///< likewise
    Instant first_seen;
    prioritize::Exposure exposure;                ///< without any control
    std::optional<model::Mitigation> mitigation;  ///< none: no control covers it
    model::Decision bare_decision;                ///< without any control
    std::uint32_t urgency = 0;  ///< its place in the order of work of that host, from 1
};

/// What is open on one host, in the order of its packages, then vulnerabilities. The places of the most urgent come first;
/// of equals those that are due sooner, then by CVSS; what could not be judged comes last.
/// @param catalog, known, now  as judge_host
/// @error Corrupt "catalog.corrupt"
Result<std::vector<HostFinding>> findings_of_host(
    const model::Inventory& inventory,
    const catalog::Catalog* catalog,
    const KnownHost& known,
    Instant now);

/// What the catalog knows of a vulnerability apart from packages; nothing: an id alone.
/// @param catalog  nullptr when there is none
/// @error Corrupt "catalog.corrupt"
Result<model::VulnerabilityFacts> facts_of(const catalog::Catalog* catalog, const std::string& id);

/// What is to be said of one host.
struct HostJudgement {
    std::vector<HostPatch> patches;  ///< most urgent first
    report::ScanSummary numbers;
    std::vector<model::Gap> gaps;
    bool is_index_asked = false;             ///< whether the host asked what its repositories offer
    FirstSeen newly_seen;                    ///< to be remembered
    std::vector<UnpatchedSource> unpatched;  ///< by source and version
    std::vector<std::string> needed_controls;  ///< ids of those that cover something open, sorted
    bool operator==(const HostJudgement&) const = default;
};

/// Judges one host.
/// @param catalog  nullptr when there is none, which is a gap
/// @param policy   whether KEV is known is taken from the catalog
/// @error Corrupt "catalog.corrupt"
Result<HostJudgement> judge_host(
    const model::Inventory& inventory,
    const catalog::Catalog* catalog,
    const prioritize::PriorityPolicy& policy,
    const KnownHost& known,
    Instant now);

/// Judges many hosts with one catalog at one instant. Hosts that share their documents come one after
/// the other: the latest assessment and judgement are all that is kept. A judgement is shared by hosts of which the
/// same is known, controls included.
class HostJudge {
public:
    /// @param catalog  outlives the judge; nullptr when there is none
    HostJudge(const catalog::Catalog* catalog, prioritize::PriorityPolicy policy, Instant now);

    /// @param digest  of the inventory document: equal digests are equal inventories
    /// @error as judge_host
    Result<HostJudgement> judge(
        const std::string& digest, const model::Inventory& inventory, const KnownHost& known);

    /// How many assessments were made: fewer than hosts where hosts are equal.
    [[nodiscard]] std::uint64_t assessments() const { return assessments_; }

private:
    const catalog::Catalog* catalog_;
    prioritize::PriorityPolicy policy_;
    Instant now_;
    std::string digest_;
    std::optional<model::Assessment> assessment_;
    KnownHost known_;
    std::optional<HostJudgement> judgement_;
    std::uint64_t assessments_ = 0;
};

}  // namespace thimble::fleet
