// The owner of a host has notice of its change, and puts it off.
#include "thimble/server/owner_deferral.hpp"

#include "thimble/server/rollout_scene_test.hpp"
#include "thimble/store/fleet.hpp"

#include <gtest/gtest.h>

namespace thimble::server {
namespace {

const char* const kNoticed = R"(
policy: noticed
hosts: {groups: [staging]}
rings: [{name: staging, hosts: {groups: [staging]}}]
notice: {before: 24h, defer: {times: 1, at_most: 7d}}
)";

/// A rollout whose only host is ready.
void begin_noticed(Scene& scene) {
    scene.keep_policy("noticed", kNoticed);
    ASSERT_TRUE(scene.begin("r", false, "noticed"));
    scene.prepare("s", "2");
    ASSERT_EQ(scene.phase("s"), "rehearsed");
}

void set_due(Scene& scene, const std::string& source, Instant due) {
    store::FleetJudgement judgement;
    judgement.host.host_id = "s";
    store::FleetPatch patch;
    patch.source = source;
    patch.to_version = "2";
    patch.due_at = due;
    judgement.patches = {patch};
    ASSERT_TRUE(scene.database.transact([&](store::Connection& connection) {
        return store::write_judgement(connection, judgement);
    }));
}

LiveRollout live(Scene& scene) {
    return *scene.database.look([&](store::Connection& connection) {
        return live_rollout(scene.context, connection, "r", scene.now);
    });
}

std::string no_turn(Scene& scene) {
    store::Job job;
    job.host_id = "s";
    job.deployment_id = "r";
    job.kind = "apply";
    job.id = store::text_at(
        scene.rows("SELECT job_id FROM deployment_host WHERE host_id = 's'").front(), 0);
    return *scene.database.look([&](store::Connection& connection) {
        return why_no_turn(scene.context, connection, job, scene.now);
    });
}

}  // namespace

TEST(Notice, IsTakenDownAndTold) {
    Scene scene;
    const Instant ready = scene.now;
    begin_noticed(scene);

    EXPECT_EQ(live(scene).rollout.hosts.front().noticed_at, ready);
    const auto told = scene.rows("SELECT after_json FROM audit WHERE action = 'rollout.notice'");
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(
        store::text_at(told.front(), 0), R"({"host":"s","not_before":"2026-12-02T00:00:00Z"})");
    scene.drive();
    EXPECT_EQ(scene.rows("SELECT 1 FROM audit WHERE action = 'rollout.notice'").size(), 1U);
    scene.now += std::chrono::days(1);
    scene.drive();
    EXPECT_EQ(scene.phase("s"), "applying");
    EXPECT_EQ(no_turn(scene), "");
}

TEST(Deferral, IsKeptWithWhoAndWhy) {
    Scene scene;
    begin_noticed(scene);
    const Instant until = scene.now + std::chrono::days(3);

    ASSERT_TRUE(scene.take("r", rollout::Deferred{0, until, "user:olga", "a fair"}));
    ASSERT_TRUE(
        scene.take("r", rollout::Deferred{0, until + std::chrono::days(1), "user:eve", ""}));

    const auto kept = *scene.database.look(
        [](store::Connection& connection) { return store::deferrals_of(connection, "r"); });
    ASSERT_EQ(kept.size(), 1U);
    EXPECT_EQ(
        kept.front(), (store::RolloutDeferral{"s", 1, until, "user:olga", "a fair", scene.now}));
    scene.now += std::chrono::days(2);
    scene.drive();
    EXPECT_EQ(scene.phase("s"), "rehearsed");
    EXPECT_EQ(no_turn(scene), "its turn has passed: deferred-by-owner");
    scene.now = until;
    scene.drive();
    EXPECT_EQ(scene.phase("s"), "applying");
}

TEST(Deferral, EndsWhenAPatchOfThePlanIsDue) {
    Scene scene;
    begin_noticed(scene);
    const Instant until = scene.now + std::chrono::days(5);
    const Instant due = scene.now + std::chrono::days(3);
    set_due(scene, "curl", due);

    ASSERT_TRUE(scene.take("r", rollout::Deferred{0, until, "user:olga", "a fair"}));
    EXPECT_EQ(live(scene).rollout.hosts.front().deferrals, 0U);
    set_due(scene, "nginx", due);  // of which its plan has nothing
    ASSERT_TRUE(scene.take("r", rollout::Deferred{0, until, "user:olga", "a fair"}));
    EXPECT_EQ(live(scene).rollout.hosts.front().deferrals, 1U);

    set_due(scene, "curl", due);
    scene.now = due - std::chrono::seconds(1);
    scene.drive();
    EXPECT_EQ(scene.phase("s"), "rehearsed");
    scene.now = due;
    scene.drive();
    EXPECT_EQ(scene.phase("s"), "applying");
    EXPECT_EQ(no_turn(scene), "");
}

}  // namespace thimble::server
