#pragma once
/// @file The command line that asks for the same plan again.

#include "thimble/model/plan.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace thimble::model {

/// What a plan is asked for.
struct PlanRequest {
    PlanSelection selection;  ///< which patches
    PlanPolicy policy;        ///< by which rules of the owner
    bool operator==(const PlanRequest&) const = default;
};

/// What a plan was asked for. Pure.
PlanRequest request_of(const Plan& plan);

/// The options of `thimble patch plan` that ask for a selection, each a word: read again they give the same. None: every security
/// patch, which is the default. Pure.
std::vector<std::string> selection_words(const PlanSelection& selection);

/// Likewise those that ask for a policy; none: the default. All probes get the most seconds that one of them has, since the command
/// line has one limit for all; a lock is waited for as long as by default.
std::vector<std::string> policy_words(const PlanPolicy& policy);

/// "thimble patch plan --package curl", to be pasted into a POSIX shell. Pure.
/// @param more  words before these, each with a blank in front, quoted: " --retry --root /a"
std::string plan_command(const PlanRequest& request, std::string_view more = {});

}  // namespace thimble::model
