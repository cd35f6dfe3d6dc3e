// What counts as proof that a patch is good, and what people have seen of what went wrong.
#include "thimble/rollout/scene_test.hpp"

#include <gtest/gtest.h>

namespace thimble::rollout {
namespace {

Freeze soft_freeze(int from, int until) {
    return {"year end", {at(from), at(until)}, false, "finance"};
}

}  // namespace

TEST(Proof, AHostThatMissesNothingShowsNothing) {
    Scene scene({20, 3});
    scene.policy.health.most_failures = 5;
    scene.begin();
    for (std::size_t host = 1; host < 20; ++host) {
        scene.move(host, HostStage::NothingToDo);
    }
    scene.freeze();
    scene.move("0-0", HostStage::RehearsalFailed);

    EXPECT_EQ(scene.rollout.phase, RolloutPhase::Halted);
    EXPECT_EQ(scene.rollout.why, "ring ring0: 0 of 1 hosts that ended succeeded");
}

TEST(Proof, ARingThatMissesNothingHoldsNobodyUp) {
    Scene scene({2, 1});
    scene.begin();
    scene.move("0-0", HostStage::NothingToDo);
    scene.move("0-1", HostStage::NothingToDo);
    scene.freeze();

    EXPECT_EQ(scene.rollout.rings[0].phase, RingPhase::Passed);
    EXPECT_EQ(scene.at_stage(HostStage::Preparing), "1-0");
}

TEST(Proof, IsAskedOfThoseThatMissSomethingAlone) {
    Scene scene({10, 1});
    scene.begin();
    for (std::size_t host = 2; host < 10; ++host) {
        scene.move(host, HostStage::NothingToDo);
    }
    scene.finish_ring(0);

    EXPECT_EQ(scene.at_stage(HostStage::Succeeded), "0-0 0-1");
    EXPECT_EQ(scene.rollout.rings[0].phase, RingPhase::Passed);
}

TEST(Proof, WhatWasForgivenAndHasComeToAGoodEndIsForgivenToNobodyElse) {
    Scene scene({30});
    scene.policy.health.most_failures = 1;
    scene.begin();
    scene.all_in_ring(0, HostStage::Preparing, HostStage::Ready);
    scene.freeze();
    scene.move(0, HostStage::Failed);
    scene.move(1, HostStage::Failed);
    ASSERT_EQ(scene.rollout.phase, RolloutPhase::Halted);
    scene.take(Resumed{"looked"});
    EXPECT_EQ(scene.rollout.rings[0].forgiven, 2U);

    scene.move(0, HostStage::Succeeded);  // told late
    scene.move(1, HostStage::Succeeded);
    EXPECT_EQ(scene.rollout.rings[0].forgiven, 0U);
    scene.move(2, HostStage::Failed);
    EXPECT_EQ(scene.rollout.phase, RolloutPhase::Running);
    scene.move(3, HostStage::Failed);
    EXPECT_EQ(scene.rollout.phase, RolloutPhase::Halted);
}

TEST(Proof, TheEndOfAPauseForgivesNothing) {
    Scene scene({30});
    scene.policy.health.most_failures = 1;
    scene.begin();
    scene.all_in_ring(0, HostStage::Preparing, HostStage::Ready);
    scene.freeze();
    scene.take(Paused{"lunch"});
    scene.move(0, HostStage::Failed);
    scene.move(1, HostStage::Failed);
    scene.take(Resumed{"back"});

    EXPECT_EQ(scene.rollout.phase, RolloutPhase::Halted);
    EXPECT_EQ(scene.rollout.why, "ring ring0: 2 hosts failed, 1 may");
}

TEST(Proof, WhoDidNotComeBackDuringAPauseHaltsAfterIt) {
    Scene scene({3});
    scene.begin();
    scene.take(Paused{"lunch"});
    scene.now = at(1);
    scene.move("0-0", HostStage::NotReturned);
    scene.now = at(2);
    scene.take(Resumed{"back"});

    EXPECT_EQ(scene.rollout.phase, RolloutPhase::Halted);
    EXPECT_EQ(scene.rollout.why, "host 0-0 did not come back from its reboot as it should");
    scene.take(Resumed{"looked"});
    EXPECT_EQ(scene.rollout.phase, RolloutPhase::Running);
}

TEST(Emergency, PassesASoftFreezeByApprovalAlone) {
    Scene scene({2, 1});
    scene.policy.freezes = {soft_freeze(0, 60)};
    scene.policy = in_emergency(scene.policy);
    scene.begin();
    scene.all_in_ring(0, HostStage::Preparing, HostStage::Ready);
    scene.freeze();

    EXPECT_EQ(scene.held("0-0"), HoldReason::Approval);
    const LeaseAsked asked{false, std::chrono::seconds(60)};
    EXPECT_EQ(
        lease_hold(scene.rollout, scene.host("0-0"), asked, scene.openings, scene.now).reason,
        HoldReason::Approval);
    scene.take(Approved{"user:bob", "set"});
    EXPECT_EQ(scene.at_stage(HostStage::Changing), "0-0 0-1");
}

TEST(Emergency, NeedsNoWordForItsFirstRingOutsideASoftFreeze) {
    Scene scene({2, 1});
    scene.policy.freezes = {soft_freeze(10, 60)};
    scene.policy = in_emergency(scene.policy);
    scene.begin();
    scene.all_in_ring(0, HostStage::Preparing, HostStage::Ready);
    scene.freeze();

    EXPECT_EQ(scene.at_stage(HostStage::Changing), "0-0 0-1");
}

TEST(Windows, NameTheFirstThatIsLongEnoughAndNoDateWhereNoneIs) {
    Scene scene({1});
    scene.begin();
    scene.openings.install = {{at(0), at(30)}, {at(100), at(130)}, {at(200), at(300)}};
    scene.rollout.hosts[0].expected = 60 * kMinute;
    scene.move("0-0", HostStage::Ready);
    scene.rollout.frozen = "set";

    Hold hold = Holds(scene.rollout, scene.openings, scene.now).of(0);
    EXPECT_EQ(hold.reason, HoldReason::TooLong);
    EXPECT_EQ(hold.until, at(200));
    scene.openings.install.pop_back();
    hold = Holds(scene.rollout, scene.openings, scene.now).of(0);
    EXPECT_EQ(hold.reason, HoldReason::TooLong);
    EXPECT_EQ(hold.until, Instant());
}

TEST(Retry, TakesHostsWhoseServicesWereToBeRestarted) {
    for (const bool restarts : {true, false}) {
        Scene scene({2});
        scene.policy.restart_services = restarts;
        scene.begin();
        scene.move("0-0", HostStage::PendingRestart);
        scene.take(RingRetried{0});

        EXPECT_EQ(scene.host("0-0").stage == HostStage::PendingRestart, !restarts);
    }
}

TEST(Restart, NeedsItsWindowAndNoWordAgain) {
    Scene scene({1});
    scene.policy.approval = {.people = 1, .before_ring = "", .good_for = 5 * kMinute};
    scene.begin();
    scene.freeze();
    const LeaseAsked asked{false, std::chrono::seconds(0), true};

    EXPECT_EQ(
        lease_hold(scene.rollout, scene.host("0-0"), asked, scene.openings, scene.now).reason,
        HoldReason::None);
    scene.openings.install = {{at(100), at(130)}};
    EXPECT_EQ(
        lease_hold(scene.rollout, scene.host("0-0"), asked, scene.openings, scene.now).reason,
        HoldReason::Window);
}

}  // namespace thimble::rollout
