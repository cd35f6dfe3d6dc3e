// What a control goes through on its host, and what the decisions there make of it.
#include "thimble/server/control_scene_test.hpp"
#include "thimble/store/fleet.hpp"

#include <gtest/gtest.h>

namespace thimble::server {
namespace {

TEST(ControlCourse, GoesFromApprovalToAShieldThatMovesTheDueDateAndBack) {
    ControlScene scene;
    const Instant original = scene.due();
    scene.begin();
    EXPECT_EQ(scene.record().state, "approved");
    const auto deployment = scene.job();
    ASSERT_TRUE(deployment);
    EXPECT_EQ(deployment->kind, "deploy-control");
    EXPECT_EQ(ControlScene::content_of(*deployment).control->document, scene.record().document);
    EXPECT_EQ(scene.due(), original) << "what was only asked for shields nothing";

    scene.end_well("deployed");
    EXPECT_EQ(scene.host().state, "deployed");
    EXPECT_EQ(scene.due(), original) << "nor what was only put up";
    ASSERT_TRUE(scene.job());
    EXPECT_EQ(scene.job()->kind, "verify-control");

    scene.end_well("holding");
    EXPECT_EQ(scene.record().state, "verified");
    EXPECT_GT(scene.due(), original);
    const store::Row shielded = scene.patch();
    EXPECT_EQ(store::text_at(shielded, 2), scene.id);
    EXPECT_EQ(store::number_at(shielded, 3), scene.record().expires_at.time_since_epoch().count());
    EXPECT_EQ(store::number_at(shielded, 4), original.time_since_epoch().count());
    EXPECT_EQ(scene.audited("control.verified"), 1U);

    scene.clock.go(std::chrono::minutes(67));
    scene.hear();
    scene.watch();
    EXPECT_EQ(scene.host().state, "lapsed");
    EXPECT_EQ(scene.audited("control.lapsed"), 1U);
    EXPECT_EQ(scene.due(), original);
    EXPECT_EQ(store::text_at(scene.patch(), 2), "");
}

TEST(ControlCourse, IsLookedAtEachIntervalAndHoldsAgainWhenItIsRepaired) {
    ControlScene scene;
    scene.begin();
    scene.prove();
    EXPECT_FALSE(scene.job());

    scene.clock.go(std::chrono::hours(1));
    scene.watch();
    const auto look = scene.job();
    ASSERT_TRUE(look);
    EXPECT_EQ(look->kind, "verify-control");
    scene.end(*look, scene.report_of(*look, "broken", "false"), 1);
    EXPECT_EQ(scene.host().state, "lapsed");
    EXPECT_EQ(scene.host().why, "port 80: expected refused, seen as it is");

    scene.hear();
    ASSERT_TRUE(scene.act("deploy"));
    scene.prove();
    EXPECT_EQ(scene.host().state, "verified");
    const auto checks = *scene.database.look([&](store::Connection& connection) {
        return store::checks_of_control(connection, scene.id, "web1");
    });
    EXPECT_EQ(checks.size(), 5U);
}

TEST(ControlCourse, AReportOfAnotherDocumentOrAnotherJobProvesNothing) {
    for (const bool is_other_job : {false, true}) {
        ControlScene scene;
        scene.begin();
        scene.end_well("deployed");
        std::string report = scene.report_of(*scene.job(), "holding");
        const std::string what = is_other_job ? scene.job()->id : scene.record().digest;
        report.replace(report.find(what), 8, "00000000");

        scene.end(*scene.job(), report);

        EXPECT_EQ(scene.host().state, "deployed") << is_other_job;
        EXPECT_EQ(scene.host().evidence.empty(), false) << "that of the deployment stays";
    }
}

TEST(ControlCourse, AReportOfAnAgentThatNamesNoJobProvesAsItDid) {
    ControlScene scene;
    scene.begin();
    for (const std::string state : {"deployed", "holding"}) {
        const auto job = scene.job();
        ASSERT_TRUE(job);
        std::string report = scene.report_of(*job, state);
        const std::string named = R"("job":")" + job->id + R"(",)";
        report.erase(report.find(named), named.size());

        scene.end(*job, report);

        EXPECT_EQ(scene.host().state, state == "holding" ? "verified" : state);
    }
}

TEST(ControlCourse, NotesADocumentAsPutUpWhenItsHostSaysSo) {
    ControlScene scene;
    scene.begin();
    EXPECT_EQ(scene.host().digest, "");
    scene.end(*scene.job(), "", 1);
    EXPECT_EQ(scene.host().digest, "") << "it could not";

    ASSERT_TRUE(scene.act("deploy"));
    scene.end_well("deployed");
    EXPECT_EQ(scene.host().digest, scene.record().digest);
}

TEST(ControlCourse, AVerificationThatCouldNotTellChangesNothingUntilItIsOverdue) {
    ControlScene scene;
    scene.begin();
    scene.prove();
    scene.clock.go(std::chrono::hours(1));
    scene.watch();
    scene.end(*scene.job(), "", 2);
    EXPECT_EQ(scene.host().state, "verified");

    scene.clock.go(std::chrono::minutes(7));
    scene.watch();
    EXPECT_EQ(scene.host().state, "lapsed");
}

TEST(ControlCourse, ARuleThatOnlyDetectsOrIsWalkedAroundDoesNotCount) {
    ControlScene scene;
    const Instant original = scene.due();
    scene.begin(kTraversal);
    EXPECT_EQ(
        scene.ask(enforce_control, "bob", R"({"why":"at once"})", {scene.id}).error().code,
        "server.not_so");  // it was not seen to detect
    scene.prove("\"detect\"");
    EXPECT_EQ(scene.record().state, "verified");
    EXPECT_EQ(scene.due(), original);

    EXPECT_EQ(
        scene.ask(enforce_control, "ada", R"({"why":"x"})", {scene.id}).error().code,
        "server.second_person");
    ASSERT_TRUE(scene.ask(enforce_control, "bob", R"({"why":"no false alarm"})", {scene.id}));
    const auto again = scene.job();
    ASSERT_TRUE(again);
    EXPECT_NE(
        ControlScene::content_of(*again).control->document.find(R"("mode":"block")"),
        std::string::npos);
    scene.prove("\"block\"");
    EXPECT_GT(scene.due(), original);

    ASSERT_TRUE(scene.act("verify"));
    scene.watch();
    scene.end(
        *scene.job(),
        scene.report_of(*scene.job(), "holding", "true", "\"block\"", R"("port 8080")"));
    EXPECT_EQ(scene.host().state, "verified");
    EXPECT_EQ(scene.due(), original);
}

TEST(ControlCourse, WhatIsExpiredDoesNotCountAndIsTakenAwayWhereTheRuleSaysSo) {
    for (const bool removes : {true, false}) {
        ControlScene scene;
        const Instant original = scene.due();
        scene.begin(
            kWall,
            removes ? R"(,"retirement":"remove","verify_seconds":2000000)"
                    : R"(,"verify_seconds":2000000)");
        scene.prove();
        scene.clock.go(Days(9));
        scene.hear();
        scene.watch();

        EXPECT_EQ(scene.host().state, removes ? "retiring" : "lapsed");
        EXPECT_EQ(scene.host().removal_proposed_at != Instant{}, !removes);
        EXPECT_EQ(scene.due(), original);
        if (removes) {
            EXPECT_EQ(scene.job()->kind, "remove-control");
        }
    }
}

TEST(ControlCourse, PutsNoPackageBackBecauseNothingOfItIsOpen) {
    ControlScene scene;
    scene.begin(
        R"({"kind":"hardening","settings":{"remove_package":"nginx"}})",
        R"(,"retirement":"remove","sources":["nginx"])");
    scene.prove();
    scene.pass();

    scene.patch_host();  // as its inventory is without the package
    scene.pass();

    EXPECT_EQ(scene.host().state, "verified");
    EXPECT_EQ(scene.host().removal_proposed_at, Instant{});
}

TEST(ControlCourse, GoesWhenThePatchIsLiveAndItsRemovalIsProven) {
    ControlScene scene;
    scene.begin(kWall, R"(,"retirement":"remove")");
    scene.prove();
    scene.pass();
    EXPECT_EQ(scene.host().state, "verified");

    scene.patch_host();
    scene.pass();
    EXPECT_EQ(scene.host().state, "retiring");
    const auto removal = scene.job();
    ASSERT_TRUE(removal);
    EXPECT_EQ(removal->kind, "remove-control");

    scene.end(*removal, scene.report_of(*removal, "removed", "false"), 0);
    EXPECT_EQ(scene.host().state, "retiring") << "something of it is left";
    scene.clock.go(std::chrono::hours(1));
    scene.watch();
    scene.end_well("removed");
    EXPECT_EQ(scene.host().state, "retired");
    scene.pass();
    EXPECT_EQ(scene.host().state, "retired");
    scene.clock.go(Days(10));
    scene.watch();
    EXPECT_EQ(scene.record().state, "retired");
}

TEST(ControlCourse, IsProposedForRemovalOnceWhereAPersonDecides) {
    ControlScene scene;
    scene.begin();
    scene.prove();
    scene.patch_host();
    scene.pass();
    scene.pass();

    EXPECT_EQ(scene.host().state, "verified");
    EXPECT_NE(scene.host().removal_proposed_at, Instant{});
    EXPECT_EQ(scene.audited("control.removal-proposed"), 1U);
    ASSERT_TRUE(scene.act("retire"));
    scene.end_well("removed");
    EXPECT_EQ(scene.record().state, "retired");
}

TEST(ControlCourse, AJobOfWhichNothingIsHeardIsGivenAgain) {
    ControlScene scene;
    scene.begin();
    const std::string first = scene.host().job_id;
    scene.clock.go(std::chrono::hours(25));
    ASSERT_TRUE(change(scene.context, scene.clock.now(), [&](auto& connection, Trail& trail) {
        return lose_overdue_jobs(scene.context, connection, trail);
    }));

    EXPECT_FALSE(scene.job()) << "it waits for its turn as others do";
    scene.watch();

    const auto second = scene.job();
    ASSERT_TRUE(second);
    EXPECT_NE(second->id, first);
    EXPECT_EQ(second->kind, "deploy-control");
    EXPECT_EQ(scene.host().tries, 0) << "it was never begun";
}

TEST(ControlCourse, FollowsItsScope) {
    ControlScene scene;
    scene.begin();
    scene.prove();
    scene.move_host("web1", "other");
    scene.add_host("web0", scene.keep_nginx("1"), "web");
    scene.watch();

    const auto hosts = scene.hosts();
    ASSERT_EQ(hosts.size(), 2U);
    EXPECT_EQ(hosts[0].state, "approved");
    EXPECT_FALSE(hosts[0].job_id.empty());
    EXPECT_EQ(hosts[1].state, "retiring");

    const auto removal = scene.job_of(hosts[1]);
    ASSERT_TRUE(removal);
    scene.end(*removal, scene.report_of(*removal, "removed"));
    const auto state = [&] {
        return store::text_at(
            scene.rows("SELECT state FROM control_host WHERE host_id = 'web1'").front(), 0);
    };
    EXPECT_EQ(state(), "retired");
    scene.move_host("web1", "web");
    scene.watch();
    EXPECT_EQ(state(), "approved");  // it came back
}

TEST(ControlCourse, ComesBackWithItsHostWhateverWasSaidOfItMeanwhile) {
    ControlScene scene;
    scene.begin();
    scene.prove();
    scene.move_host("web1", "other");
    scene.watch();
    const auto lost = scene.job();
    ASSERT_TRUE(lost);
    scene.clock.go(std::chrono::hours(25));
    ASSERT_TRUE(change(scene.context, scene.clock.now(), [&](auto& connection, Trail& trail) {
        return lose_overdue_jobs(scene.context, connection, trail);
    }));
    scene.watch();
    const auto removal = scene.job();
    ASSERT_TRUE(removal);
    scene.end(*removal, scene.report_of(*removal, "removed", "null"));
    ASSERT_EQ(scene.host().state, "retired");

    scene.move_host("web1", "web");
    scene.watch();

    EXPECT_EQ(scene.host().state, "approved");
}

TEST(ControlCourse, IsPutUpAgainOnAHostThatCameBackWhileItWasTakenAway) {
    ControlScene scene;
    scene.begin();
    scene.prove();
    scene.move_host("web1", "other");
    scene.watch();
    const auto removal = scene.job();
    ASSERT_TRUE(removal);
    scene.move_host("web1", "web");
    scene.watch();
    EXPECT_EQ(scene.host().state, "retiring");
    EXPECT_NE(scene.host().why.find("again"), std::string::npos);

    scene.end(*removal, scene.report_of(*removal, "removed"));

    EXPECT_EQ(scene.host().state, "approved");
    scene.watch();
    ASSERT_TRUE(scene.job());
    EXPECT_EQ(scene.job()->kind, "deploy-control");
    scene.prove();
    EXPECT_EQ(scene.record().state, "verified");
}

TEST(ControlCourse, StaysAwayFromAHostThatCameBackAndLeftAgainWhileItWasTakenAway) {
    ControlScene scene;
    scene.begin();
    scene.prove();
    for (const char* const group : {"other", "web", "other"}) {
        scene.move_host("web1", group);
        scene.watch();
    }
    EXPECT_EQ(scene.host().why, "no longer in its scope");

    scene.end_well("removed");

    EXPECT_EQ(scene.host().state, "retired");
    scene.watch();
    EXPECT_EQ(scene.host().state, "retired");
}

TEST(ControlCourse, DoesNotComeBackToAHostFromWhichAPersonTookIt) {
    ControlScene scene;
    scene.begin();
    scene.prove();
    scene.move_host("web1", "other");
    scene.watch();
    ASSERT_TRUE(scene.act("retire", R"(,"host_id":"web1")"));
    scene.move_host("web1", "web");
    scene.watch();
    scene.end_well("removed");
    scene.watch();

    EXPECT_EQ(scene.host().state, "retired");
}

TEST(ControlCourse, MonitoringMovesNothing) {
    ControlScene scene;
    const Instant original = scene.due();
    scene.begin(R"({"kind":"monitoring","settings":{"watch":[{"path":"/etc/passwd"}]}})");
    scene.prove();

    EXPECT_EQ(scene.due(), original);
    const auto board = scene.rows("SELECT control_id, control_refusal FROM fleet_unpatched");
    ASSERT_EQ(board.size(), 1U);
    EXPECT_EQ(store::text_at(board[0], 0), scene.id);
    EXPECT_EQ(store::text_at(board[0], 1), "monitoring stops no attack");
}

}  // namespace
}  // namespace thimble::server
