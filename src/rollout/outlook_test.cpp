#include "thimble/rollout/outlook.hpp"

#include "thimble/rollout/parse_policy.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace thimble::rollout {
namespace {

const Instant kNow = *parse_instant("2026-12-01T12:00:00Z");

/// Two hosts in rings a and b, begun by ada; whatever the first ring planned is frozen.
struct Scene {
    Rollout rollout;
    Openings openings;

    explicit Scene(const std::string& lines = "") {
        const auto policy = parse_policy(
            "policy: p\nhosts: all\n"
            "rings: [{name: a, hosts: {hosts: [h1]}}, {name: b, hosts: {hosts: [h2]}}]\n"
            "windows: [{rule: FREQ=DAILY, opens: \"22:00\", lasts: 4h}]\n"
                + lines,
            2);
        const std::vector<HostFacts> hosts{
            {"h1", "h1", "g", {}, "Debian 12"}, {"h2", "h2", "g", {}, "Debian 12"}};
        rollout = *begin_rollout(*policy, hosts, "user:ada", kNow);
        rollout.frozen = "abc";
        rollout.rings[0].phase = RingPhase::Open;
        openings = *openings_of(rollout.policy, kNow - Days(8), kNow + Days(30));
    }
    [[nodiscard]] Outlook outlook(Instant now = kNow) const {
        return outlook_of(rollout, openings, now);
    }
};

TEST(OutlookOf, NamesTheNextWindowAndThenTheOneThatIsOpen) {
    const Scene scene;
    const Instant night = kNow + std::chrono::hours(11);

    EXPECT_EQ(scene.outlook().window->begin, kNow + std::chrono::hours(10));
    EXPECT_FALSE(scene.outlook().window->has(kNow));
    EXPECT_TRUE(scene.outlook(night).window->has(night));
}

TEST(OutlookOf, SaysWhenTheFirstHostGoesOn) {
    Scene scene;
    scene.rollout.hosts[0].stage = HostStage::Ready;

    const auto next = scene.outlook().next;

    ASSERT_TRUE(next);
    EXPECT_EQ(next->reason, HoldReason::Window);
    EXPECT_EQ(next->not_before, kNow + std::chrono::hours(10));
    EXPECT_EQ(next->hosts, 2U);
    EXPECT_NE(next->sentence.find("2026-12-01T22:00:00Z"), std::string::npos) << next->sentence;
}

TEST(OutlookOf, NamesTheApprovalThatIsLackingBeforeTheRingsThatWaitForIt) {
    Scene scene("approval: {people: 1}\n");
    // The host of the later ring comes first by its id.
    std::swap(scene.rollout.hosts[0].ring, scene.rollout.hosts[1].ring);
    scene.rollout.hosts[1].stage = HostStage::Ready;

    const auto next = scene.outlook(kNow + std::chrono::hours(11)).next;

    ASSERT_TRUE(next);
    EXPECT_EQ(next->reason, HoldReason::Approval) << next->sentence;
}

TEST(OutlookOf, CountsTheWordsOfDifferentPeopleThatStillHold) {
    Scene scene("approval: {people: 2, before: b, good_for: 2d}\n");
    scene.rollout.approvals = {
        {"user:bob", "abc", kNow - Days(1)},
        {"user:bob", "abc", kNow},
        {"user:eve", "abc", kNow - Days(3)},
        {"user:joe", "another", kNow}};

    const Outlook outlook = scene.outlook();

    EXPECT_EQ(outlook.words_needed, 2U);
    EXPECT_EQ(outlook.words_given, 1U);
    EXPECT_EQ(outlook.before_ring, "b");
    ASSERT_EQ(outlook.words.size(), 4U);
    EXPECT_TRUE(outlook.words[0].counts);
    EXPECT_EQ(outlook.words[0].good_until, kNow + Days(1));
    EXPECT_FALSE(outlook.words[2].counts);
    EXPECT_FALSE(outlook.words[3].counts);
}

TEST(OutlookOf, ExpectsNothingMoreOfWhatIsOver) {
    Scene scene;
    scene.rollout.phase = RolloutPhase::Done;

    EXPECT_FALSE(scene.outlook().next);
    EXPECT_FALSE(scene.outlook().window);
}

TEST(OutlookOf, HasNoWindowWhereAPolicyNamesNone) {
    Scene scene;
    scene.rollout.policy.windows.clear();

    EXPECT_FALSE(scene.outlook().window);
}

}  // namespace
}  // namespace thimble::rollout
