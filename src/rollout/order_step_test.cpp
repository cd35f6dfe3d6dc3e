#include "thimble/rollout/explain.hpp"
#include "thimble/rollout/scene_test.hpp"

#include <gtest/gtest.h>

namespace thimble::rollout {
namespace {

/// One ring: 0-0 is the standby, 0-1 the primary, 0-2 an application, 0-3 of no step.
Scene databases() {
    Scene scene({4, 1});
    scene.policy.rings[0].at_once = HostLimit{.count = 4, .share = 0};
    scene.policy.health.most_failures = 3;
    scene.policy.health.success_share = 0;
    scene.hosts[0].tags = {"db=standby"};
    scene.hosts[1].tags = {"db=primary"};
    scene.hosts[2].tags = {"app"};
    for (const char* tag : {"db=standby", "db=primary", "app"}) {
        scene.policy.order.push_back({{}, {}, {tag}, {}});
    }
    return scene;
}

void begin(Scene& scene) {
    scene.begin();
    scene.all_in_ring(0, HostStage::Preparing, HostStage::Ready);
    scene.freeze();
}

std::string told(const Scene& scene, std::size_t host) {
    const Holds holds(scene.rollout, scene.openings, scene.now);
    return explain(scene.rollout, host, holds, scene.now).sentence;
}

TEST(Order, TakesStepsOneAfterTheOtherAndLeavesOthersAlone) {
    Scene scene = databases();
    begin(scene);

    EXPECT_EQ(scene.at_stage(HostStage::Changing), "0-0 0-3");
    EXPECT_EQ(scene.held("0-1"), HoldReason::Order);
    EXPECT_EQ(
        told(scene, 2), "it is of step 3 of 3 of the order, and host 0-0 of step 1 is changing");
    scene.move("0-0", HostStage::Succeeded);
    EXPECT_EQ(scene.at_stage(HostStage::Changing), "0-1 0-3");
    scene.move("0-1", HostStage::Succeeded);
    EXPECT_EQ(scene.at_stage(HostStage::Changing), "0-2 0-3");
}

TEST(Order, WaitsForRebootsOfEarlierSteps) {
    Scene scene = databases();
    scene.policy.reboot.rule = RebootRule::InWindow;
    begin(scene);
    scene.openings.reboot = {{at(100), at(200)}};
    scene.move("0-0", HostStage::PendingReboot);

    EXPECT_EQ(scene.held("0-1"), HoldReason::Order);
    scene.now = at(100);
    scene.tick();
    EXPECT_EQ(scene.host("0-0").stage, HostStage::Rebooting);
    EXPECT_EQ(scene.host("0-1").stage, HostStage::Ready);
    scene.move("0-0", HostStage::Succeeded);
    EXPECT_EQ(scene.host("0-1").stage, HostStage::Changing);
}

TEST(Order, HoldsBehindWhatEndedBadlyUntilItsRingIsRetried) {
    Scene scene = databases();
    begin(scene);
    scene.move("0-0", HostStage::Failed);
    scene.move("0-3", HostStage::Succeeded);

    EXPECT_EQ(scene.held("0-1"), HoldReason::OrderBroken);
    EXPECT_NE(told(scene, 1).find("0-0 of step 1 is failed: look after"), std::string::npos);
    EXPECT_EQ(scene.rollout.rings[0].phase, RingPhase::Soaking) << "it will not move by itself";
    EXPECT_NE(scene.rollout.phase, RolloutPhase::Done);

    scene.take(RingRetried{0});
    EXPECT_EQ(scene.held("0-1"), HoldReason::Order);
    scene.move("0-0", HostStage::Ready);
    scene.move("0-0", HostStage::Succeeded);
    EXPECT_EQ(scene.host("0-1").stage, HostStage::Changing);
}

TEST(Order, GoesOnBehindFailuresWhereThePolicySaysSo) {
    Scene scene = databases();
    scene.policy.order_failure = OrderFailure::GoOn;
    begin(scene);
    scene.move("0-0", HostStage::Failed);

    EXPECT_EQ(scene.host("0-1").stage, HostStage::Changing);
}

TEST(Order, IsNotHeldByWhatIsBlockedOrLeftToItsOwner) {
    for (const HostStage stage :
         {HostStage::Blocked,
          HostStage::Left,
          HostStage::PendingReboot,
          HostStage::PendingRestart}) {
        Scene scene = databases();
        begin(scene);
        scene.move("0-0", stage);
        EXPECT_EQ(scene.host("0-1").stage, HostStage::Changing) << host_stage_name(stage);
    }
}

TEST(Elsewhere, HoldsAPeerOfWhatAnotherRolloutChangesOrBroke) {
    Scene scene({2, 1});
    scene.hosts[0].tags = {"ha=a"};
    scene.hosts[1].tags = {"ha=b"};
    scene.begin();
    scene.all_in_ring(0, HostStage::Preparing, HostStage::Ready);
    scene.rollout.frozen = "set";
    std::vector<PeerElsewhere> elsewhere{{"ha=b", "x", "other", false}};
    const auto tick = [&] {
        scene.rollout = step(scene.rollout, Ticked{}, scene.openings, scene.now, elsewhere).rollout;
    };

    tick();
    EXPECT_EQ(scene.at_stage(HostStage::Changing), "0-0");
    const Holds holds(scene.rollout, scene.openings, scene.now, elsewhere);
    EXPECT_EQ(holds.of(1).reason, HoldReason::PeerElsewhere);
    EXPECT_EQ(
        explain(scene.rollout, 1, holds, scene.now).sentence,
        "host x of its availability set is being changed by rollout other");

    elsewhere[0].is_broken = true;
    tick();
    const Holds broken(scene.rollout, scene.openings, scene.now, elsewhere);
    EXPECT_EQ(broken.of(1).reason, HoldReason::BrokenPeerElsewhere);

    elsewhere[0].host = "0-1";
    tick();
    EXPECT_EQ(scene.at_stage(HostStage::Changing), "0-0 0-1") << "it may mend itself";
}

TEST(Elsewhere, HoldsRebootsToo) {
    Scene scene({1, 1});
    scene.hosts[0].tags = {"ha=a"};
    scene.policy.reboot.rule = RebootRule::InWindow;
    scene.begin();
    scene.rollout.hosts[0].stage = HostStage::PendingReboot;
    const std::vector<PeerElsewhere> elsewhere{{"ha=a", "x", "other", false}};

    EXPECT_EQ(
        Holds(scene.rollout, scene.openings, scene.now, elsewhere).of(0).reason,
        HoldReason::PeerElsewhere);
    EXPECT_EQ(Holds(scene.rollout, scene.openings, scene.now).of(0).reason, HoldReason::None);
}

}  // namespace
}  // namespace thimble::rollout
