// What people say to rollouts, without the network between.
#include "thimble/server/handlers.hpp"
#include "thimble/server/rollout_scene_test.hpp"
#include "thimble/store/rollouts.hpp"

#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

namespace thimble::server {
namespace {

Result<std::string> ask(
    Scene& scene,
    Result<Answer> (*handler)(Context&, const Call&),
    const std::string& person,
    const std::string& body) {
    Request request;
    request.now = scene.now;
    request.body = body;
    Principal principal;
    principal.actor = "user:" + person;
    principal.account.name = person;
    principal.actions = {Action::Read, Action::Operate, Action::Approve};
    const std::vector<std::string> parameters{"r"};
    THIMBLE_TRY(const Answer answer, handler(scene.context, Call{request, parameters, &principal}));
    return std::get<Response>(answer).body;
}

/// An emergency that the server has opened for curl 2, whose first ring is planned.
void open_by_rule(Scene& scene) {
    ASSERT_TRUE(
        change(scene.context, scene.now, [&](auto& connection, Trail& trail) -> Result<void> {
            RolloutOrder order{"r", "web", true, "server", "because", "*"};
            order.opened_for = "curl 2";
            THIMBLE_TRY(const auto hosts, host_facts(connection));
            THIMBLE_TRY(
                const auto planned,
                plan_rollout(scene.context, connection, order, hosts, scene.now));
            THIMBLE_TRY(keep_rollout(connection, order, planned));
            return drive_rollout(scene.context, connection, trail, "r", rollout::Ticked{});
        }));
    scene.prepare("s", "2");
}

std::string approval_of(Scene& scene) {
    return R"({"frozen":")"
        + store::text_at(scene.rows("SELECT frozen_digest FROM rollout").front(), 0)
        + R"(","why":"seen"})";
}

const std::string kSkip = R"({"act":"skip","ring":"staging","why":"it hurries"})";

}  // namespace

TEST(ApproveRollout, IsSaidOnceByEachPersonWhileItCounts) {
    Scene scene;
    ASSERT_TRUE(scene.begin("r"));
    scene.prepare("s", "2");
    const std::string approval = approval_of(scene);
    ASSERT_TRUE(ask(scene, approve_rollout, "bob", approval));

    const auto again = ask(scene, approve_rollout, "bob", approval);

    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, "server.approved_already");
    EXPECT_EQ(scene.rows("SELECT person FROM rollout_approval").size(), 1U);
    EXPECT_EQ(scene.rows("SELECT 1 FROM audit WHERE action = 'rollout.approve'").size(), 1U);
    EXPECT_TRUE(ask(scene, approve_rollout, "eve", approval));
    scene.now += std::chrono::days(7);
    EXPECT_TRUE(ask(scene, approve_rollout, "bob", approval)) << "the word counted no more";
}

TEST(ActOnRollout, LetsNobodySkipTheFirstRingOfAnEmergencyByRuleAlone) {
    Scene scene;
    open_by_rule(scene);

    EXPECT_EQ(ask(scene, act_on_rollout, "bob", kSkip).error().code, "server.second_person");
    ASSERT_TRUE(ask(scene, approve_rollout, "bob", approval_of(scene)));
    EXPECT_EQ(ask(scene, act_on_rollout, "bob", kSkip).error().code, "server.second_person")
        << "he alone has approved it";
    EXPECT_EQ(
        store::text_at(scene.rows("SELECT phase FROM rollout_ring WHERE ring = 0").front(), 0),
        "open");

    EXPECT_TRUE(ask(scene, act_on_rollout, "eve", kSkip));
    EXPECT_EQ(
        store::text_at(scene.rows("SELECT phase FROM rollout_ring WHERE ring = 0").front(), 0),
        "skipped");
}

TEST(ActOnRollout, LetsASecondPersonSkipTheFirstRingOfAnother) {
    Scene scene;
    ASSERT_TRUE(scene.begin("r"));
    scene.prepare("s", "2");

    EXPECT_EQ(ask(scene, act_on_rollout, "ada", kSkip).error().code, "server.second_person");
    EXPECT_TRUE(ask(scene, act_on_rollout, "bob", kSkip));
}

TEST(ShowOutlook, SaysWhatThePolicyRestartsAndWhetherItHasWindows) {
    Scene scene;
    ASSERT_TRUE(scene.begin("r"));

    const auto outlook = ask(scene, show_outlook, "ada", "");

    ASSERT_TRUE(outlook) << outlook.error().text();
    EXPECT_NE(
        outlook->find(R"("reboots":"never","services":"leave","windows":1)"), std::string::npos)
        << *outlook;
}

}  // namespace thimble::server
