#pragma once
/// @file What runs took back and nobody has allowed again: shown, kept from apt, and allowed.

#include "thimble/apply/apt_pins.hpp"
#include "thimble/apply/taken_back.hpp"
#include "thimble/base/result.hpp"
#include "thimble/cli/patch_folders.hpp"
#include "thimble/cli/patch_options.hpp"
#include "thimble/model/inventory.hpp"

#include <cstddef>
#include <limits>
#include <ostream>
#include <span>
#include <string>
#include <vector>

namespace thimble::cli {

/// Columns in which any number of names fits.
inline constexpr std::size_t kAllNames = std::numeric_limits<std::size_t>::max();

/// A run of which at least one patch is blocked.
struct BlockedRun {
    std::string run;
    std::string root;     ///< of the host
    std::string manager;  ///< of its plan
    std::string
        takes_back;  ///< of a rollback: the run that it took back; empty: it took back itself
    std::vector<apply::TakenBack> patches;
    std::vector<model::PlannedStep> steps;  ///< of its plan, those that bring one of these patches
    /// Why its record cannot be read, or that it is gone; then `patches` is what is remembered of it.
    std::string problem;
    std::vector<apply::PinnedVersion> pinned;  ///< where not even that is: what its pin still says
    std::string
        copied_from;  ///< root of another host, whose run it is: its pin came with a copy of that; empty: of this host
};

/// What counts for what is blocked on a host: its own runs, and those whose pins it has. Where such a run knew it by a path that leads
/// nowhere by now, also what runs of that path have installed or allowed since; of another host, of which it is a copy, nothing else.
/// @param runs  of list_runs
/// @return oldest first
std::vector<apply::EarlierRun> block_history(
    std::span<const KeptRun> runs, const std::string& root);

/// @param runs  of list_runs
/// @return those of the host `root`, or whose pins it has, that block patches, or may, since their record cannot be read; oldest first
std::vector<BlockedRun> blocked_runs(std::span<const KeptRun> runs, const std::string& root);

/// "curl 7.88.1-10+deb12u9, nginx 1.22.1-9"
/// @param columns  what does not fit is counted
std::string blocked_words(const BlockedRun& blocked, std::size_t columns = kAllNames);

/// Of a run whose record cannot be read: that, and what is blocked nevertheless.
std::string unread_words(const BlockedRun& blocked);

/// How it ends that a run blocks.
std::string unblock_step(const BlockedRun& blocked);

/// The versions that plans leave out because of a run. Its pin names binary packages: their sources are those of what is offered.
std::vector<apply::TakenBack> left_out_by(
    const BlockedRun& blocked, const model::Inventory& inventory);

/// A plan from before a run ended whose record cannot be read may bring what that took back.
/// @param runs  of list_runs
/// @error Conflict "cli.run_unread"
Result<void> refuse_unread(
    const model::Plan& plan, std::span<const KeptRun> runs, const std::string& root);

/// The file in which apt is to be told; empty: that package manager is told nothing.
std::string pin_of(const BlockedRun& blocked);

/// Whether that file is on the host.
bool is_pinned(const BlockedRun& blocked);

/// For people: who is kept from what a run took back.
std::string block_reach(const BlockedRun& blocked);

/// Makes apt's pins on the host, whose lock is held, those of the runs that block patches or are on their way back. Pins of runs
/// that cannot be read stay, which is told.
/// @param runs  of list_runs
/// @error "apply.not_pinned": see apply::settle_pins
[[nodiscard]] Result<void> settle_host_pins(
    const PatchOptions& options, std::span<const KeptRun> runs, std::ostream& err);

/// Allows again what a run took back.
int run_patch_unblock(const PatchOptions& options, std::ostream& out, std::ostream& err);

}  // namespace thimble::cli
