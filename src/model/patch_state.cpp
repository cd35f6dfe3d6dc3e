#include "thimble/model/patch_state.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace thimble::model {
namespace {

constexpr std::array<std::pair<PatchState, std::string_view>, 16> kNames{{
    {PatchState::NotApplicable, "not_applicable"},
    {PatchState::Missing, "missing"},
    {PatchState::Blocked, "blocked"},
    {PatchState::Scheduled, "scheduled"},
    {PatchState::Downloading, "downloading"},
    {PatchState::Installing, "installing"},
    {PatchState::InstalledPendingRestart, "installed_pending_restart"},
    {PatchState::InstalledPendingReboot, "installed_pending_reboot"},
    {PatchState::Verified, "verified"},
    {PatchState::Failed, "failed"},
    {PatchState::FailedHealth, "failed_health"},
    {PatchState::RolledBack, "rolled_back"},
    {PatchState::Excepted, "excepted"},
    {PatchState::Mitigated, "mitigated"},
    {PatchState::Unpatchable, "unpatchable"},
    {PatchState::Unknown, "unknown"},
}};

}  // namespace

std::string_view patch_state_name(PatchState state) {
    const auto* const found =
        std::ranges::find(kNames, state, &decltype(kNames)::value_type::first);
    return found == kNames.end() ? "unknown" : found->second;
}

std::optional<PatchState> patch_state_named(std::string_view name) {
    const auto* const found =
        std::ranges::find(kNames, name, &decltype(kNames)::value_type::second);
    return found == kNames.end() ? std::nullopt : std::optional{found->first};
}

}  // namespace thimble::model
