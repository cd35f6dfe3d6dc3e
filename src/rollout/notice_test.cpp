#include "thimble/rollout/notice.hpp"

#include "thimble/rollout/explain.hpp"
#include "thimble/rollout/forecast.hpp"
#include "thimble/rollout/scene_test.hpp"

#include <gtest/gtest.h>

namespace thimble::rollout {
namespace {

constexpr int kHour = 60;
constexpr int kDay = 24 * kHour;

/// Two rings, the first of two hosts; notice of a day, two deferrals of at most three days.
Scene noticed_scene() {
    Scene scene({2, 1});
    scene.policy.notice = {std::chrono::days(1), 2, std::chrono::days(3)};
    scene.policy.rings[0].at_once = HostLimit{.count = 5, .share = 0};
    scene.policy.health.least_successes = 1;
    scene.policy.health.coverage_share = 5'000;
    scene.begin();
    scene.move("0-0", HostStage::Ready);
    scene.move("0-1", HostStage::Ready);
    scene.freeze();
    return scene;
}

void go_to(Scene& scene, int minutes) {
    scene.now = at(minutes);
    scene.tick();
}

void defer(Scene& scene, const std::string& host, int until) {
    scene.take(Deferred{scene.index_of(host), at(until), "user:olga", "a fair"});
}

std::string refusal(const Scene& scene, const std::string& host, int until) {
    return why_no_deferral(scene.rollout, scene.index_of(host), at(until), scene.now);
}

}  // namespace

TEST(Notice, HoldsAHostUntilItsTimeHasPassed) {
    Scene scene = noticed_scene();

    EXPECT_EQ(scene.held("0-0"), HoldReason::Notice);
    go_to(scene, kDay - 1);
    EXPECT_EQ(scene.at_stage(HostStage::Ready), "0-0 0-1");
    go_to(scene, kDay);

    EXPECT_EQ(scene.at_stage(HostStage::Changing), "0-0 0-1");
}

TEST(Notice, IsGivenOnce) {
    Scene scene = noticed_scene();
    go_to(scene, kDay);
    scene.move("0-0", HostStage::Waiting);  // it did not take its turn
    go_to(scene, kDay + 1);

    scene.move("0-0", HostStage::Ready);

    EXPECT_EQ(scene.host("0-0").noticed_at, at(0));
    EXPECT_EQ(scene.host("0-0").stage, HostStage::Changing);
}

TEST(Notice, IsNotGivenWithoutARuleOrInAnEmergency) {
    Scene scene({1});
    scene.policy.notice = {std::chrono::days(1), 2, std::chrono::days(3)};
    scene.policy = in_emergency(scene.policy);
    scene.begin();

    scene.move("0-0", HostStage::Ready);
    scene.freeze();
    // An emergency wants the word of a person, and nothing else.
    EXPECT_EQ(scene.held("0-0"), HoldReason::Approval);
    scene.take(Approved{"user:bob", "set"});

    EXPECT_EQ(scene.host("0-0").stage, HostStage::Changing);
    EXPECT_EQ(scene.host("0-0").noticed_at, Instant());
}

TEST(Deferral, KeepsAHostFromItsChangeAndNoOther) {
    Scene scene = noticed_scene();

    defer(scene, "0-0", 2 * kDay);
    go_to(scene, kDay);

    EXPECT_EQ(scene.host("0-0").deferrals, 1U);
    EXPECT_EQ(scene.held("0-0"), HoldReason::DeferredByOwner);
    EXPECT_EQ(scene.host("0-1").stage, HostStage::Changing);
    go_to(scene, (2 * kDay) - 1);
    EXPECT_EQ(scene.host("0-0").stage, HostStage::Ready);
    go_to(scene, 2 * kDay);
    EXPECT_EQ(scene.host("0-0").stage, HostStage::Changing);
}

TEST(Deferral, DoesNotKeepTheNextRingWhereEnoughHostsHaveEnded) {
    Scene scene = noticed_scene();
    defer(scene, "0-0", 3 * kDay);
    go_to(scene, kDay);

    scene.move("0-1", HostStage::Succeeded);

    EXPECT_EQ(scene.rollout.rings[0].phase, RingPhase::Passed);
    EXPECT_EQ(scene.host("1-0").stage, HostStage::Preparing);
    scene.move("1-0", HostStage::Succeeded);
    EXPECT_EQ(scene.rollout.phase, RolloutPhase::Running);
    go_to(scene, 3 * kDay);
    EXPECT_EQ(scene.host("0-0").stage, HostStage::Changing);
}

TEST(Deferral, EndsAtADueDateThatCameLater) {
    Scene scene = noticed_scene();
    defer(scene, "0-0", 3 * kDay);
    go_to(scene, kDay + kHour);

    scene.rollout.hosts[0].due_at = at(2 * kDay);
    go_to(scene, (2 * kDay) - 1);
    EXPECT_EQ(scene.held("0-0"), HoldReason::DeferredByOwner);
    go_to(scene, 2 * kDay);

    EXPECT_EQ(scene.host("0-0").stage, HostStage::Changing);
}

TEST(Deferral, IsRefusedByTheRuleThatSaysSo) {
    Scene scene = noticed_scene();

    EXPECT_EQ(refusal(scene, "0-0", 2 * kDay), "");
    EXPECT_NE(
        refusal(scene, "0-0", (3 * kDay) + 1).find("notice.defer.at_most is 3d"),
        std::string::npos);
    EXPECT_NE(refusal(scene, "0-0", kDay).find("left alone until"), std::string::npos);
    EXPECT_NE(refusal(scene, "1-0", 2 * kDay).find("has no notice of it yet"), std::string::npos);
    scene.rollout.hosts[0].due_at = at(2 * kDay);
    EXPECT_NE(refusal(scene, "0-0", (2 * kDay) + 1).find("is due at"), std::string::npos);
    EXPECT_EQ(refusal(scene, "0-0", 2 * kDay), "");
    scene.rollout.hosts[0].due_at = {};
    defer(scene, "0-0", 2 * kDay);
    defer(scene, "0-0", 2 * kDay);  // not later than the first: it does not count
    EXPECT_EQ(scene.host("0-0").deferrals, 1U);
    defer(scene, "0-0", 3 * kDay);
    EXPECT_NE(
        refusal(scene, "0-0", (3 * kDay) + kHour).find("notice.defer.times"), std::string::npos);
    defer(scene, "0-0", (3 * kDay) + kHour);
    EXPECT_EQ(scene.host("0-0").deferred_until, at(3 * kDay));
    go_to(scene, kDay);
    EXPECT_NE(refusal(scene, "0-1", 2 * kDay).find("it is changing"), std::string::npos);
    scene.take(CancelledByPerson{"enough"});
    EXPECT_NE(refusal(scene, "0-0", 2 * kDay).find("the rollout is cancelled"), std::string::npos);
}

TEST(Deferral, IsNotForPoliciesThatNameNone) {
    Scene scene({1});
    scene.policy.notice.before = std::chrono::days(1);
    scene.begin();
    scene.move("0-0", HostStage::Ready);

    defer(scene, "0-0", 2 * kDay);

    EXPECT_EQ(scene.host("0-0").deferrals, 0U);
    EXPECT_NE(refusal(scene, "0-0", 2 * kDay).find("(notice.defer)"), std::string::npos);
}

TEST(LeaseHold, KnowsOfNoticeAndDeferral) {
    Scene scene = noticed_scene();
    const auto held = [&](const std::string& id, bool is_reboot) {
        return lease_hold(
                   scene.rollout,
                   scene.host(id),
                   {.is_reboot = is_reboot},
                   scene.openings,
                   scene.now)
            .reason;
    };

    EXPECT_EQ(held("0-0", false), HoldReason::Notice);
    EXPECT_EQ(held("0-0", true), HoldReason::None);
    defer(scene, "0-0", 2 * kDay);
    scene.now = at(kDay);
    EXPECT_EQ(held("0-0", false), HoldReason::DeferredByOwner);
    EXPECT_EQ(held("0-1", false), HoldReason::None);
}

TEST(Explain, TellsOfNoticeAndDeferral) {
    Scene scene = noticed_scene();
    const auto explained = [&] {
        return explain(
            scene.rollout, 0, Holds(scene.rollout, scene.openings, scene.now), scene.now);
    };

    EXPECT_NE(
        explained().sentence.find("has notice of 1d, at the earliest from"), std::string::npos);
    EXPECT_EQ(hold_reason_name(explained().hold.reason), "notice");
    defer(scene, "0-0", 2 * kDay);
    EXPECT_NE(explained().sentence.find("put it off (1 of 2 times)"), std::string::npos);
    EXPECT_EQ(hold_reason_name(explained().hold.reason), "deferred-by-owner");
}

TEST(Forecast, CountsTheNotice) {
    const Scene scene({1});
    Policy policy = scene.policy;
    policy.notice.before = std::chrono::days(1);
    const std::vector<ForecastHost> hosts{{scene.hosts.front(), true}};

    const Forecast seen = *forecast(policy, hosts, {at(0), at(5 * kDay)}, std::chrono::minutes(15));

    EXPECT_GE(seen.lines.front().changed_at, at(kDay));
    EXPECT_LT(seen.lines.front().changed_at, at(kDay + kHour));
}

}  // namespace thimble::rollout
