#include "thimble/server/rollout_course.hpp"

#include "thimble/server/emergency_watch.hpp"
#include "thimble/server/rollout_plans.hpp"
#include "thimble/server/rollout_scene_test.hpp"
#include "thimble/store/fleet.hpp"
#include "thimble/store/taken_back.hpp"

#include <gtest/gtest.h>

#include <tuple>

namespace thimble::server {
namespace {

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

TEST(Rollout, GoesThroughItsRingsWithTheWordOfASecondPerson) {
    Scene scene;
    ASSERT_TRUE(scene.begin("r"));
    EXPECT_EQ(scene.phase("s"), "planning");
    EXPECT_EQ(scene.phase("c"), "waiting");

    scene.prepare("s", "2");
    EXPECT_EQ(scene.phase("s"), "applying");
    scene.finish("s");
    EXPECT_EQ(scene.phase("s"), "verified");
    EXPECT_EQ(scene.phase("c"), "waiting");
    scene.now += std::chrono::hours(1);
    scene.drive();
    EXPECT_EQ(scene.phase("c"), "planning");
    scene.prepare("c", "2");
    scene.finish("c");
    EXPECT_EQ(scene.phase("c"), "verified");
    scene.prepare("b", "2");
    EXPECT_EQ(scene.phase("b"), "rehearsed");
    const std::string frozen =
        store::text_at(scene.rows("SELECT frozen_digest FROM rollout").front(), 0);
    ASSERT_TRUE(scene.take("r", rollout::Approved{"user:bob", frozen}));
    EXPECT_EQ(scene.phase("b"), "applying");
    scene.finish("b");

    EXPECT_EQ(scene.rollout_phase(), "done");
}

TEST(Rollout, RefusesWhatTheFirstRingDidNotHave) {
    Scene scene;
    ASSERT_TRUE(scene.begin("r"));
    scene.prepare("s", "2");
    scene.finish("s");
    scene.now += std::chrono::hours(1);
    scene.drive();

    scene.prepare("c", "3");

    EXPECT_EQ(scene.phase("c"), "plan-refused");
    EXPECT_EQ(
        store::text_at(
            scene.rows("SELECT why FROM deployment_host WHERE host_id = 'c'").front(), 0),
        "it would bring curl 3, the first ring had 2");
}

TEST(Rollout, HaltsInStagingWithProductionUntouched) {
    Scene scene;
    ASSERT_TRUE(scene.begin("r"));
    scene.prepare("s", "2");

    scene.result(
        scene.job("s"), "", R"({"run":"r1","result":"failed_health","why":"probe web"})", 1);
    scene.drive();

    EXPECT_EQ(scene.phase("s"), "failed-health");
    EXPECT_EQ(scene.rollout_phase(), "halted");
    EXPECT_EQ(scene.phase("c"), "waiting");
    EXPECT_EQ(scene.phase("b"), "waiting");
}

TEST(Rollout, ChangesNothingOutsideItsWindow) {
    Scene scene;
    scene.now = *parse_instant("2026-12-01T12:00:00Z");
    ASSERT_TRUE(scene.begin("r"));
    scene.prepare("s", "2");
    EXPECT_EQ(scene.phase("s"), "rehearsed");
    EXPECT_EQ(no_turn(scene), "its turn has passed: window");

    scene.now = *parse_instant("2026-12-01T22:00:00Z");
    scene.drive();

    EXPECT_EQ(scene.phase("s"), "applying");
    EXPECT_EQ(no_turn(scene), "");
}

TEST(Rollout, TakesBackAtAHaltWhatHasNoLeaseAndLetsTheRestEnd) {
    Scene scene;
    ASSERT_TRUE(scene.begin("r"));
    scene.prepare("s", "2");
    ASSERT_EQ(scene.phase("s"), "applying");
    const std::string state = "SELECT state FROM patch_state WHERE host_id = 's'";
    ASSERT_EQ(store::text_at(scene.rows(state).front(), 0), "installing");
    ASSERT_TRUE(scene.take("r", rollout::HaltedByPerson{"stop"}));
    EXPECT_EQ(scene.phase("s"), "waiting");
    EXPECT_EQ(store::text_at(scene.rows(state).front(), 0), "unknown") << "until it is seen";
    EXPECT_EQ(no_turn(scene), "its turn has passed: rollout-halted");

    ASSERT_TRUE(scene.take("r", rollout::Resumed{"go"}));
    EXPECT_EQ(scene.phase("s"), "planning");
    scene.prepare("s", "2");
    const store::Job job = scene.job("s");
    ASSERT_TRUE(*scene.database.transact([&](store::Connection& connection) {
        return store::take_lease(connection, job.id, "s", scene.now);
    }));
    ASSERT_TRUE(scene.take("r", rollout::HaltedByPerson{"stop"}));

    EXPECT_EQ(scene.phase("s"), "applying");
    scene.finish("s");
    EXPECT_EQ(scene.phase("s"), "verified");
}

TEST(Rollout, VerifiesFirstWhatARunMayHaveInstalledWhenItIsBegunAgain) {
    Scene scene;
    ASSERT_TRUE(scene.begin("r"));
    scene.prepare("s", "2");
    scene.result(
        scene.job("s"), "", R"({"run":"r1","result":"failed_health","why":"probe web"})", 1);
    scene.drive();
    ASSERT_EQ(scene.phase("s"), "failed-health");
    ASSERT_TRUE(scene.take("r", rollout::Resumed{"looked"}));

    ASSERT_TRUE(scene.take("r", rollout::RingRetried{0}));
    EXPECT_EQ(scene.phase("s"), "verifying");
    EXPECT_EQ(scene.job("s").kind, "verify");
    scene.verify("s", "failed_health");
    EXPECT_EQ(scene.phase("s"), "failed-health") << "a plan would have found nothing to do";
    ASSERT_TRUE(scene.take("r", rollout::Resumed{"looked"}));
    ASSERT_TRUE(scene.take("r", rollout::RingRetried{0}));
    scene.verify("s", "verified");
    EXPECT_EQ(scene.phase("s"), "verified");
}

TEST(Rollout, PlansAnewWhatAPreCheckRefusedThoughThatHasARun) {
    Scene scene;
    ASSERT_TRUE(scene.begin("r"));
    scene.prepare("s", "2");
    scene.result(scene.job("s"), "", R"({"run":"r1","result":"skipped","why":"busy"})", 1);
    scene.drive();
    ASSERT_EQ(scene.phase("s"), "skipped");

    scene.now += std::chrono::minutes(30);
    scene.drive();

    EXPECT_EQ(scene.phase("s"), "planning");
    EXPECT_EQ(scene.job("s").kind, "prefetch");
}

TEST(Rollout, PlansForAFirstRingThatIsBegunAgainWhatWasFrozen) {
    Scene scene;
    ASSERT_TRUE(scene.begin("r"));
    scene.prepare("s", "2");
    ASSERT_TRUE(scene.take("r", rollout::HaltedByPerson{"stop"}));
    ASSERT_TRUE(scene.take("r", rollout::Resumed{"go"}));

    const store::Deployment deployment = **scene.database.look(
        [](store::Connection& connection) { return store::deployment_of(connection, "r"); });
    const model::PlanSelection wanted = *scene.database.look([&](store::Connection& connection) {
        return selection_for(
            connection, deployment, **store::host_of_deployment(connection, "r", "s"));
    });
    EXPECT_EQ(wanted.packages, std::vector<std::string>{"curl"});
    EXPECT_FALSE(wanted.security);
}

TEST(Rollout, OfAnEmergencyWaitsHalfAnHourForAHostThatDoesNotPlan) {
    const std::tuple<bool, const char*, bool> cases[] = {
        {true, "Debian 12", true},
        {true, "Debian 13", false},  // of which nothing would be frozen
        {false, "Debian 12", false}};
    for (const auto& [is_emergency, system, goes_on] : cases) {
        Scene scene;
        store::HostRecord host;
        host.id = host.name = "off";
        host.host_group = "staging";
        host.operating_system = system;
        ASSERT_TRUE(scene.database.transact(
            [&](store::Connection& connection) { return store::add_host(connection, host); }));
        ASSERT_TRUE(scene.begin("r", is_emergency));
        scene.prepare("s", "2");
        EXPECT_EQ(scene.phase("s"), "rehearsed") << "its ring is still being planned";

        scene.now += std::chrono::minutes(30);
        scene.drive();
        EXPECT_EQ(scene.phase("off"), "planning");
        EXPECT_EQ(scene.phase("s") == "applying", goes_on) << system;
    }
}

TEST(Rollout, GivesATurnThatNobodyTookToOthers) {
    Scene scene;
    ASSERT_TRUE(scene.begin("r"));
    scene.prepare("s", "2");
    scene.now += std::chrono::minutes(15);
    ASSERT_TRUE(change(scene.context, scene.now, [&](auto& connection, Trail& trail) {
        return lose_overdue_jobs(scene.context, connection, trail);
    }));
    EXPECT_EQ(scene.phase("s"), "halted");

    scene.drive();

    EXPECT_EQ(scene.phase("s"), "planning");
}

TEST(Rollout, OfAnEmergencyTakesHostsThatAnotherHasNotBegunToChange) {
    Scene scene;
    scene.now = *parse_instant("2026-12-01T12:00:00Z");
    ASSERT_TRUE(scene.begin("r"));
    scene.prepare("s", "2");
    ASSERT_EQ(scene.phase("s"), "rehearsed");

    ASSERT_TRUE(scene.begin("e", true));

    EXPECT_EQ(scene.phase("s", "e"), "planning");
    EXPECT_EQ(scene.phase("s"), "waiting");
    scene.drive();
    EXPECT_EQ(scene.phase("s"), "waiting");
    scene.prepare("s", "2", "e");
    EXPECT_EQ(scene.phase("s", "e"), "applying");
}

TEST(Rollout, SaysWhyAHostBeginsAnewThatAnEmergencyHadTaken) {
    Scene scene;
    scene.now = *parse_instant("2026-12-01T12:00:00Z");
    ASSERT_TRUE(scene.begin("r"));
    scene.prepare("s", "2");
    ASSERT_TRUE(scene.begin("e", true));
    const std::string row =
        "SELECT why, gave_way_to FROM deployment_host WHERE host_id = 's' AND deployment_id = 'r'";
    EXPECT_EQ(store::text_at(scene.rows(row).front(), 1), "e");
    const std::string steps =
        "SELECT reason FROM audit WHERE action = 'deployment.step' AND subject = 'r' AND actor = "
        "'server' ORDER BY sequence";
    ASSERT_EQ(scene.rows(steps).size(), 1U);
    EXPECT_EQ(store::text_at(scene.rows(steps).front(), 0), "the emergency e goes first");

    ASSERT_TRUE(change(scene.context, scene.now, [&](auto& connection, Trail& trail) {
        THIMBLE_CHECK(drive_rollout(
            scene.context,
            connection,
            trail,
            "e",
            rollout::CancelledByPerson{"cancelled by user:ada"}));
        return cancel_deployment(connection, "e", "cancelled by user:ada", scene.now);
    }));
    scene.drive();

    EXPECT_EQ(scene.phase("s"), "planning");
    const std::string why =
        "begun anew: it had given way to the emergency e, which is cancelled (cancelled by "
        "user:ada)";
    EXPECT_EQ(store::text_at(scene.rows(row).front(), 0), why);
    EXPECT_EQ(store::text_at(scene.rows(row).front(), 1), "");
    ASSERT_EQ(scene.rows(steps).size(), 2U);
    EXPECT_EQ(store::text_at(scene.rows(steps).back(), 0), why);
}

TEST(Rollout, PlansAnewWhatAPreCheckRefusedAndAnotherHadMeanwhile) {
    Scene scene;
    ASSERT_TRUE(scene.begin("r"));
    scene.prepare("s", "2");
    scene.result(scene.job("s"), "", R"({"run":"r1","result":"skipped","why":"busy"})", 1);
    scene.drive();
    ASSERT_EQ(scene.phase("s"), "skipped");
    ASSERT_TRUE(scene.begin("e", true));
    ASSERT_EQ(scene.phase("s", "e"), "planning");
    scene.now += std::chrono::minutes(30);
    scene.drive();
    EXPECT_EQ(scene.phase("s"), "waiting") << "nothing was installed that is to be verified";
}

TEST(Rollout, RemembersThatItVerifiesFirstWhileAnotherHasTheHost) {
    Scene scene;
    ASSERT_TRUE(scene.begin("r"));
    scene.prepare("s", "2");
    scene.result(
        scene.job("s"), "", R"({"run":"r1","result":"failed_health","why":"probe web"})", 1);
    scene.drive();
    ASSERT_TRUE(scene.begin("e", true));
    ASSERT_EQ(scene.phase("s", "e"), "planning");
    ASSERT_TRUE(scene.take("r", rollout::Resumed{"looked"}));

    ASSERT_TRUE(scene.take("r", rollout::RingRetried{0}));

    EXPECT_EQ(scene.phase("s"), "waiting-to-verify");
    scene.drive();
    EXPECT_EQ(scene.phase("s"), "waiting-to-verify");
    EXPECT_EQ(
        store::text_at(
            scene
                .rows("SELECT run FROM deployment_host WHERE host_id = 's' AND deployment_id = "
                      "'r'")
                .front(),
            0),
        "r1");
}

TEST(Rollout, IsTheSameAfterARestart) {
    Scene scene;
    ASSERT_TRUE(scene.begin("r"));
    scene.prepare("s", "2");
    const auto live = *scene.database.look([&](store::Connection& connection) {
        return live_rollout(scene.context, connection, "r", scene.now);
    });

    EXPECT_EQ(live.rollout.requester, "user:ada");
    EXPECT_EQ(live.rollout.rings[0].phase, rollout::RingPhase::Open);
    EXPECT_FALSE(live.rollout.frozen.empty());
    ASSERT_EQ(live.rollout.hosts.size(), 3U);
    EXPECT_EQ(live.rollout.hosts[2].id, "s");
    EXPECT_EQ(live.rollout.hosts[2].stage, rollout::HostStage::Changing);
    EXPECT_EQ(live.rollout.hosts[2].tries, 1U);
}

/// A host misses curl in that version, made urgent by these.
void miss(
    Scene& scene,
    const std::string& host,
    const std::string& to,
    const std::vector<std::string>& urgent) {
    store::FleetJudgement judgement;
    judgement.host.host_id = host;
    store::FleetPatch patch;
    patch.source = "curl";
    patch.from_version = "1";
    patch.to_version = to;
    patch.state = "ready";
    patch.kev = !urgent.empty();
    for (const std::string& vulnerability : urgent) {
        patch.urgent.push_back({vulnerability, scene.now});
    }
    judgement.patches = {patch};
    ASSERT_TRUE(scene.database.transact([&](store::Connection& connection) {
        return store::write_judgement(connection, judgement);
    }));
}

const std::string kByRule = std::string(kPolicy) + "emergency: {opens: by rule}\n";

/// Of the emergency that was opened last.
struct Opened {
    std::string id;
    std::string why;
    std::string hosts;  ///< that are in it
};
Opened last_opened(Scene& scene) {
    const auto row = scene
                         .rows(
                             "SELECT r.deployment_id, d.why FROM rollout r JOIN deployment d ON "
                             "d.id = r.deployment_id ORDER BY d.created_at DESC, d.id LIMIT 1")
                         .front();
    Opened opened{store::text_at(row, 0), store::text_at(row, 1), ""};
    for (const auto& host : scene.rows(
             "SELECT host_id FROM deployment_host WHERE deployment_id = '" + opened.id
             + "' ORDER BY host_id")) {
        opened.hosts += store::text_at(host, 0);
    }
    return opened;
}

/// Opens one, which is cancelled a second later.
void open_and_cancel(Scene& scene) {
    ASSERT_EQ(*open_emergencies(scene.context, scene.now), 1U);
    scene.now += std::chrono::seconds(1);
    ASSERT_TRUE(scene.take(last_opened(scene).id, rollout::CancelledByPerson{"no"}));
    scene.now += std::chrono::seconds(1);
}

TEST(OpenEmergencies, OpensOneForWhatIsExploitedAndOnce) {
    Scene scene;
    miss(scene, "s", "2", {"CVE-1"});
    EXPECT_EQ(*open_emergencies(scene.context, scene.now), 0U);  // by hand unless told
    scene.keep_policy("web", kByRule);
    miss(scene, "s", "2", {});
    EXPECT_EQ(*open_emergencies(scene.context, scene.now), 0U);
    miss(scene, "s", "2", {"CVE-1"});

    EXPECT_EQ(*open_emergencies(scene.context, scene.now), 1U);
    EXPECT_EQ(*open_emergencies(scene.context, scene.now), 0U);
    const auto rows = scene.rows("SELECT opened_for, is_emergency, deployment_id FROM rollout");
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(store::text_at(rows[0], 0), "curl 2");
    const std::string id = store::text_at(rows[0], 2);
    EXPECT_EQ(scene.phase("s", id), "planning");
    const auto reviews = scene.rows("SELECT deployment_id, closed_at FROM rollout_review");
    ASSERT_EQ(reviews.size(), 1U);
    EXPECT_EQ(store::text_at(reviews[0], 0), id);
    // One that is not over is waited for on its hosts, whatever is new.
    miss(scene, "b", "2", {"CVE-1", "CVE-2"});
    scene.now += std::chrono::days(31);
    EXPECT_EQ(*open_emergencies(scene.context, scene.now), 0U);
    ASSERT_TRUE(scene.take(id, rollout::CancelledByPerson{"no"}));
    miss(scene, "s", "3", {"CVE-1"});
    EXPECT_EQ(*open_emergencies(scene.context, scene.now), 1U);
}

TEST(OpenEmergencies, OpenNoneAgainForWhatWasCancelledFor30DaysFromThen) {
    Scene scene;
    scene.keep_policy("web", kByRule);
    for (const char* host : {"s", "b"}) {
        miss(scene, host, "2", {"CVE-1", "CVE-2"});
    }
    ASSERT_EQ(*open_emergencies(scene.context, scene.now), 1U);
    scene.now += std::chrono::days(20);
    ASSERT_TRUE(scene.take(last_opened(scene).id, rollout::CancelledByPerson{"no"}));

    EXPECT_EQ(*open_emergencies(scene.context, scene.now), 0U);
    miss(scene, "b", "2", {"CVE-2"});  // of what it was opened for something is left
    EXPECT_EQ(*open_emergencies(scene.context, scene.now), 0U);
    scene.now += std::chrono::days(30);
    EXPECT_EQ(*open_emergencies(scene.context, scene.now), 0U);
    scene.now += std::chrono::seconds(1);
    EXPECT_EQ(*open_emergencies(scene.context, scene.now), 1U);
}

TEST(OpenEmergencies, OpenOneForAHostThatIsExposedSinceThenAndLeaveTheOthersOut) {
    Scene scene;
    scene.keep_policy("web", kByRule);
    miss(scene, "c", "2", {"CVE-1"});
    open_and_cancel(scene);
    ASSERT_EQ(*open_emergencies(scene.context, scene.now), 0U);

    miss(scene, "b", "2", {"CVE-1"});

    EXPECT_EQ(*open_emergencies(scene.context, scene.now), 1U);
    const Opened opened = last_opened(scene);
    EXPECT_EQ(opened.hosts, "bs") << "c was cancelled";
    EXPECT_NE(opened.why.find("curl 2; again, for what is new since: 1 host"), std::string::npos);
    scene.now += std::chrono::seconds(1);
    ASSERT_TRUE(scene.take(opened.id, rollout::CancelledByPerson{"no"}));
    EXPECT_EQ(*open_emergencies(scene.context, scene.now), 0U);
}

TEST(OpenEmergencies, OpenOneForAVulnerabilityOfThePatchThatIsExploitedSinceThen) {
    Scene scene;
    scene.keep_policy("web", kByRule);
    for (const char* host : {"s", "b"}) {
        miss(scene, host, "2", {"CVE-1"});
    }
    open_and_cancel(scene);

    miss(scene, "b", "2", {"CVE-1", "CVE-2"});

    EXPECT_EQ(*open_emergencies(scene.context, scene.now), 1U);
    // Nothing reaches the others that the first ring did not have.
    EXPECT_EQ(last_opened(scene).hosts, "bcs");
    scene.now += std::chrono::seconds(1);
    ASSERT_TRUE(scene.take(last_opened(scene).id, rollout::CancelledByPerson{"no"}));
    EXPECT_EQ(*open_emergencies(scene.context, scene.now), 0U);
    scene.now += std::chrono::seconds(1);
    miss(scene, "s", "2", {"CVE-1", "CVE-2"});
    EXPECT_EQ(*open_emergencies(scene.context, scene.now), 1U);
}

void add_host(Scene& scene, const std::string& id, const std::string& group) {
    store::HostRecord host;
    host.id = host.name = id;
    host.host_group = group;
    ASSERT_TRUE(scene.database.transact(
        [&](store::Connection& connection) { return store::add_host(connection, host); }));
}

TEST(OpenEmergencies, OpenOneForAHostThatCameAfterOneThatIsNotOver) {
    Scene scene;
    scene.keep_policy("web", kByRule);
    miss(scene, "b", "2", {"CVE-1"});
    ASSERT_EQ(*open_emergencies(scene.context, scene.now), 1U);
    add_host(scene, "n", "broad");
    miss(scene, "n", "2", {"CVE-1"});
    scene.now += std::chrono::seconds(1);

    EXPECT_EQ(*open_emergencies(scene.context, scene.now), 1U);
    EXPECT_EQ(last_opened(scene).hosts, "ns") << "that of the first ring, and no other that waits";
    EXPECT_EQ(*open_emergencies(scene.context, scene.now), 0U);
}

TEST(OpenEmergencies, WriteNothingForWhatIsUrgentOnHostsOfOtherPolicies) {
    Scene scene;
    scene.keep_policy("web", kByRule);
    add_host(scene, "lone", "elsewhere");
    miss(scene, "lone", "2", {"CVE-1"});
    auto other = store::Connection::open(
        {store::DatabaseAddress::Kind::Sqlite, (scene.folder / "thimble.db").string()});
    ASSERT_TRUE(other);
    ASSERT_TRUE(other->execute("BEGIN IMMEDIATE"));  // whoever writes now has to wait, and fails

    const auto opened = open_emergencies(scene.context, scene.now);

    ASSERT_TRUE(opened) << opened.error().text();
    EXPECT_EQ(*opened, 0U);
    ASSERT_TRUE(other->execute("ROLLBACK"));
}

TEST(OpenEmergencies, PutOneOfALaterRingFirstWhereTheFirstMissesNothing) {
    Scene scene;
    scene.keep_policy("web", kByRule);
    miss(scene, "c", "2", {"CVE-1"});
    miss(scene, "b", "2", {"CVE-1"});

    ASSERT_EQ(*open_emergencies(scene.context, scene.now), 1U);
    const auto rows = scene.rows("SELECT ring FROM deployment_host ORDER BY host_id");
    ASSERT_EQ(rows.size(), 3U);
    EXPECT_EQ(store::number_at(rows[0], 0), 0) << "b, the first that misses it";
    EXPECT_EQ(store::number_at(rows[1], 0), 1);
    EXPECT_EQ(store::number_at(rows[2], 0), 0);
    EXPECT_NE(last_opened(scene).why.find("1 host of a later ring goes first"), std::string::npos);
    const std::string id = last_opened(scene).id;
    scene.prepare("b", "2", id);
    scene.now += std::chrono::minutes(30);
    scene.drive();
    EXPECT_EQ(scene.phase("b", id), "rehearsed") << "it has the approval of its own ring";
}

TEST(OpenEmergencies, LeaveTheRingsAsTheyAreWhereTheFirstIsNotJudgedYet) {
    Scene scene;
    scene.keep_policy("web", kByRule);
    ASSERT_FALSE(
        scene.rows("UPDATE host SET inventory_digest = 'd' WHERE id = 's' RETURNING id").empty());
    miss(scene, "b", "2", {"CVE-1"});

    ASSERT_EQ(*open_emergencies(scene.context, scene.now), 1U);
    const auto rows = scene.rows("SELECT ring FROM deployment_host WHERE host_id = 'b'");
    EXPECT_EQ(store::number_at(rows.front(), 0), 2) << "s may miss it as well";
}

TEST(OpenEmergencies, OpenWhatCanBeWhereAnotherCannot) {
    Scene scene;
    scene.keep_policy("web", kByRule);
    store::FleetJudgement judgement;
    judgement.host.host_id = "b";
    for (const char* source : {"curl", "zlib"}) {
        store::FleetPatch& patch = judgement.patches.emplace_back();
        patch.source = source;
        patch.from_version = "1";
        patch.to_version = "2";
        patch.state = "ready";
        patch.kev = true;
        patch.urgent = {{"CVE-1", scene.now}};
    }
    ASSERT_TRUE(scene.database.transact([&](store::Connection& connection) {
        return store::write_judgement(connection, judgement);
    }));
    ASSERT_TRUE(scene.database.transact([&](store::Connection& connection) {
        return store::add_taken_back(
            connection,
            {"t", "s", "staging", "d", "r", "it broke", scene.now, {{"curl", "2"}}, {}});
    }));

    EXPECT_EQ(*open_emergencies(scene.context, scene.now), 1U);
    EXPECT_NE(last_opened(scene).why.find("zlib 2"), std::string::npos);
    EXPECT_EQ(open_emergencies(scene.context, scene.now).error().code, "rollout.no_first_ring")
        << "and nobody is left in doubt about the other";
}

TEST(OpenEmergencies, OpenNoneForAHostOfNoRing) {
    Scene scene;
    scene.keep_policy("web", kByRule);
    add_host(scene, "lone", "elsewhere");

    miss(scene, "lone", "2", {"CVE-1"});

    EXPECT_EQ(*open_emergencies(scene.context, scene.now), 0U);
}

}  // namespace
}  // namespace thimble::server
