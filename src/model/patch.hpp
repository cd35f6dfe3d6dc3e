#pragma once
/// @file A patch: the unit of work. One source package's fixed version, with every finding it closes.

#include "thimble/model/decision.hpp"
#include "thimble/model/inventory.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace thimble::model {

/// What makes the new code live once it is installed.
enum class Restart : std::uint8_t {
    None,
    Services,  ///< processes that map the old files
    Reboot,
    Unknown,  ///< processes could not be seen
};

struct Patch {
    std::string source;  ///< source package; all kernel images are "linux"
    std::string from_version;
    std::string to_version;
    std::vector<std::uint32_t> packages;  ///< indexes into Inventory::packages, ascending
    std::vector<std::uint32_t> findings;  ///< indexes into Assessment::findings, most urgent first
    std::vector<std::uint32_t>
        vulnerabilities;  ///< indexes into Assessment::vulnerabilities, distinct, most urgent first
    bool offered = false;           ///< a configured repository has it
    bool security = false;          ///< it comes from a security archive, or closes a finding
    bool installed = false;         ///< on disk already; only a restart or reboot is missing
    std::vector<Blocker> blockers;  ///< the first is the root
    std::string
        blocked_reason;  ///< stable code where no package manager blocker says it: "not_offered"
    Decision decision;   ///< of its most urgent finding
    DueDate due;         ///< the earliest of its findings
    Restart restart = Restart::None;
    std::vector<std::string> services;  ///< units that map the files to be replaced
    std::string urgency;                ///< highest urgency of the changelog, when that was read
    std::vector<std::string> news;
    bool operator==(const Patch&) const = default;
};

/// Whether it is known which vulnerabilities the patch closes, if any. The urgency comes from the
/// changelog: when that was read and names none, there is none.
inline bool vulnerabilities_known(const Patch& patch) {
    return !patch.vulnerabilities.empty() || !patch.urgency.empty();
}

/// What controls do for a finding: the decision about it is the one behind the control that counts.
struct Mitigation {
    std::string control;  ///< id of the one that counts, or of one that covers it in vain
    std::string control_name;
    std::optional<Instant> until;     ///< when it ends at the latest; absent: it does not count
    std::string refusal;              ///< why it does not count, for people; empty: it does
    std::uint32_t bare_decision = 0;  ///< index into OrderOfWork::decisions: without any control
    DueDate bare_due;                 ///< likewise
    bool operator==(const Mitigation&) const = default;
};

/// Decisions of all findings, and the work that follows.
struct OrderOfWork {
    std::vector<Decision> decisions;                  ///< distinct
    std::vector<std::uint32_t> decision_of_finding;   ///< parallel to the findings
    std::vector<DueDate> due_of_finding;              ///< parallel to the findings
    std::map<std::uint32_t, Mitigation> mitigations;  ///< of the findings that controls cover
    std::vector<Patch> patches;                       ///< most urgent first
    std::uint32_t other_updates = 0;  ///< offered sources that are no security matter
};

}  // namespace thimble::model
