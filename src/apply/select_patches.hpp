#pragma once
/// @file From a scan to the versions that a plan must bring about. Pure.

#include "thimble/apply/package_manager.hpp"
#include "thimble/apply/taken_back.hpp"
#include "thimble/base/result.hpp"
#include "thimble/model/finding.hpp"
#include "thimble/model/inventory.hpp"
#include "thimble/model/patch.hpp"
#include "thimble/model/plan.hpp"

#include <optional>
#include <string>
#include <vector>

namespace thimble::apply {

struct Chosen {
    std::vector<PackageVersion> wanted;        ///< by name, then architecture; unique
    std::vector<model::PlannedPatch> patches;  ///< in the order of work
    std::vector<model::LeftOut> left_out;
    std::vector<std::string> named;  ///< sources and packages of what the selection names; sorted
    std::vector<std::string> passed_over;  ///< names of the selection that no patch here has
    std::vector<std::string> not_known;  ///< of PatchOffer::undecided, those that no patch here has
};

/// The world that is chosen from.
struct PatchOffer {
    const model::Inventory& inventory;
    const model::Assessment& assessment;
    const model::OrderOfWork& work;
    const std::vector<TakenBack>& taken_back;  ///< left out, whatever is selected
    /// CVEs and advisories of the selection of which nobody can tell that no patch has to do with them; any order
    const std::vector<std::string>& undecided;
    bool passes_over_missing = false;  ///< one name that is met suffices: a fleet's hosts differ
    /// Who holds the package manager's lock: what looks interrupted is at work.
    std::optional<LockHolder> at_work = std::nullopt;
};

/// Chooses what the selection names among what the repositories offer. A blocked patch is left out
/// with its blocker, unless the level or the policy is what unblocks it. So is, as "nothing_newer", a word that means packages
/// which are installed and of which nothing newer is offered.
/// @error NotFound "apply.nothing_selected": words that mean nothing installed, CVEs or advisories that no offered patch has
///        and that are decided, ten of them by name; the message says where to read what is known. A security or full selection
///        may be empty.
/// @error Invalid "apply.bad_origin", "apply.bad_package": a pattern of the policy, or a word, that is none
Result<Chosen> select_patches(
    const model::PlanSelection& selection,
    const model::PlanPolicy& policy,
    const PatchOffer& offer);

}  // namespace thimble::apply
