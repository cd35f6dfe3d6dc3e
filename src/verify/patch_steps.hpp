#pragma once
/// @file Which packages of the host a patch of a plan is about. Pure; private to this folder.

#include "thimble/model/inventory.hpp"
#include "thimble/model/plan.hpp"
#include "thimble/model/version_order.hpp"
#include "thimble/verify/package_files.hpp"

#include <string>
#include <vector>

namespace thimble::verify {

/// The plan's steps that carry one patch out; what it removes is not among them.
std::vector<const model::PlannedStep*> steps_of(
    const model::Plan& plan, const model::PlannedPatch& patch);

/// The order of the versions of a package manager: "apt", "apk", else rpm's.
const model::VersionOrder& order_of(const std::string& manager);

/// The newest of that name: kernels of rpm are installed beside each other. None: it is not installed.
const model::InstalledPackage* installed(
    const model::Inventory& inventory,
    const model::PlannedStep& step,
    const model::VersionOrder& order);

/// Installed packages of the patch's source that no step changes and that stand where the changed ones stood before, or between
/// there and the plan: they were dropped or renamed by the update, or no repository offers them. What was below already is of
/// a line of its own, of which the plan claims nothing. Of kernels, which stand beside each other, the newest of its kind counts,
/// and none where the plan brings one: which of them runs tells more. Where no step is of the very source, as where
/// only a signed image comes, nothing says what the others should be at, and none is left.
/// @return by the order of the inventory
std::vector<const model::InstalledPackage*> left_behind(
    const model::Plan& plan, const model::PlannedPatch& patch, const model::Inventory& inventory);

/// Whether a package has nothing but documentation, as those that lead to its new name.
bool is_without_code(const PackageFiles& files);

}  // namespace thimble::verify
