// In which order a control comes to its hosts, and what stops it.
#include "thimble/server/control_scene_test.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace thimble::server {
namespace {

/// A control for web1 and others.
struct TurnScene : ControlScene {
    explicit TurnScene(int others, const std::string& more = "") {
        const std::string inventory = keep_nginx("1");
        for (int i = 0; i < others; ++i) {
            add_host("web2" + std::to_string(100 + i), inventory, "web");
        }
        begin(kWall, more);
    }
    std::vector<store::Job> jobs(const std::string& kind) {
        std::vector<store::Job> found;
        for (const store::ControlHost& host : hosts()) {
            if (const auto job = job_of(host); job && job->kind == kind) {
                found.push_back(*job);
            }
        }
        return found;
    }
    std::size_t deploying() { return jobs("deploy-control").size(); }
    void end_all(const std::string& kind, const std::string& state) {
        for (const store::Job& job : jobs(kind)) {
            end(job, report_of(job, state));
        }
    }
    std::ptrdiff_t in(const std::string& state) {
        return std::ranges::count(hosts(), state, &store::ControlHost::state);
    }
};

TEST(ControlTurns, OneHostComesFirstAndTheOthersWhenItHasProvenIt) {
    TurnScene scene(30, R"(,"at_once":7)");
    EXPECT_EQ(scene.deploying(), 1U);
    scene.watch();
    EXPECT_EQ(scene.deploying(), 1U);

    scene.end_all("deploy-control", "deployed");
    scene.watch();
    EXPECT_EQ(scene.deploying(), 0U) << "put up is not proven";
    scene.end_all("verify-control", "holding");
    scene.watch();
    EXPECT_EQ(scene.deploying(), 7U);
    scene.watch();
    EXPECT_EQ(scene.deploying(), 7U);

    for (int wave = 0; wave < 5; ++wave) {
        scene.end_all("deploy-control", "deployed");
        scene.end_all("verify-control", "holding");
        scene.watch();
    }
    EXPECT_EQ(scene.in("verified"), 31);
    EXPECT_EQ(scene.record().state, "verified");
}

TEST(ControlTurns, StopWhenTheFirstHostFailsUntilAPersonLetsThemGoOn) {
    TurnScene scene(5);
    scene.end(scene.jobs("deploy-control").at(0), "", 1);
    scene.clock.go(std::chrono::hours(1));
    scene.watch();

    EXPECT_EQ(scene.deploying(), 0U);
    EXPECT_NE(scene.record().stopped_why, "");
    EXPECT_EQ(scene.audited("control.stop"), 1U);
    scene.watch();
    EXPECT_EQ(scene.audited("control.stop"), 1U);

    ASSERT_TRUE(scene.act("resume"));
    EXPECT_EQ(scene.record().stopped_why, "");
    EXPECT_EQ(scene.deploying(), 1U);
    EXPECT_EQ(scene.act("resume").error().code, "server.not_so");
}

TEST(ControlTurns, OneHostOnWhichAPersonPutsItUpDoesNotLetTheOthersGoOn) {
    TurnScene scene(5);
    const store::Job first = scene.jobs("deploy-control").at(0);
    scene.end(first, "", 1);
    scene.clock.go(std::chrono::hours(1));
    scene.watch();
    const std::string why = scene.record().stopped_why;
    ASSERT_NE(why, "");

    const std::string on_first = R"(,"host_id":")" + first.host_id + "\"";
    ASSERT_TRUE(scene.act("deploy", on_first));
    EXPECT_EQ(scene.record().stopped_why, why);
    ASSERT_EQ(scene.deploying(), 1U);
    EXPECT_EQ(scene.jobs("deploy-control").at(0).host_id, first.host_id);
    EXPECT_EQ(scene.act("deploy", on_first).error().code, "server.not_so") << "it is at it";
    scene.end_all("deploy-control", "deployed");
    scene.end_all("verify-control", "holding");
    scene.watch();
    EXPECT_EQ(scene.deploying(), 0U);
    EXPECT_EQ(scene.record().stopped_why, why);

    ASSERT_TRUE(scene.act("resume"));
    EXPECT_EQ(scene.deploying(), 5U);
}

TEST(ControlTurns, NothingIsPutUpOnOneHostWhileEverythingIsHalted) {
    TurnScene scene(1);
    scene.end(scene.jobs("deploy-control").at(0), "", 1);
    scene.clock.go(std::chrono::hours(1));
    scene.watch();
    ASSERT_NE(scene.record().stopped_why, "");
    scene.context.roster.with([](Roster& roster) { roster.set_halt({true, 1}); });

    EXPECT_EQ(scene.act("deploy", R"(,"host_id":"web1")").error().code, "server.not_so");
}

