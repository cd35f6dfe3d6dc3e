#pragma once
/// @file What keeps apt from installing again what a run took back: one file of preferences per run.
/// Format: docs/formats/taken-back.md.

#include "thimble/base/result.hpp"
#include "thimble/inventory/rollback_pins.hpp"
#include "thimble/model/plan.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::apply {

/// A run of which at least one patch is blocked, and the steps of its plan that bring such a patch.
struct PinnedRun {
    std::string run;
    std::vector<model::PlannedStep> steps;
};

/// "/etc/apt/preferences.d/thimble-rolled-back-RUN.pref"
std::string pin_path(std::string_view run);

using inventory::parse_pins;
using inventory::pinned_run_of;
using inventory::PinnedVersion;

/// The file: a pin below zero for each version that came and was taken back, also of a package that was not there before, as a new
/// kernel is. Empty: there is nothing to pin.
/// Names and versions that could be read as a pattern or another field are left out. Pure.
/// @source apt_preferences(5)
std::string format_pins(const PinnedRun& pinned);

/// What the pin of a run keeps from apt on a root.
/// @error NotFound: it has none; else those of the file system
Result<std::vector<PinnedVersion>> read_pins(const std::string& root, std::string_view run);

/// The runs whose pins a root has, sorted; none where there is no such folder.
std::vector<std::string> pinned_runs(const std::string& root);

/// Makes the pins of the `known` runs those of `wanted`; pins of other runs are somebody else's and stay.
/// What a kill has left half written goes, whose ever it is: the caller holds the lock of the root (RunLock). One file that cannot be
/// changed keeps no other from being.
/// Links in the root cannot lead out of it.
/// @param known  every run that the caller has a record of
/// @return the paths that were written or removed
/// @error Denied, Unavailable, Invalid "apply.not_pinned" names the first such file
Result<std::vector<std::string>> settle_pins(
    const std::string& root, std::span<const PinnedRun> wanted, std::span<const std::string> known);

}  // namespace thimble::apply
