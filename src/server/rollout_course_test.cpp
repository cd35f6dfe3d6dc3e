#include "thimble/server/rollout_course.hpp"

#include "thimble/server/rollout_plans.hpp"
#include "thimble/server/rollout_scene_test.hpp"

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

/// The first ring had curl 2; what becomes of a host of the next that says so of curl and plans nothing.
std::string phase_and_why(const std::string& curl, int status = 0) {
    Scene scene;
    EXPECT_TRUE(scene.begin("r"));
    scene.prepare("s", "2");
    scene.finish("s");
    scene.now += std::chrono::hours(1);
    scene.drive();
    scene.result(
        scene.job("c"),
        "",
        curl.empty() ? ""
                     : R"({"plan":null,"left_out":[{"source":"curl",)" + curl
                + R"(}],"passed_over":[],"gaps":[]})",
        status);
    const auto row =
        scene.rows("SELECT phase, why FROM deployment_host WHERE host_id = 'c'").front();
    return store::text_at(row, 0) + ": " + store::text_at(row, 1);
}

TEST(Rollout, HasSomethingToDoOnAHostWhoseRepositoriesLackWhatWasFrozen) {
    const std::string newest = R"("code":"nothing_newer","why":"it is the newest")";
    const auto with = [&](const std::string& installed) {
        return newest + R"(,"installed":")" + installed + R"(","type":"deb")";
    };

    EXPECT_EQ(
        phase_and_why(with("1")),
        "plan-refused: held back: curl 2 is not in the host's repositories, and 1 is installed");
    EXPECT_EQ(phase_and_why(with("2")), "nothing-to-do: curl: it is the newest");
    EXPECT_EQ(phase_and_why(with("2.1")), "nothing-to-do: curl: it is the newest");
    EXPECT_EQ(
        phase_and_why(newest),
        "plan-refused: held back: curl 2 is to be installed, and the host does not tell which "
        "version it has");
    EXPECT_EQ(
        phase_and_why(""),
        "failed: what it says of having nothing to do did not come, or cannot be read");
    EXPECT_EQ(
        phase_and_why(R"("code":"hold","why":"is held")"),
        "plan-refused: held back: curl: is held");
}

TEST(Rollout, RefusesAPlanThatLeavesAHostBehindWhatWasFrozen) {
    Scene scene;
    ASSERT_TRUE(scene.begin("r"));
    scene.prepare("s", "2");
    scene.finish("s");
    scene.now += std::chrono::hours(1);
    scene.drive();
    scene.left_out = {{"curl", "nothing_newer", "so it says", "1", "deb"}};

    scene.prepare("c", "2");

    EXPECT_EQ(scene.phase("c"), "plan-refused");
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

}  // namespace
}  // namespace thimble::server
