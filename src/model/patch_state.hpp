#pragma once
/// @file Where one patch stands on one host.

#include <cstdint>
#include <optional>
#include <string_view>

namespace thimble::model {

/// Only Verified and NotApplicable are compliant.
enum class PatchState : std::uint8_t {
    NotApplicable,
    Missing,
    Blocked,
    Scheduled,
    Downloading,
    Installing,
    InstalledPendingRestart,  ///< processes still map the old files: still open
    InstalledPendingReboot,   ///< the old kernel, or what only a boot replaces, still runs
    Verified,
    Failed,
    FailedHealth,
    RolledBack,
    Excepted,
    Mitigated,
    Unpatchable,
    Unknown,
};

/// "installed_pending_restart", …
std::string_view patch_state_name(PatchState state);
std::optional<PatchState> patch_state_named(std::string_view name);

}  // namespace thimble::model
