#include "scene_test.hpp"
#include "thimble/rollout/explain.hpp"

#include <gtest/gtest.h>

namespace thimble::rollout {
namespace {

/// Three hosts of one ring, of which two are changed at once.
Scene ready_scene() {
    Scene scene({3, 1});
    scene.begin();
    scene.all_in_ring(0, HostStage::Preparing, HostStage::Ready);
    return scene;
}

TEST(TakenBack, HoldsWhatIsReadyUntilSomebodyHasLooked) {
    Scene scene = ready_scene();
    scene.rollout.hosts[1].taken_back_on = "0-9";
    scene.freeze();

    EXPECT_EQ(scene.at_stage(HostStage::Changing), "0-0 0-2");
    EXPECT_EQ(scene.held("0-1"), HoldReason::TakenBack);
    const Holds holds(scene.rollout, scene.openings, scene.now);
    const std::string sentence = explain(scene.rollout, 1, holds, scene.now).sentence;
    EXPECT_NE(sentence.find("host 0-9 of its group took this set back"), std::string::npos);

    scene.move("0-0", HostStage::Succeeded);
    EXPECT_EQ(scene.held("0-1"), HoldReason::TakenBack);
    scene.rollout.hosts[1].taken_back_on.clear();
    scene.tick();
    EXPECT_EQ(scene.host("0-1").stage, HostStage::Changing);
}

TEST(TakenBack, LeavesPlanningAndWhatIsInstalledAlone) {
    Scene scene({2, 1});
    scene.policy.reboot.rule = RebootRule::InWindow;
    scene.begin();
    scene.rollout.hosts[0].taken_back_on = "0-9";
    scene.rollout.hosts[1].taken_back_on = "0-9";
    scene.rollout.frozen = "set";
    scene.move("0-0", HostStage::Waiting);
    EXPECT_EQ(scene.host("0-0").stage, HostStage::Preparing);
    scene.move("0-1", HostStage::PendingReboot);
    EXPECT_EQ(scene.host("0-1").stage, HostStage::Rebooting);
}

TEST(TakenBack, DoesNotKeepARingFromItsVerdict) {
    Scene scene = ready_scene();
    scene.policy.health.most_failures = 5;
    scene.rollout.policy.health.most_failures = 5;
    scene.rollout.hosts[1].taken_back_on = "0-0";
    scene.rollout.hosts[2].taken_back_on = "0-0";
    scene.freeze();
    scene.move("0-0", HostStage::Failed);
    EXPECT_EQ(scene.rollout.phase, RolloutPhase::Halted);
    EXPECT_NE(scene.rollout.why.find("0 of 1 hosts that ended succeeded"), std::string::npos);
}

}  // namespace
}  // namespace thimble::rollout
