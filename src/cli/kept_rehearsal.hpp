#pragma once
/// @file The rehearsal that a plan needs before it may be applied.

#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"
#include "thimble/cli/patch_host.hpp"
#include "thimble/cli/patch_options.hpp"
#include "thimble/model/plan.hpp"
#include "thimble/model/plan_command.hpp"
#include "thimble/rehearse/rehearsal.hpp"

#include <chrono>
#include <filesystem>
#include <string>

namespace thimble::cli {

/// For what a rehearsal is wanted.
struct RehearsalQuestion {
    std::string plan;  ///< its file
    std::string plan_digest;
    std::string plan_state;  ///< of the host for which it was made
    std::string host_state;
    // NOLINTNEXTLINE(readability-redundant-member-init): g++ warns else
    model::PlanRequest request = {};  ///< of the plan
    std::string changes;  ///< what can be named of why that is not the plan's; may be empty
    std::string root;     ///< of the host, on this machine
    Instant now;
    std::chrono::seconds max_age{0};  ///< zero: any
    bool is_bare =
        false;  ///< nothing can be rehearsed there: its package manager is this machine's
};

/// About a plan of options.plan and the host as it is now.
Result<RehearsalQuestion> rehearsal_question(
    const PatchOptions& options, const model::Plan& plan, const PatchHost& host);

/// The document of the rehearsal of a plan, if it passed and the host is still the same.
/// @error Conflict "apply.not_rehearsed", "apply.rehearsal_failed"; "apply.rehearsal_stale" names what changed; each says which
///        commands, of that very plan, have to be typed first
Result<std::string> passing_rehearsal(
    const std::filesystem::path& state, const RehearsalQuestion& question);

/// What to do about a plan that did not pass: of a clone that was too small, or had too little time, to give it more; else to mend
/// what breaks, or to leave out what is known to break it.
std::string step_after_failed_rehearsal(
    const rehearse::Rehearsal& rehearsal, const RehearsalQuestion& question);

/// The command that carries a plan out, or what has to be done before it may be.
std::string step_to_apply(const std::filesystem::path& state, const RehearsalQuestion& question);

}  // namespace thimble::cli
