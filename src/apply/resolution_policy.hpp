#pragma once
/// @file Which transactions the owner's rules refuse. Pure.

#include "thimble/apply/package_manager.hpp"
#include "thimble/model/plan.hpp"

#include <vector>

namespace thimble::apply {

/// What the package manager itself found wrong, less what the policy allows, and what the policy
/// refuses: removals, downgrades, the removal of an essential package, and essential packages and
/// kernels of a source that nobody asked for.
/// @source workflow 4.2
std::vector<model::PlanProblem> judge_resolution(
    const Resolution& resolution, const model::PlanPolicy& policy);

}  // namespace thimble::apply
