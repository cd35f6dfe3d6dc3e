#include "thimble/rollout/patch_state.hpp"

#include <array>

namespace thimble::rollout {
namespace {

constexpr std::array<std::string_view, kPatchStates> kNames{
    "not_applicable",
    "missing",
    "blocked",
    "scheduled",
    "installing",
    "installed_pending_restart",
    "installed_pending_reboot",
    "verified",
    "failed",
    "failed_health",
    "rolled_back",
    "unpatchable",
    "unknown"};

// NOLINTBEGIN(readability-identifier-naming): the names of the columns of a table
constexpr auto NA = PatchState::NotApplicable;
constexpr auto MI = PatchState::Missing;
constexpr auto BL = PatchState::Blocked;
constexpr auto SC = PatchState::Scheduled;
constexpr auto IN = PatchState::Installing;
constexpr auto PR = PatchState::InstalledPendingRestart;
constexpr auto PB = PatchState::InstalledPendingReboot;
constexpr auto VE = PatchState::Verified;
constexpr auto FA = PatchState::Failed;
constexpr auto FH = PatchState::FailedHealth;
constexpr auto RB = PatchState::RolledBack;
constexpr auto UP = PatchState::Unpatchable;
constexpr auto UN = PatchState::Unknown;
// NOLINTEND(readability-identifier-naming)

// While a deployment is at work, what an inventory shows decides nothing; what failed stays until it is
// installed or gone; what broke a service stays until a verification finds it well.
using Row = std::array<PatchState, kPatchEvents>;
// clang-format off
constexpr std::array<Row, kPatchStates> kTable{{
    //        missing blocked no-fix restart reboot gone | planned install live restart reboot back health failed left lost
    /* NA */ {MI,     BL,     UP,    PR,     PB,    NA,    SC,     IN,     VE,  PR,     PB,    RB,  FH,    FA,    NA,  UN},
    /* MI */ {MI,     BL,     UP,    PR,     PB,    NA,    SC,     IN,     VE,  PR,     PB,    RB,  FH,    FA,    MI,  UN},
    /* BL */ {MI,     BL,     UP,    PR,     PB,    NA,    SC,     IN,     VE,  PR,     PB,    RB,  FH,    FA,    BL,  UN},
    /* SC */ {SC,     SC,     SC,    SC,     SC,    SC,    SC,     IN,     VE,  PR,     PB,    RB,  FH,    FA,    MI,  UN},
    /* IN */ {IN,     IN,     IN,    IN,     IN,    IN,    SC,     IN,     VE,  PR,     PB,    RB,  FH,    FA,    UN,  UN},
    /* PR */ {MI,     BL,     UP,    PR,     PB,    NA,    SC,     IN,     VE,  PR,     PB,    RB,  FH,    FA,    PR,  UN},
    /* PB */ {MI,     BL,     UP,    PR,     PB,    NA,    SC,     IN,     VE,  PR,     PB,    RB,  FH,    FA,    PB,  UN},
    /* VE */ {MI,     BL,     UP,    PR,     PB,    VE,    SC,     IN,     VE,  PR,     PB,    RB,  FH,    FA,    VE,  UN},
    /* FA */ {FA,     FA,     FA,    PR,     PB,    NA,    SC,     IN,     VE,  PR,     PB,    RB,  FH,    FA,    FA,  UN},
    /* FH */ {FH,     FH,     FH,    FH,     FH,    FH,    SC,     IN,     VE,  PR,     PB,    RB,  FH,    FA,    FH,  UN},
    /* RB */ {RB,     RB,     RB,    PR,     PB,    NA,    SC,     IN,     VE,  PR,     PB,    RB,  FH,    FA,    RB,  UN},
    /* UP */ {MI,     BL,     UP,    PR,     PB,    NA,    SC,     IN,     VE,  PR,     PB,    RB,  FH,    FA,    UP,  UN},
    /* UN */ {MI,     BL,     UP,    PR,     PB,    NA,    SC,     IN,     VE,  PR,     PB,    RB,  FH,    FA,    UN,  UN},
}};
// clang-format on

}  // namespace

std::string_view patch_state_name(PatchState state) {
    return kNames.at(static_cast<std::size_t>(state));
}

std::optional<PatchState> patch_state_named(std::string_view name) {
    for (std::size_t at = 0; at < kNames.size(); ++at) {
        if (kNames.at(at) == name) {
            return static_cast<PatchState>(at);
        }
    }
    return std::nullopt;
}

PatchState next_state(PatchState state, PatchEvent event, bool was_verified_on_disk) {
    const bool is_pending = state == PR || state == PB;
    if (event == PatchEvent::IsGone && is_pending && was_verified_on_disk) {
        return VE;
    }
    return kTable.at(static_cast<std::size_t>(state)).at(static_cast<std::size_t>(event));
}

std::optional<PatchEvent> event_of(CoursePhase phase) {
    switch (phase) {
        case CoursePhase::WaitingToVerify:
        case CoursePhase::Waiting:
        case CoursePhase::Planning: return std::nullopt;
        case CoursePhase::Rehearsing:
        case CoursePhase::Rehearsed: return PatchEvent::WasPlanned;
        case CoursePhase::Applying:
        case CoursePhase::Verifying:
        case CoursePhase::Restarting: return PatchEvent::IsInstalled;
        case CoursePhase::Verified: return PatchEvent::IsLive;
        case CoursePhase::RolledBack: return PatchEvent::WasTakenBack;
        case CoursePhase::PendingRestart: return PatchEvent::NeedsRestart;
        case CoursePhase::Rebooting:
        case CoursePhase::PendingReboot: return PatchEvent::NeedsReboot;
        case CoursePhase::FailedHealth: return PatchEvent::BrokeHealth;
        case CoursePhase::HookFailed:
        case CoursePhase::Failed: return PatchEvent::HasFailed;
        case CoursePhase::NothingToDo:
        case CoursePhase::PlanRefused:
        case CoursePhase::RehearsalFailed:
        case CoursePhase::Skipped:
        case CoursePhase::Halted:
        case CoursePhase::Cancelled: return PatchEvent::WasLeft;
        case CoursePhase::NotReturned:
        case CoursePhase::Unknown: return PatchEvent::WasLost;
    }
    return std::nullopt;
}

}  // namespace thimble::rollout