TEST(ControlTurns, GoOnWithAnotherFirstHostWhereTheFirstHasLost) {
    TurnScene scene(5);
    scene.end_all("deploy-control", "deployed");
    scene.context.roster.with([](Roster& roster) { roster.set_halt({true, 1}); });
    scene.end_all("verify-control", "holding");
    scene.clock.go(std::chrono::hours(1));
    scene.watch();
    const store::Job look = scene.jobs("verify-control").at(0);
    scene.end(look, scene.report_of(look, "broken", "false"), 1);
    ASSERT_EQ(scene.in("lapsed"), 1);
    scene.context.roster.with([](Roster& roster) { roster.set_halt({false, 2}); });
    scene.watch();

    ASSERT_EQ(scene.deploying(), 1U) << "alone, as the first was";
    EXPECT_EQ(scene.record().stopped_why, "");
    scene.end_all("deploy-control", "deployed");
    scene.watch();
    EXPECT_EQ(scene.deploying(), 0U);
    scene.end_all("verify-control", "holding");
    scene.watch();
    EXPECT_EQ(scene.deploying(), 4U);
}

TEST(ControlTurns, AskAgainSoonForAFirstProofThatWasLost) {
    TurnScene scene(1);
    scene.end_all("deploy-control", "deployed");
    ASSERT_EQ(scene.jobs("verify-control").size(), 1U);
    scene.clock.go(std::chrono::minutes(16));
    ASSERT_TRUE(change(scene.context, scene.clock.now(), [&](auto& connection, Trail& trail) {
        return lose_overdue_jobs(scene.context, connection, trail);
    }));
    scene.watch();
    EXPECT_TRUE(scene.jobs("verify-control").empty()) << "not at once";
    scene.clock.go(std::chrono::minutes(16));
    scene.watch();

    ASSERT_EQ(scene.jobs("verify-control").size(), 1U);
    scene.end_all("verify-control", "holding");
    EXPECT_EQ(scene.in("verified"), 1);
}

TEST(ControlTurns, StopWhenItDoesNotHoldWhereItCameFirst) {
    TurnScene scene(5);
    scene.end_all("deploy-control", "deployed");
    const store::Job look = scene.jobs("verify-control").at(0);
    scene.end(look, scene.report_of(look, "broken", "false"), 1);
    scene.watch();

    EXPECT_EQ(scene.deploying(), 0U);
    EXPECT_NE(scene.record().stopped_why, "");
    EXPECT_EQ(scene.record().state, "lapsed");
}

TEST(ControlTurns, WhatFailsOnFewIsTriedAgainThereAfterAPause) {
    TurnScene scene(24);
    scene.end_all("deploy-control", "deployed");
    scene.end_all("verify-control", "holding");
    scene.watch();
    ASSERT_EQ(scene.deploying(), 20U);
    const store::Job failed = scene.jobs("deploy-control").back();
    scene.end(failed, "", 1);
    scene.end_all("deploy-control", "deployed");
    scene.end_all("verify-control", "holding");
    scene.watch();
    EXPECT_EQ(scene.record().stopped_why, "") << "one of 21";
    scene.end_all("deploy-control", "deployed");
    scene.end_all("verify-control", "holding");
    EXPECT_EQ(scene.in("verified"), 24);

    scene.clock.go(std::chrono::minutes(15));
    scene.watch();
    ASSERT_EQ(scene.deploying(), 1U);
    EXPECT_EQ(scene.jobs("deploy-control").at(0).host_id, failed.host_id);
}

TEST(ControlTurns, PassOverHostsThatAreSilent) {
    TurnScene scene(3);
    const std::string first = scene.jobs("deploy-control").at(0).host_id;
    scene.end_all("deploy-control", "deployed");
    scene.end_all("verify-control", "holding");
    scene.hear();
    ASSERT_TRUE(scene.database.transact([](store::Connection& connection) {
        return connection.execute("UPDATE host SET silent_at = 1 WHERE id = 'web2100'");
    }));
    ASSERT_TRUE(watch_controls(scene.context, scene.clock.now()));

    EXPECT_EQ(first, "web1");
    const auto jobs = scene.jobs("deploy-control");
    ASSERT_EQ(jobs.size(), 2U);
    EXPECT_EQ(jobs[0].host_id, "web2101");
    scene.watch();
    EXPECT_EQ(scene.deploying(), 3U) << "it is heard of again";
}

TEST(ControlTurns, AreNotGivenInAHaltInWhichControlsAreStillLookedAt) {
    TurnScene scene(3);
    scene.end_all("deploy-control", "deployed");
    scene.end_all("verify-control", "holding");
    scene.context.roster.with([](Roster& roster) { roster.set_halt({true, 1}); });
    for (int i = 0; i < 3; ++i) {
        scene.clock.go(std::chrono::hours(1));
        scene.watch();
        EXPECT_EQ(scene.deploying(), 0U);
        EXPECT_EQ(scene.jobs("verify-control").size(), 1U);
        scene.end_all("verify-control", "holding");
    }
    EXPECT_EQ(scene.in("verified"), 1);
    EXPECT_GT(scene.due(), *parse_instant("2026-11-04T12:00:00Z")) << "its date stands";

    scene.clock.go(std::chrono::minutes(67));
    scene.watch();
    EXPECT_EQ(scene.in("lapsed"), 1) << "what nobody proved in time is not taken for fine";
}

