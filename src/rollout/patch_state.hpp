#pragma once
/// @file Where one patch of one host stands, as a table of states and events. Pure.

#include "thimble/rollout/host_course.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace thimble::rollout {

/// Compliant are Verified and NotApplicable alone. Archives are fetched while a plan is frozen, before
/// the server knows of which patches, so that there is no state for it.
enum class PatchState : std::uint8_t {
    NotApplicable,  ///< the latest inventory does not miss it
    Missing,
    Blocked,    ///< something holds it back on the host
    Scheduled,  ///< planned; its rehearsal goes on
    Installing,
    InstalledPendingRestart,  ///< processes still run what was replaced
    InstalledPendingReboot,   ///< the kernel before still runs
    Verified,                 ///< live, as a verification on the host and an inventory saw it
    Failed,
    FailedHealth,  ///< installed, and something that worked does not
    RolledBack,
    Unpatchable,  ///< no version that fixes it is known
    Unknown,      ///< a job on the host was lost; the next inventory tells
};
inline constexpr int kPatchStates = static_cast<int>(PatchState::Unknown) + 1;

/// "not_applicable", "missing", …, "unknown".
std::string_view patch_state_name(PatchState state);
std::optional<PatchState> patch_state_named(std::string_view name);

enum class PatchEvent : std::uint8_t {
    // What an inventory shows.
    IsMissing,
    IsBlocked,
    HasNoFix,
    WaitsForRestart,
    WaitsForReboot,
    IsGone,  ///< nothing on the host misses it any more
    // What a deployment does.
    WasPlanned,
    IsInstalled,  ///< its transaction has begun
    IsLive,
    NeedsRestart,
    NeedsReboot,
    WasTakenBack,
    BrokeHealth,
    HasFailed,
    WasLeft,  ///< the deployment ended before it changed anything
    WasLost,  ///< the end of a job was not heard
};
inline constexpr int kPatchEvents = static_cast<int>(PatchEvent::WasLost) + 1;

/// @param was_verified_on_disk  a verification on the host has found its files installed and intact;
///        then an inventory without old processes and kernels makes it live
/// @source workflow: a fix is verified when a new inventory shows the version, no process maps the old
///         object, the right kernel runs and the package's files are intact; a regression opens it again
PatchState next_state(PatchState state, PatchEvent event, bool was_verified_on_disk);

/// What the phase of a host means for the patches of its plan; none: nothing yet.
std::optional<PatchEvent> event_of(CoursePhase phase);

}  // namespace thimble::rollout
