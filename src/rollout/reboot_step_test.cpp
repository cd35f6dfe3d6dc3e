#include "thimble/rollout/explain.hpp"
#include "thimble/rollout/scene_test.hpp"

#include <gtest/gtest.h>

namespace thimble::rollout {
namespace {

/// A scene of one host that is told to reboot, and another ring behind it.
Scene rebooting() {
    Scene scene({1, 1});
    scene.policy.reboot.rule = RebootRule::InWindow;
    scene.begin();
    scene.all_in_ring(0, HostStage::Preparing, HostStage::Ready);
    scene.freeze();
    scene.all_in_ring(0, HostStage::Changing, HostStage::PendingReboot);
    EXPECT_EQ(scene.at_stage(HostStage::Rebooting), "0-0");
    return scene;
}

void refuse(Scene& scene) {
    ++scene.rollout.hosts[0].refused_reboots;
    scene.move("0-0", HostStage::PendingReboot);
}

TEST(Step, TellsAHostThatRefusedToRebootAgainAfterAWhileThatGrows) {
    Scene scene = rebooting();
    for (const int wait : {10, 20, 40, 80}) {
        refuse(scene);
        EXPECT_EQ(scene.held("0-0"), HoldReason::RebootRetry);
        scene.now += wait * kMinute - std::chrono::seconds(1);
        scene.tick();
        EXPECT_EQ(scene.host("0-0").stage, HostStage::PendingReboot) << wait;
        scene.now += std::chrono::seconds(1);
        scene.tick();
        EXPECT_EQ(scene.host("0-0").stage, HostStage::Rebooting) << wait;
    }
    EXPECT_EQ(scene.rollout.phase, RolloutPhase::Running);
}

TEST(Step, LeavesAHostThatRefusesToRebootToAPersonAtLast) {
    Scene scene = rebooting();
    scene.policy.health.most_failures = 0;
    scene.rollout.hosts[0].refused_reboots = kMostRebootTries - 1;
    refuse(scene);

    EXPECT_EQ(scene.rollout.phase, RolloutPhase::Halted);
    scene.take(Resumed{"looked after"});
    EXPECT_EQ(scene.held("0-0"), HoldReason::RebootRefused);
    scene.now += std::chrono::days(2);
    scene.tick();
    EXPECT_EQ(scene.host("0-0").stage, HostStage::PendingReboot);
    const Explanation told =
        explain(scene.rollout, 0, Holds(scene.rollout, scene.openings, scene.now), scene.now);
    EXPECT_NE(told.sentence.find("refused to reboot 5 times"), std::string::npos);

    scene.take(RingRetried{0});
    EXPECT_EQ(scene.host("0-0").stage, HostStage::Rebooting) << "what is installed stays";
}

}  // namespace
}  // namespace thimble::rollout
