#include "thimble/server/taken_back.hpp"

#include "thimble/protocol/envelope.hpp"
#include "thimble/protocol/job.hpp"
#include "thimble/server/handlers.hpp"
#include "thimble/server/rollout_scene_test.hpp"
#include "thimble/store/fleet.hpp"

#include <gtest/gtest.h>

namespace thimble::server {
namespace {

const char* const kOneRing = R"(
policy: shop
hosts: {groups: [staging]}
rings: [{name: all, hosts: {groups: [staging]}}]
health: {failures: 5, success: 10%}
)";
const char* const kTakenBack = R"({"run":"r1","result":"rolled_back","reason":"the shop is down"})";

/// Hosts b, c and s of one group and one ring.
struct OneGroup : Scene {
    OneGroup() {
        firsts = "bcs";
        for (const char* id : {"b", "c"}) {
            EXPECT_TRUE(database.transact([&](store::Connection& connection) {
                return store::set_host_group(connection, id, "staging");
            }));
        }
        keep_policy("shop", kOneRing);
    }
    void keep_from_staging(const std::string& version, const std::string& id = "t") {
        EXPECT_TRUE(database.transact([&](store::Connection& connection) {
            return store::add_taken_back(
                connection,
                {id, "c", "staging", "", "r0", "it broke", now, {{"curl", version}}, {}});
        }));
    }
    Result<void> review(const std::string& id) {
        return change(context, now, [&](auto& connection, Trail& trail) {
            return review_taken_back(connection, trail, {id, "user:ada", "looked"}, "user:ada");
        });
    }
    std::string why(const std::string& host) {
        return store::text_at(
            rows("SELECT why FROM deployment_host WHERE host_id = '" + host + "'").front(), 0);
    }
    void miss_curl(const std::string& host) {
        store::FleetJudgement judgement;
        judgement.host.host_id = host;
        store::FleetPatch patch;
        patch.source = "curl";
        patch.to_version = "2";
        patch.state = "ready";
        patch.vulnerabilities = {"CVE-2026-1"};
        judgement.patches = {patch};
        EXPECT_TRUE(database.transact([&](store::Connection& connection) {
            return store::write_judgement(connection, judgement);
        }));
    }
};

TEST(TakenBack, KeepsTheSetFromTheGroupUntilSomebodyHasLooked) {
    OneGroup scene;
    scene.miss_curl("c");
    ASSERT_TRUE(scene.begin("r", false, "shop"));
    for (const char* host : {"b", "c", "s"}) {
        scene.prepare(host, "2");
    }
    scene.finish("b");
    ASSERT_EQ(scene.phase("c"), "applying");

    scene.result(scene.job("c"), "", kTakenBack, 1);
    scene.drive();

    EXPECT_EQ(scene.phase("c"), "rolled-back");
    EXPECT_EQ(scene.phase("s"), "rehearsed");
    EXPECT_EQ(scene.rollout_phase(), "running");
    const auto kept = scene.rows(
        "SELECT id, host_group, host_id, patches, vulnerabilities, why, run FROM taken_back");
    ASSERT_EQ(kept.size(), 1U);
    std::string said;
    for (std::size_t column = 1; column < kept[0].size(); ++column) {
        said += store::text_at(kept[0], column) + "|";
    }
    EXPECT_EQ(said, "staging|c|curl 2|CVE-2026-1|the shop is down|r1|");
    EXPECT_EQ(scene.rows("SELECT 1 FROM audit WHERE action = 'taken-back.keep'").size(), 1U);

    ASSERT_TRUE(scene.review(store::text_at(kept[0], 0)));
    EXPECT_EQ(scene.review(store::text_at(kept[0], 0)).error().code, "server.reviewed");
    scene.drive();
    EXPECT_EQ(scene.phase("s"), "applying");
}

TEST(TakenBack, IsKeptOnceHoweverManyHostsTakeItBack) {
    OneGroup scene;
    ASSERT_TRUE(scene.begin("r", false, "shop"));
    for (const char* host : {"b", "c", "s"}) {
        scene.prepare(host, "2");
    }
    scene.finish("b");
    scene.keep_from_staging("2");
    scene.result(scene.job("c"), "", kTakenBack, 1);

    EXPECT_EQ(scene.phase("c"), "rolled-back");
    EXPECT_EQ(scene.rows("SELECT id FROM taken_back").size(), 1U);
    EXPECT_EQ(
        scene.rows("SELECT 1 FROM audit WHERE action = 'taken-back.again' AND subject = 't'")
            .size(),
        1U);
}

TEST(TakenBack, CountsAWayBackThatFailedAndOneThatAHookHides) {
    for (const bool is_hidden : {false, true}) {
        OneGroup scene;
        scene.keep_policy(
            "shop",
            std::string(kOneRing)
                + (is_hidden ? "hooks: {undrain: {hook: in-lb, on_failure: halt-ring}}\n" : ""));
        ASSERT_TRUE(scene.begin("r", false, "shop"));
        for (const char* host : {"b", "c", "s"}) {
            scene.prepare(host, "2");
        }
        std::map<std::string, std::string> more;
        if (is_hidden) {
            more["hooks"] = R"([{"step":"undrain","name":"in-lb","ended":"failed","exit_status":3,)"
                            R"("seconds":2,"output":"no pool"}])";
        }
        const std::string result = is_hidden ? "rolled_back" : "rollback_failed";
        scene.report(
            scene.job("b"),
            "",
            R"({"run":"r1","result":")" + result + R"(","reason":"it broke"})",
            1,
            more);
        EXPECT_EQ(scene.phase("b"), is_hidden ? "hook-failed" : "failed");
        EXPECT_EQ(scene.rows("SELECT id FROM taken_back").size(), 1U) << is_hidden;
    }
}

TEST(TakenBack, IsNothingOfAHostThatWasInTheWayItselfAndIsBack) {
    for (const char* result : {"rolled_back", "rollback_failed"}) {
        OneGroup scene;
        ASSERT_TRUE(scene.begin("r", false, "shop"));
        for (const char* host : {"b", "c", "s"}) {
            scene.prepare(host, "2");
        }
        scene.finish("b");
        scene.result(
            scene.job("c"),
            "",
            std::string(R"({"run":"r1","result":")") + result
                + R"(","reason":"the disk of /usr is full","cause":"no_space"})",
            1);
        scene.drive();

