// What the policy of a rollout asks of its hosts: health, reboots, hooks, order, sets.
#include "thimble/protocol/envelope.hpp"
#include "thimble/protocol/job.hpp"
#include "thimble/server/rollout_scene_test.hpp"
#include "thimble/store/jobs.hpp"

#include <gtest/gtest.h>

namespace thimble::server {
namespace {

const char* const kAlone = R"(
policy: alone
hosts: {groups: [staging]}
rings: [{name: staging, hosts: {groups: [staging]}}]
)";

/// What a host would read of its job.
protocol::Job content_of(const store::Job& job) {
    return *protocol::parse_job(protocol::parse_envelope(job.envelope)->content);
}

void lose_overdue(Scene& scene) {
    ASSERT_TRUE(change(scene.context, scene.now, [&](auto& connection, Trail& trail) {
        return lose_overdue_jobs(scene.context, connection, trail);
    }));
}

void take_lease(Scene& scene, const store::Job& job) {
    ASSERT_TRUE(*scene.database.transact([&](store::Connection& connection) {
        return store::take_lease(connection, job.id, job.host_id, scene.now);
    }));
}

TEST(Rollout, AsksForTheProbesOfItsPolicyAndTakesNoPlanWithoutThem) {
    Scene scene;
    scene.keep_policy(
        "alone", std::string(kAlone) + "health: {probes: [{name: web, tcp: \"127.0.0.1:80\"}]}\n");
    ASSERT_TRUE(scene.begin("r", false, "alone"));
    const auto health = content_of(scene.job("s")).health;
    ASSERT_TRUE(health);
    ASSERT_EQ(health->probes.size(), 1U);
    EXPECT_EQ(health->probes[0].target, "127.0.0.1:80");

    scene.prepare("s", "2");
    EXPECT_EQ(scene.phase("s"), "failed") << "its plan has no probe";

    Scene other;
    other.keep_policy(
        "alone", std::string(kAlone) + "health: {probes: [{name: web, tcp: \"127.0.0.1:80\"}]}\n");
    ASSERT_TRUE(other.begin("r", false, "alone"));
    other.probes = health->probes;
    other.prepare("s", "2");
    EXPECT_EQ(other.phase("s"), "applying");
}

/// A host that was patched and told to reboot.
void bring_to_reboot(Scene& scene, const std::string& more) {
    scene.keep_policy(
        "alone", kAlone + std::string("reboot: {when: in window, returns_within: 10m}\n") + more);
    ASSERT_TRUE(scene.begin("r", false, "alone"));
    scene.prepare("s", "2");
    scene.result(scene.job("s"), "", R"({"run":"r1","result":"applied","why":null})");
    scene.verify("s", "installed_pending_reboot");
    ASSERT_EQ(scene.phase("s"), "rebooting");
    ASSERT_EQ(scene.job("s").kind, "reboot");
}

const char* const kNewBoot = R"({"before":"one","after":"two","kernel":"6.1"})";

TEST(Rollout, VerifiesAHostThatHasANewBoot) {
    Scene scene;
    bring_to_reboot(scene, "");

    scene.report(scene.job("s"), "", "", 0, {{"boot", kNewBoot}});
    EXPECT_EQ(scene.job("s").kind, "verify");
    scene.verify("s", "verified");

    EXPECT_EQ(scene.phase("s"), "verified");
    EXPECT_EQ(scene.rollout_phase(), "done");
}

TEST(Rollout, HaltsWhenAHostDoesNotReturnInItsTime) {
    Scene scene;
    bring_to_reboot(scene, "");
    take_lease(scene, scene.job("s"));
    scene.now += std::chrono::minutes(11);
    lose_overdue(scene);
    EXPECT_EQ(scene.phase("s"), "rebooting") << "services may settle for two minutes";

    scene.now += std::chrono::minutes(1);
    lose_overdue(scene);
    scene.drive();

    EXPECT_EQ(scene.phase("s"), "not-returned");
    EXPECT_EQ(scene.rollout_phase(), "halted");
    const store::Job late = scene.job("s");
    EXPECT_TRUE(*scene.database.look([&](store::Connection& connection) {
        return store::waiting_job(connection, late.id, "s", scene.now);
    })) << "it is given once more";
    scene.report(late, "", "", 0, {{"boot", kNewBoot}});
    scene.verify("s", "verified");
    EXPECT_EQ(scene.phase("s"), "verified");
}

TEST(Rollout, TellsAHostThatRefusedItsRebootAgainLater) {
    Scene scene;
    bring_to_reboot(scene, "");

    scene.report(
        scene.job("s"), "", "", 1, {{"boot", R"({"before":"one","after":"","kernel":""})"}});
    scene.drive();
    EXPECT_EQ(scene.phase("s"), "pending-reboot");
    scene.now += std::chrono::minutes(10);
    scene.drive();

    EXPECT_EQ(scene.phase("s"), "rebooting");
    EXPECT_EQ(
        store::number_at(scene.rows("SELECT refused_reboots FROM deployment_host").front(), 0), 1);
}

const char* const kHooks =
    "hooks: {drain: {hook: out-lb}, undrain: {hook: in-lb, on_failure: halt-ring}}\n";
const char* const kDrainFailed =
    R"([{"step":"drain","name":"out-lb","ended":"failed","exit_status":3,"seconds":2,"output":"no pool"},)"
    R"({"step":"undrain","name":"in-lb","ended":"done","exit_status":0,"seconds":1,"output":""}])";

TEST(Rollout, PutsHooksAroundWhatChangesAHost) {
    Scene scene;
    bring_to_reboot(scene, kHooks);
    const auto around_reboot = content_of(scene.job("s")).hooks;
    ASSERT_TRUE(around_reboot);
    EXPECT_EQ(around_reboot->deployment, "r");
    EXPECT_EQ(around_reboot->steps.size(), 2U);

    scene.report(scene.job("s"), "", "", 0, {{"boot", kNewBoot}});
    const auto after_reboot = content_of(scene.job("s")).hooks;
    ASSERT_TRUE(after_reboot);
    ASSERT_EQ(after_reboot->steps.size(), 1U);
    EXPECT_EQ(after_reboot->steps[0].name, "in-lb");
}

TEST(Rollout, SkipsAHostWhoseDrainFailedAndKeepsWhatItSaid) {
    Scene scene;
    scene.keep_policy("alone", std::string(kAlone) + kHooks);
    ASSERT_TRUE(scene.begin("r", false, "alone"));
    scene.prepare("s", "2");
    EXPECT_EQ(content_of(scene.job("s")).hooks->steps.size(), 2U);

    scene.report(scene.job("s"), "", "", -1, {{"hooks", kDrainFailed}});

    EXPECT_EQ(scene.phase("s"), "skipped");
    const auto kept = *scene.database.look(
        [](store::Connection& connection) { return store::hooks_of(connection, "r", "s"); });
    ASSERT_EQ(kept.size(), 1U);
    EXPECT_EQ(kept[0].hooks, kDrainFailed);
    EXPECT_EQ(
        store::text_at(scene.rows("SELECT why FROM deployment_host").front(), 0),
        "hook out-lb (drain): exit status 3: no pool");
}

TEST(Rollout, HaltsWhereThePolicyHaltsForAHook) {
    Scene scene;
    scene.keep_policy("alone", std::string(kAlone) + kHooks + "health: {failures: 100}\n");
    ASSERT_TRUE(scene.begin("r", false, "alone"));
    scene.prepare("s", "2");

    scene.report(
        scene.job("s"),
        "",
        R"({"run":"r1","result":"applied","why":null})",
        0,
        {{"hooks",
          R"([{"step":"undrain","name":"in-lb","ended":"late","exit_status":0,"seconds":300,"output":""}])"}});
    scene.drive();

    EXPECT_EQ(scene.phase("s"), "hook-failed");
    EXPECT_EQ(scene.rollout_phase(), "halted");
}

TEST(Rollout, LeavesAHostAloneWhileAnotherRolloutChangesOneOfItsSet) {
    Scene scene;
    ASSERT_TRUE(scene.database.transact([](store::Connection& connection) -> Result<void> {
        THIMBLE_TRY(connection.execute("UPDATE host SET tags = 'ha=db' WHERE id <> 'b'"));
        return {};
    }));
    scene.keep_policy("alone", kAlone);
    scene.keep_policy(
        "other",
        "policy: other\nhosts: {groups: [canary]}\nrings: [{name: canary, hosts: {groups: "
        "[canary]}}]\n");
    scene.firsts = "sc";
    ASSERT_TRUE(scene.begin("r", false, "alone"));
    ASSERT_TRUE(scene.begin("q", false, "other"));
    scene.prepare("s", "2");
    ASSERT_EQ(scene.phase("s"), "applying");

    scene.prepare("c", "2", "q");
    EXPECT_EQ(scene.phase("c", "q"), "rehearsed");
    const auto live = *scene.database.look([&](store::Connection& connection) {
        return live_rollout(scene.context, connection, "q", scene.now);
    });
    EXPECT_EQ(live.elsewhere, (std::vector<rollout::PeerElsewhere>{{"ha=db", "s", "r", false}}));

    scene.finish("s");
    scene.drive();
    EXPECT_EQ(scene.phase("c", "q"), "applying");
}

TEST(Rollout, RemembersTheOrderAndTheSetsOfItsHosts) {
    Scene scene;
    scene.keep_policy(
        "all",
        "policy: all\nhosts: all\nrings: [{name: one, hosts: {groups: [staging, canary, broad]}}]\n"
        "order: [{groups: [canary]}, {groups: [staging]}]\n");
    ASSERT_TRUE(scene.begin("r", false, "all"));
    const auto live = *scene.database.look([&](store::Connection& connection) {
        return live_rollout(scene.context, connection, "r", scene.now);
    });

    ASSERT_EQ(live.rollout.hosts.size(), 3U);
    EXPECT_EQ(live.rollout.hosts[0].order, 0U);
    EXPECT_EQ(live.rollout.hosts[1].order, 1U);
    EXPECT_EQ(live.rollout.hosts[2].order, 2U);
}

}  // namespace
}  // namespace thimble::server