TEST(ControlTurns, WhatWasNeverPutUpGoesAtOnceAndTheRestInTurn) {
    TurnScene scene(30, R"(,"at_once":3)");
    scene.end_all("deploy-control", "deployed");
    scene.end_all("verify-control", "holding");
    scene.watch();
    scene.end_all("deploy-control", "deployed");
    scene.end_all("verify-control", "holding");
    ASSERT_EQ(scene.in("verified"), 4);

    ASSERT_TRUE(scene.act("retire"));

    EXPECT_EQ(scene.in("retired"), 27);
    EXPECT_EQ(scene.jobs("remove-control").size(), 3U);
    scene.end_all("remove-control", "removed");
    scene.watch();
    scene.end_all("remove-control", "removed");
    EXPECT_EQ(scene.record().state, "retired");
}

TEST(ControlTurns, ExpiryWhileOneStillWaitsLeavesThoseThatHaveItToAPerson) {
    TurnScene scene(1, R"(,"verify_seconds":2000000)");
    scene.end_all("deploy-control", "deployed");
    scene.end_all("verify-control", "holding");
    ASSERT_EQ(scene.in("verified"), 1);
    ASSERT_EQ(scene.in("approved"), 1);
    scene.clock.go(Days(9));
    scene.watch();
    scene.watch();

    EXPECT_EQ(scene.in("lapsed"), 1);
    EXPECT_EQ(scene.record().state, "lapsed");
    ASSERT_TRUE(scene.act("retire"));
    scene.end_all("remove-control", "removed");
    EXPECT_EQ(scene.record().state, "retired");
}

TEST(ControlTurns, ARemovalThatIsUnderWayMayBeSaidAgain) {
    TurnScene scene(0);
    scene.prove();
    ASSERT_TRUE(scene.act("retire"));
    ASSERT_EQ(scene.record().state, "retiring");
    const std::string removal = scene.host().job_id;

    EXPECT_TRUE(scene.act("retire"));
    EXPECT_EQ(scene.host().job_id, removal);
    EXPECT_EQ(scene.act("deploy").error().code, "server.not_so");
    scene.end_all("remove-control", "removed");
    EXPECT_EQ(scene.act("retire").error().code, "server.not_so") << "it is over";
}

TEST(ControlTurns, ARemovalEndsWithoutAHostThatIsGone) {
    TurnScene scene(1);
    for (int wave = 0; wave < 2; ++wave) {
        scene.end_all("deploy-control", "deployed");
        scene.end_all("verify-control", "holding");
        scene.watch();
    }
    ASSERT_EQ(scene.in("verified"), 2);
    ASSERT_TRUE(scene.act("retire"));
    const store::Job other = *scene.job();
    scene.end(other, scene.report_of(other, "removed"));
    ASSERT_EQ(scene.in("retiring"), 1);

    scene.remove_host("web2100");
    scene.watch();

    EXPECT_EQ(scene.in("retired"), 2);
    EXPECT_EQ(scene.record().state, "retired");
}

TEST(ControlTurns, WhatLapsedBeforeItsEndIsProposedForRemovalThen) {
    TurnScene scene(0);
    scene.prove();
    scene.clock.go(Days(1));
    scene.watch();
    scene.end(*scene.job(), scene.report_of(*scene.job(), "broken", "false"), 1);
    ASSERT_EQ(scene.host().state, "lapsed");
    ASSERT_EQ(scene.host().removal_proposed_at, Instant{});
    EXPECT_LE(scene.host().due_at, scene.record().expires_at);

    scene.clock.go(Days(8));
    scene.watch();

    EXPECT_NE(scene.host().removal_proposed_at, Instant{});
    EXPECT_EQ(scene.host().due_at, store::kNever);
}

TEST(ControlTurns, ADocumentThatBlocksComesToOneHostFirstToo) {
    TurnScene scene(0);
    const std::string inventory = scene.keep_nginx("1");
    for (int i = 0; i < 5; ++i) {
        scene.add_host("web3" + std::to_string(i), inventory, "web");
    }
    scene.begin(kTraversal);
    for (int wave = 0; wave < 2; ++wave) {
        for (const store::Job& job : scene.jobs("deploy-control")) {
            scene.end(job, scene.report_of(job, "deployed", "true", "\"detect\""));
        }
        for (const store::Job& job : scene.jobs("verify-control")) {
            scene.end(job, scene.report_of(job, "holding", "true", "\"detect\""));
        }
        scene.watch();
    }
    ASSERT_EQ(scene.in("verified"), 6);

    ASSERT_TRUE(scene.ask(enforce_control, "bob", R"({"why":"no false alarm"})", {scene.id}));

    EXPECT_EQ(scene.deploying(), 1U);
    EXPECT_EQ(scene.in("verified"), 6) << "the others go on as they are";
}

}  // namespace
}  // namespace thimble::server
