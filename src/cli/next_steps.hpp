#pragma once
/// @file Commands to type next, for the host and the data that were asked for. Pure.

#include "thimble/base/error.hpp"
#include "thimble/cli/scan_command.hpp"
#include "thimble/model/inventory.hpp"
#include "thimble/model/patch.hpp"

#include <string>
#include <vector>

namespace thimble::cli {

/// The words that name the host and the data of a scan, quoted for a shell, each with a blank in front:
/// " --root /mnt/image". Empty for this machine and the usual data.
std::string target_arguments(const ScanOptions& options);

/// What `next` of a gap says, for the scanned host and the catalog that was used: a command that would
/// change this machine or this state directory instead is said in the way that reaches the right one.
std::string aimed(const std::string& next, const ScanOptions& options);

/// What to do about a catalog that cannot be used; empty: the error is of something else, or the usual step will do.
std::string step_of_catalog(const Error& error, const ScanOptions& options);

/// What to do about each blocker of the offers, for the scanned host.
void aim_blockers(model::Inventory& inventory, const ScanOptions& options);

/// Of the packages of `patch` those that somebody keeps back, as the package manager takes them.
std::vector<std::string> held_packages(
    const model::Patch& patch, const model::Inventory& inventory);

/// A step that lifts a blocker.
struct LiftingStep {
    std::string words;
    bool is_command = true;  ///< to be typed as it stands, or on the host that it names
    bool operator==(const LiftingStep&) const = default;
};

/// Steps that lift the blockers of `patch` that somebody has set, or may lift: holds, locks, what a run took back, what an
/// interrupted package manager has left; of a pin an instruction. Each once; none of a package with a name that a shell would act on.
std::vector<LiftingStep> lifting_steps(
    const model::Patch& patch, const model::Inventory& inventory, const ScanOptions& options);

/// A command that installs `patch`, or an instruction with one, once `lifting_steps` are done; empty when none is known, when
/// something keeps it back that none of these lifts, and when a package has a name that a shell would act on.
std::string install_step(
    const model::Patch& patch, const model::Inventory& inventory, const ScanOptions& options);

}  // namespace thimble::cli
