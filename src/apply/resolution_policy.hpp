#pragma once
/// @file Which transactions the owner's rules refuse. Pure.

#include "thimble/apply/package_manager.hpp"
#include "thimble/model/plan.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace thimble::apply {

/// Whether the host starts with another version of a binary package, be it a kernel, its meta package or, of rpm, where they are packages
/// of their own, its modules. What builds against a kernel, tells of it or looks at it (headers, tools) is none.
bool is_part_of_kernel(std::string_view name);

/// What the package manager itself found wrong, less what the policy allows, and what the policy
/// refuses: removals, downgrades, the removal of an essential package, and essential packages and
/// kernels of a source that nobody asked for.
/// @source workflow 4.2
std::vector<model::PlanProblem> judge_resolution(
    const Resolution& resolution, const model::PlanPolicy& policy);

/// Of dnf and zypper, where an archive has but the id of its repository, which counts as its origin: what comes from a
/// repository that no pattern allows is a problem of the resolution.
void refuse_other_repositories(std::span<const OriginPattern> patterns, Resolution& resolution);

}  // namespace thimble::apply
