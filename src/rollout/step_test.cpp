#include "thimble/rollout/step.hpp"

#include "thimble/rollout/scene_test.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace thimble::rollout {
namespace {

TEST(Step, PreparesTheFirstRingAndChangesNothingBeforeTheSetIsFrozen) {
    Scene scene({3, 4});
    scene.begin();
    EXPECT_EQ(scene.at_stage(HostStage::Preparing), "0-0 0-1 0-2");

    scene.all_in_ring(0, HostStage::Preparing, HostStage::Ready);

    EXPECT_EQ(scene.at_stage(HostStage::Ready), "0-0 0-1 0-2");
    EXPECT_EQ(scene.held("0-0"), HoldReason::NotFrozen);
    scene.freeze();
    EXPECT_EQ(scene.at_stage(HostStage::Changing), "0-0 0-1");
    EXPECT_EQ(scene.held("0-2"), HoldReason::AtOnce);
    EXPECT_EQ(scene.held("1-0"), HoldReason::RingAhead);
}

TEST(Step, GoesRingByRingUntilAllIsDone) {
    Scene scene({3, 4, 3});
    scene.begin();
    for (std::uint32_t ring = 0; ring < 3; ++ring) {
        scene.finish_ring(ring);
    }

    EXPECT_EQ(scene.rollout.phase, RolloutPhase::Done);
    EXPECT_EQ(scene.at_stage(HostStage::Succeeded), "0-0 0-1 0-2 1-0 1-1 1-2 1-3 2-0 2-1 2-2");
}

TEST(Step, WatchesARingForAsLongAsItSoaks) {
    Scene scene({3, 1});
    scene.policy.rings[0].soak = std::chrono::hours(1);
    scene.begin();
    scene.finish_ring(0);
    EXPECT_EQ(scene.rollout.rings[0].phase, RingPhase::Soaking);

    scene.now = at(59);
    scene.tick();
    EXPECT_EQ(scene.at_stage(HostStage::Preparing), "");
    scene.now = at(60);
    scene.tick();
    EXPECT_EQ(scene.at_stage(HostStage::Preparing), "1-0");
}

TEST(Step, BeginsARingNotBeforeItsDeferral) {
    Scene scene({3, 1});
    scene.policy.rings[1].after = std::chrono::hours(2);
    scene.begin();
    scene.finish_ring(0);

    EXPECT_EQ(scene.held("1-0"), HoldReason::Deferral);
    scene.now = at(120);
    scene.tick();
    EXPECT_EQ(scene.at_stage(HostStage::Preparing), "1-0");
}

TEST(Step, HaltsWhenFailuresPassTheLimitAndTakesBackWhatHasNotBegun) {
    Scene scene({6, 1});
    scene.policy.health.most_failures = 1;
    scene.begin();
    scene.all_in_ring(0, HostStage::Preparing, HostStage::Ready);
    scene.freeze();

    scene.move("0-0", HostStage::Failed);
    EXPECT_EQ(scene.rollout.phase, RolloutPhase::Running);
    EXPECT_EQ(scene.at_stage(HostStage::Changing), "0-1 0-2");
    scene.move("0-1", HostStage::Failed);

    EXPECT_EQ(scene.rollout.phase, RolloutPhase::Halted);
    EXPECT_EQ(scene.rollout.why, "ring ring0: 2 hosts failed, 1 may");
    EXPECT_EQ(
        scene.commands, (std::vector<Command>{{Command::Kind::Withdraw, scene.index_of("0-2")}}));
    EXPECT_EQ(scene.held("0-3"), HoldReason::RolloutHalted);
}

TEST(Step, HaltsARingThatEndedWithTooFewSuccesses) {
    Scene scene({1, 5});
    scene.begin();
    scene.all_in_ring(0, HostStage::Preparing, HostStage::RehearsalFailed);

    EXPECT_EQ(scene.rollout.phase, RolloutPhase::Halted);
    EXPECT_EQ(scene.rollout.why, "ring ring0: 0 of 1 hosts that ended succeeded");
    EXPECT_EQ(scene.at_stage(HostStage::Waiting), "1-0 1-1 1-2 1-3 1-4");
}

TEST(Step, DoesNotTakeSilenceForSuccess) {
    Scene scene({5, 1});
    scene.begin();
    scene.all_in_ring(0, HostStage::Preparing, HostStage::Ready);
    scene.freeze();
    scene.move("0-4", HostStage::Silent);
    scene.move("0-3", HostStage::Silent);
    scene.finish_ring(0);

    EXPECT_EQ(scene.rollout.phase, RolloutPhase::Running);
    EXPECT_EQ(scene.rollout.rings[0].phase, RingPhase::Soaking);
    EXPECT_EQ(
        what_lacks(scene.rollout, 0, tallies_of(scene.rollout)[0]),
        "60 % of its hosts have ended, 80 % must");
    scene.move("0-4", HostStage::Succeeded);
    EXPECT_EQ(scene.rollout.rings[0].phase, RingPhase::Passed);
}

TEST(Step, LetsBlockedHostsStopNoRing) {
    Scene scene({5, 1});
    scene.begin();
    scene.move("0-4", HostStage::Blocked);
    scene.move("0-3", HostStage::Blocked);
    scene.finish_ring(0);

    EXPECT_EQ(scene.rollout.rings[0].phase, RingPhase::Passed);
}

TEST(Step, GoesOnAfterAResumptionWithoutForgettingWhoFailed) {
    Scene scene({6, 1});
    scene.policy.health.most_failures = 0;
    scene.begin();
    scene.all_in_ring(0, HostStage::Preparing, HostStage::Ready);
    scene.freeze();
    scene.move("0-0", HostStage::Failed);
    ASSERT_EQ(scene.rollout.phase, RolloutPhase::Halted);

    scene.take(Resumed{"looked after"});
    scene.finish_ring(0);

    EXPECT_EQ(scene.rollout.phase, RolloutPhase::Running);
    EXPECT_EQ(scene.at_stage(HostStage::Failed), "0-0");
    EXPECT_EQ(scene.rollout.rings[0].phase, RingPhase::Soaking);
    scene.take(RingSkipped{0});
    EXPECT_EQ(scene.at_stage(HostStage::Preparing), "1-0");
}

TEST(Step, NeverChangesTwoOfOneSetAtOnceNorTheOthersOfABrokenOne) {
    Scene scene({3});
    for (HostFacts& host : scene.hosts) {
        host.tags = {"ha=db"};
    }
    scene.policy.health.most_failures = 5;
    scene.begin();
    scene.all_in_ring(0, HostStage::Preparing, HostStage::Ready);
    scene.freeze();

    EXPECT_EQ(scene.at_stage(HostStage::Changing), "0-0");
    EXPECT_EQ(scene.held("0-1"), HoldReason::Peer);
    scene.move("0-0", HostStage::Failed);
    EXPECT_EQ(scene.held("0-1"), HoldReason::BrokenPeer);
    scene.move("0-0", HostStage::Succeeded);
    EXPECT_EQ(scene.at_stage(HostStage::Changing), "0-1");
}

TEST(Step, ChangesInsideWindowsAloneAndOnlyWhatFits) {
    Scene scene({3});
    scene.begin();
    scene.openings.install = {{at(100), at(160)}, {at(1000), at(1060)}};
    scene.all_in_ring(0, HostStage::Preparing, HostStage::Ready);
    scene.freeze();
    EXPECT_EQ(scene.held("0-0"), HoldReason::Window);
    EXPECT_EQ(
        Holds(scene.rollout, scene.openings, scene.now).of(scene.index_of("0-0")).until, at(100));

    scene.rollout.hosts[scene.index_of("0-0")].expected = std::chrono::minutes(61);
    scene.now = at(100);
    scene.tick();

    EXPECT_EQ(scene.held("0-0"), HoldReason::TooLong);
    EXPECT_EQ(scene.at_stage(HostStage::Changing), "0-1 0-2");
    scene.all_in_ring(0, HostStage::Changing, HostStage::Waiting);
    scene.now = at(160);
    EXPECT_EQ(scene.held("0-0"), HoldReason::Window);
}

TEST(Step, NamesTheFreeze) {
    Scene scene({3});
    scene.policy.freezes.push_back({"year end", {at(-10), at(10)}, true, ""});
    scene.begin();
    scene.all_in_ring(0, HostStage::Preparing, HostStage::Ready);
    scene.freeze();

    EXPECT_EQ(scene.held("0-0"), HoldReason::Freeze);
    scene.now = at(10);
    scene.tick();
    EXPECT_EQ(scene.at_stage(HostStage::Changing), "0-0 0-1");
}

TEST(Step, WaitsForOtherPeopleWhoMeantThisSet) {
    Scene scene({3, 1});
    scene.policy.approval = {2, "ring1", std::chrono::hours(1)};
    scene.begin();
    scene.finish_ring(0);
    scene.all_in_ring(1, HostStage::Preparing, HostStage::Ready);
    EXPECT_EQ(scene.held("1-0"), HoldReason::Approval);

    scene.take(Approved{"user:anna", "set"});  // who asked for it
    scene.take(Approved{"user:bert", "set"});
    scene.take(Approved{"user:bert", "set"});  // twice the same
    EXPECT_EQ(scene.rollout.approvals.size(), 2U);
    scene.take(Approved{"user:carl", "other"});  // another set
    EXPECT_EQ(scene.held("1-0"), HoldReason::Approval);
    scene.now = at(61);
    scene.take(Approved{"user:carl", "set"});  // bert's has run out
    EXPECT_EQ(scene.held("1-0"), HoldReason::Approval);
    scene.take(Approved{"user:bert", "set"});

    EXPECT_EQ(scene.at_stage(HostStage::Changing), "1-0");
}

TEST(Step, TriesAgainWhatAPreCheckRefusedAndGivesUp) {
    Scene scene({1});
    scene.begin();
    for (std::uint32_t tries = 1; tries < kMostTries; ++tries) {
        scene.move("0-0", HostStage::Skipped);
        EXPECT_EQ(scene.held("0-0"), HoldReason::Retry);
        scene.now += kRetryAfter;
        scene.tick();
        EXPECT_EQ(scene.host("0-0").stage, HostStage::Preparing);
    }
    scene.move("0-0", HostStage::Skipped);
    scene.now += kRetryAfter;
    scene.tick();

    EXPECT_EQ(scene.host("0-0").stage, HostStage::Skipped);
    EXPECT_EQ(scene.rollout.rings[0].phase, RingPhase::Soaking);
}

TEST(Step, RebootsInWindowsForItSoManyAtOnce) {
    Scene scene({3, 1});
    scene.policy.reboot.rule = RebootRule::InWindow;
    scene.begin();
    scene.openings.reboot = {{at(100), at(200)}};
    scene.all_in_ring(0, HostStage::Preparing, HostStage::Ready);
    scene.freeze();
    for (int round = 0; round < 3; ++round) {
        scene.all_in_ring(0, HostStage::Changing, HostStage::PendingReboot);
    }
    EXPECT_EQ(scene.held("0-0"), HoldReason::Window);
    EXPECT_EQ(scene.at_stage(HostStage::Preparing), "");

    scene.now = at(100);
    scene.tick();
    EXPECT_EQ(scene.at_stage(HostStage::Rebooting), "0-0");
    EXPECT_EQ(scene.held("0-1"), HoldReason::AtOnce);
    scene.move("0-0", HostStage::Succeeded);
    EXPECT_EQ(scene.at_stage(HostStage::Rebooting), "0-1");
    scene.move("0-1", HostStage::NotReturned);

    EXPECT_EQ(scene.rollout.phase, RolloutPhase::Halted);
    EXPECT_EQ(scene.rollout.why, "host 0-1 did not come back from its reboot as it should");
    scene.now += kMinute;
    scene.take(Resumed{"looked after"});
    EXPECT_EQ(scene.rollout.phase, RolloutPhase::Running);
    EXPECT_EQ(scene.at_stage(HostStage::Rebooting), "0-2");
}

TEST(Step, LeavesRebootsToTheirOwnerWhereThePolicySaysSo) {
    Scene scene({3, 1});
    scene.begin();
    scene.all_in_ring(0, HostStage::Preparing, HostStage::PendingReboot);

    EXPECT_EQ(scene.held("0-0"), HoldReason::RebootIsOwners);
    EXPECT_EQ(scene.at_stage(HostStage::Preparing), "1-0");
}

TEST(Step, ChangesNothingOfARolloutThatIsOver) {
    Scene scene({3});
    scene.begin();
    scene.take(CancelledByPerson{"enough"});
    scene.all_in_ring(0, HostStage::Preparing, HostStage::Ready);
    scene.freeze();
    scene.take(Resumed{"no"});

    EXPECT_EQ(scene.rollout.phase, RolloutPhase::Cancelled);
    EXPECT_EQ(scene.at_stage(HostStage::Changing), "");
    EXPECT_EQ(scene.held("0-0"), HoldReason::RolloutEnded);
}

TEST(BeginRollout, RefusesARolloutThatNobodyTriesFirst) {
    Scene scene({3, 1});
    std::erase_if(scene.hosts, [](const HostFacts& host) { return host.group == "ring0"; });
    EXPECT_EQ(
        begin_rollout(scene.policy, scene.hosts, "user:anna", at(0)).error().code,
        "rollout.no_first_ring");
    scene.hosts.clear();
    EXPECT_EQ(
        begin_rollout(scene.policy, scene.hosts, "user:anna", at(0)).error().code,
        "rollout.no_hosts");
}

TEST(Assigned, KeepsAHostInItsRingWhenOthersComeAndGo) {
    Policy policy;
    policy.name = "p";
    policy.rings = default_rings(10'000);
    std::vector<HostFacts> hosts(10'000);
    for (std::size_t host = 0; host < hosts.size(); ++host) {
        hosts[host].id = "host" + std::to_string(host);
    }
    hosts[0].tags = {"ring=test"};
    const auto all = assigned(policy, hosts)->hosts;
    const auto some = assigned(policy, std::span(hosts).first(5000))->hosts;

    std::vector<int> sizes(4);
    for (const RolloutHost& host : all) {
        ++sizes[host.ring];
    }
    EXPECT_EQ(sizes[0], 1);
    EXPECT_NEAR(sizes[1], 100, 40);
    EXPECT_NEAR(sizes[2], 900, 120);
    for (const RolloutHost& host : some) {
        const auto same = std::ranges::find(all, host.id, &RolloutHost::id);
        EXPECT_EQ(same->ring, host.ring);
    }
}

TEST(OpeningsOf, AreTheWindowsWithoutTheFreezes) {
    Policy policy;
    PolicyWindow window;
    window.when.rule = "FREQ=DAILY";
    window.when.from = std::chrono::local_days(std::chrono::days(20'000));
    window.when.opens = std::chrono::hours(22);
    window.when.duration = std::chrono::hours(4);
    window.is_for_reboot = false;
    policy.windows = {window};
    policy.freezes = {
        {"f",
         {*parse_instant("2027-01-01T23:00:00Z"), *parse_instant("2027-01-02T00:00:00Z")},
         true,
         ""}};

    const Openings openings = *openings_of(
        policy, *parse_instant("2027-01-01T12:00:00Z"), *parse_instant("2027-01-02T12:00:00Z"));

    ASSERT_EQ(openings.install.size(), 2U);
    EXPECT_EQ(format_instant(openings.install[0].end), "2027-01-01T23:00:00Z");
    EXPECT_EQ(format_instant(openings.install[1].begin), "2027-01-02T00:00:00Z");
    EXPECT_TRUE(openings.reboot.empty());
}

}  // namespace
}  // namespace thimble::rollout
