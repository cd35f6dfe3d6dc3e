#pragma once
/// @file Whether the kernel that a patch brought is the one that runs. Pure; private to this folder.

#include "thimble/model/inventory.hpp"
#include "thimble/model/patch_state.hpp"
#include "thimble/model/plan.hpp"
#include "thimble/model/version_order.hpp"
#include "thimble/verify/package_files.hpp"

#include <span>
#include <string>
#include <vector>

namespace thimble::verify {

/// Whether a step brings a kernel: by its name, as a meta package, or by its files, whatever its name.
/// @param files  of its package
bool brings_kernel(const model::PlannedStep& step, const PackageFiles& files);

/// The steps by which a patch brings a kernel: its own, and where it has no more than a meta package named after kernels, those of
/// the plan that this came with.
/// @param steps  of the patch
std::vector<const model::PlannedStep*> kernel_steps(
    const model::Plan& plan,
    std::span<const model::PlannedStep* const> steps,
    const std::vector<PackageFiles>& files);

/// Whether a package has modules or headers of one release of a kernel: the next one comes beside it.
bool stands_beside_kernels(const PackageFiles& files);

/// The releases of the kernels that steps bring, by the names of Debian's images or by the files of the package; unique, in any
/// order. Of rpm's, which are listed together with those that they stand beside, older ones are among them.
std::vector<std::string> planned_releases(
    std::span<const model::PlannedStep* const> steps, const std::vector<PackageFiles>& files);

struct KernelVerdict {
    model::PatchState state = model::PatchState::Unknown;  ///< Verified: nothing is left to do
    std::string evidence;                                  ///< one sentence
    bool operator==(const KernelVerdict&) const = default;
};

/// Of a host that runs and is no container. Verified when one of the planned kernels runs, or a later one of its flavour, and it is
/// the newest in /boot, as it was built last. Where the plan brought other flavours only, the one that runs is not held against it: not
/// while its own package is installed, and not older than what the plan brings of the same source. Where nobody tells which build of a
/// release runs, it is the one that was there at the boot.
/// @param planned  from planned_releases; empty: the plan brought none itself
/// @param steps    from kernel_steps, the same that these are of
/// @param files    of their packages, with when they came
KernelVerdict judge_kernel(
    const model::Inventory& inventory,
    std::span<const std::string> planned,
    const model::VersionOrder& order,
    std::span<const model::PlannedStep* const> steps,
    const std::vector<PackageFiles>& files);

}  // namespace thimble::verify
