#pragma once
/// @file What zypper is told, and whether what it would do is the plan. Pure.

#include "thimble/apply/package_manager.hpp"
#include "thimble/inventory/zypper_answer.hpp"
#include "thimble/model/plan.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::apply {

/// "name.architecture=version", as zypper takes it for an argument.
std::string zypper_label(const PackageVersion& package);

/// The arguments of an installation of exactly these archives: no repository is known to it.
/// @param archives  their folder, as zypper sees it
std::vector<std::string> zypper_install(
    std::span<const model::PlannedStep> steps, const std::string& archives);

/// What zypper would do beyond the steps, and what it would leave out; one sentence each.
std::vector<std::string> zypper_differences(
    std::span<const model::PlannedStep> steps, const std::vector<inventory::ZypperChange>& changes);

/// What zypper's exit status means for a transaction.
/// @source zypper(8), EXIT CODES
TransactionReport zypper_ending(int exit_status);

}  // namespace thimble::apply