        const bool is_back = result == std::string("rolled_back");
        EXPECT_EQ(scene.rows("SELECT id FROM taken_back").size(), is_back ? 0U : 1U) << result;
        EXPECT_EQ(scene.phase("c"), is_back ? "rolled-back" : "failed") << "its own failure counts";
        EXPECT_EQ(scene.phase("s") == "applying", is_back)
            << "the next host of the group goes on, but not into what left one between two "
               "versions";
    }
}

TEST(TakenBack, LetsAPlanBeWhatItsJobAskedForWhateverIsReviewedMeanwhile) {
    OneGroup scene;
    scene.miss_curl("s");
    scene.keep_from_staging("2");
    ASSERT_TRUE(scene.begin("r", false, "shop"));
    model::Plan plan;
    plan.created_at = scene.now;
    plan.host = "s";
    plan.manager = "apt";
    plan.selection.excluded = {"curl"};
    plan.patches = {{"nginx", "1", "2", {}}};
    ASSERT_TRUE(scene.review("t"));
    scene.result(scene.job("s"), apply::plan_digest(plan), apply::format_plan(plan));
    EXPECT_EQ(scene.phase("s"), "rehearsing") << scene.why("s");
}

TEST(TakenBack, IsAskedAgainWhenATransactionWouldBegin) {
    OneGroup scene;
    ASSERT_TRUE(scene.begin("r", false, "shop"));
    for (const char* host : {"b", "c", "s"}) {
        scene.prepare(host, "2");
    }
    ASSERT_EQ(scene.phase("b"), "applying");
    const store::Job job = scene.job("b");
    const auto refusal = [&] {
        return *scene.database.look([&](store::Connection& connection) {
            return why_no_turn(scene.context, connection, job, scene.now);
        });
    };
    EXPECT_EQ(refusal(), "");
    scene.keep_from_staging("3");
    EXPECT_EQ(refusal(), "");
    scene.keep_from_staging("2", "u");
    EXPECT_EQ(
        refusal(),
        "curl 2 was taken back on c of the same group: look why, then thimble taken-back review u");
}

TEST(TakenBack, RefusesThePlanThatWouldBringIt) {
    OneGroup scene;
    scene.keep_from_staging("2");
    ASSERT_TRUE(scene.begin("r", false, "shop"));
    scene.prepare("s", "2");
    EXPECT_EQ(scene.phase("s"), "plan-refused");
    EXPECT_NE(scene.why("s").find("curl 2 was taken back on c"), std::string::npos);
    scene.prepare("b", "3");
    EXPECT_EQ(scene.phase("b"), "rehearsed");
}

TEST(TakenBack, IsExcludedWhereItWouldComeAndRefusedWhereThePlanWasAskedForBefore) {
    OneGroup scene;
    scene.miss_curl("s");
    ASSERT_TRUE(scene.begin("r", false, "shop"));
    scene.keep_from_staging("2");
    scene.prepare("s", "2");
    EXPECT_EQ(scene.phase("s"), "plan-refused") << scene.why("s");

    OneGroup later;
    later.miss_curl("s");
    later.keep_from_staging("2");
    ASSERT_TRUE(later.begin("r", false, "shop"));
    const auto excluded = [&](const std::string& host) {
        return protocol::parse_job(protocol::parse_envelope(later.job(host).envelope)->content)
            ->selection.excluded;
    };
    EXPECT_EQ(excluded("s"), std::vector<std::string>{"curl"});
    EXPECT_TRUE(excluded("b").empty()) << "nobody knows that it misses it in that version";
}

TEST(ReviewTakenBack, IsForWhoMayOperateTheGroup) {
    OneGroup scene;
    scene.keep_from_staging("2");
    Request request;
    request.body = R"({"why":"the probe was wrong"})";
    request.now = scene.now;
    const std::vector<std::string> parameters{"t"};
    const auto review = [&](const Actions& actions, const std::string& group) {
        const Principal ada{"user:ada", {}, actions, group, "", ""};
        const auto answer = review_taken_back(scene.context, Call{request, parameters, &ada});
        return answer ? std::string("done") : answer.error().code;
    };
    EXPECT_EQ(review({Action::Read, Action::Operate}, "db"), "server.no_taken_back");
    EXPECT_EQ(review({Action::Read}, "*"), "server.not_allowed");
    EXPECT_EQ(review({Action::Read, Action::Operate}, "staging"), "done");
    EXPECT_EQ(review({Action::Read, Action::Operate}, "*"), "server.reviewed");
    const std::vector<std::string> unknown{"x"};
    const Principal ada{"user:ada", {}, {Action::Read, Action::Operate}, "*", "", ""};
    EXPECT_EQ(
        review_taken_back(scene.context, Call{request, unknown, &ada}).error().code,
        "server.no_taken_back");
}

}  // namespace
}  // namespace thimble::server
