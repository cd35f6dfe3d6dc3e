#include "thimble/rollout/patch_state.hpp"

#include <gtest/gtest.h>

namespace thimble::rollout {
namespace {

using enum PatchState;
using enum PatchEvent;

PatchState after(std::initializer_list<PatchEvent> events, PatchState state = Missing) {
    for (const PatchEvent event : events) {
        state = next_state(state, event, false);
    }
    return state;
}

template <class Check>
void for_each_state(Check check) {
    for (int at = 0; at < kPatchStates; ++at) {
        check(static_cast<PatchState>(at));
    }
}

}  // namespace

TEST(NextState, LeadsFromMissingToVerified) {
    EXPECT_EQ(after({WasPlanned}), Scheduled);
    EXPECT_EQ(after({WasPlanned, IsInstalled}), Installing);
    EXPECT_EQ(after({WasPlanned, IsInstalled, IsLive}), Verified);
    EXPECT_EQ(after({WasPlanned, IsInstalled, IsLive, IsGone}), Verified);
}

TEST(NextState, OpensAgainWhatAnInventoryShowsMissing) {
    EXPECT_EQ(after({IsMissing}, Verified), Missing);
    EXPECT_EQ(after({IsBlocked}, Verified), Blocked);
    EXPECT_EQ(after({IsMissing}, NotApplicable), Missing);
    EXPECT_EQ(after({WaitsForRestart}, Verified), InstalledPendingRestart);
}

TEST(NextState, CallsNothingVerifiedThatOnlyWentAway) {
    for_each_state([](PatchState state) {
        if (state != Verified) {
            EXPECT_NE(next_state(state, IsGone, false), Verified) << patch_state_name(state);
        }
    });
    EXPECT_EQ(after({IsGone}), NotApplicable);
    EXPECT_EQ(after({WaitsForRestart, IsGone}), NotApplicable);
}

TEST(NextState, IsLiveOnceThePendingRestartOfAVerifiedPatchIsOver) {
    EXPECT_EQ(next_state(InstalledPendingRestart, IsGone, true), Verified);
    EXPECT_EQ(next_state(InstalledPendingReboot, IsGone, true), Verified);
    EXPECT_EQ(next_state(Missing, IsGone, true), NotApplicable);
}

TEST(NextState, RemembersWhatWasTakenBackOrFailedWhileItIsMissing) {
    EXPECT_EQ(after({IsMissing, IsBlocked}, RolledBack), RolledBack);
    EXPECT_EQ(after({IsMissing}, Failed), Failed);
    EXPECT_EQ(after({WasPlanned}, RolledBack), Scheduled);
}

TEST(NextState, KeepsAFailedHealthUntilAVerificationFindsItWell) {
    for (const PatchEvent event : {IsMissing, IsGone, WaitsForRestart}) {
        EXPECT_EQ(after({event}, FailedHealth), FailedHealth);
    }
    EXPECT_EQ(after({IsLive}, FailedHealth), Verified);
}

TEST(NextState, DoesNotKnowWhatALostOrLeftTransactionCameTo) {
    EXPECT_EQ(after({WasPlanned, WasLeft}), Missing);
    EXPECT_EQ(after({WasPlanned, IsInstalled, WasLeft}), Unknown);
    EXPECT_EQ(after({WasPlanned, IsInstalled, WasLost, IsGone}), NotApplicable);
    for_each_state([](PatchState state) { EXPECT_EQ(next_state(state, WasLost, true), Unknown); });
}

TEST(NextState, LetsADeploymentAtWorkDecide) {
    for (const PatchEvent event : {IsMissing, IsBlocked, HasNoFix, WaitsForRestart, IsGone}) {
        EXPECT_EQ(after({event}, Scheduled), Scheduled);
        EXPECT_EQ(after({event}, Installing), Installing);
    }
}

TEST(PatchStateNames, AreReadBack) {
    for_each_state(
        [](PatchState state) { EXPECT_EQ(patch_state_named(patch_state_name(state)), state); });
    EXPECT_EQ(patch_state_named("green"), std::nullopt);
}

TEST(EventOf, MeansSomethingForEveryPhaseButTheFirstTwo) {
    for (int at = 0; at < kCoursePhases; ++at) {
        const auto phase = static_cast<CoursePhase>(at);
        EXPECT_EQ(
            event_of(phase).has_value(), phase != CoursePhase::Planning && !is_waiting(phase));
        if (event_of(phase) == IsLive) {
            EXPECT_EQ(phase, CoursePhase::Verified);
        }
    }
}

}  // namespace thimble::rollout
