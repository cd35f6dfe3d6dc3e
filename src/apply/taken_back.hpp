#pragma once
/// @file Patches that were taken back stay out of plans until somebody asks for them again. Pure.

#include "thimble/apply/run_cause.hpp"
#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"
#include "thimble/model/plan.hpp"

#include <span>
#include <string>
#include <vector>

namespace thimble::apply {

/// What earlier runs of a host say of the patches that they carried.
struct EarlierRun {
    std::string id;
    std::string result;  ///< of run_result_name
    Instant ended_at;
    std::string plan;  ///< digest
    std::vector<model::PlannedPatch> patches;
    bool unblocked = false;            ///< somebody has looked why, and allows its patches again
    RunCause cause = RunCause::Patch;  ///< of what was taken back
};

/// Whether it took its patches back, or was to.
bool went_back(const EarlierRun& run);

struct TakenBack {
    std::string source;
    std::string version;
    std::string run;  ///< the last that took it back
    Instant at;       ///< when that had ended
    bool operator==(const TakenBack&) const = default;
};

/// @param runs  of one host, oldest first
/// @return versions whose last run that changed something took them back, unless somebody has unblocked that run, by source, then
///         version; a run that its surroundings ended has changed nothing of it
std::vector<TakenBack> taken_back_patches(std::span<const EarlierRun> runs);

/// A plan does not outlive the run that took one of its patches back: only a plan that was made later, by
/// somebody who asked for that patch again, may carry it. Within one second, the resolution of a plan's
/// time, it is the one that was not carried out yet.
/// @param digest  of the plan
/// @param runs    of one host, oldest first
/// @error Conflict "apply.taken_back" names patch and run
Result<void> refuse_taken_back(
    const model::Plan& plan, const std::string& digest, std::span<const EarlierRun> runs);

}  // namespace thimble::apply
