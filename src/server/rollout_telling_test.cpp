// What people are told of a rollout, and who ended it.
#include "thimble/server/handlers.hpp"
#include "thimble/server/rollout_scene_test.hpp"

#include <gtest/gtest.h>

namespace thimble::server {
namespace {

Principal ada_by_a_token() {
    Principal principal;
    principal.actor = "token:1";
    principal.account.name = "ada";
    principal.token_name = "ci";
    principal.actions = {Action::Read, Action::Operate};
    return principal;
}

std::string explained(Scene& scene, const std::string& host, const std::string& source) {
    Request request;
    request.now = scene.now;
    request.target.query = {{"patch", source}};
    const Principal principal = ada_by_a_token();
    const std::vector<std::string> parameters{"r", host};
    const auto answer = explain_rollout(scene.context, Call{request, parameters, &principal});
    return answer ? std::get<Response>(*answer).body : answer.error().text();
}

}  // namespace

TEST(ExplainRollout, TellsWhetherTheFrozenSetBringsAPackage) {
    Scene scene;
    ASSERT_TRUE(scene.begin("r"));
    EXPECT_TRUE(explained(scene, "b", "curl").contains(R"("carries":null)"));

    scene.prepare("s", "2");

    const std::string carried = explained(scene, "b", "curl");
    EXPECT_TRUE(carried.contains(R"("carries":true)")) << carried;
    EXPECT_TRUE(carried.contains(R"("reason":"ring-ahead")")) << carried;
    const std::string other = explained(scene, "b", "openssl");
    EXPECT_TRUE(other.contains(R"("carries":false)")) << other;
    EXPECT_TRUE(other.contains(R"("reason":"not-carried","not_before":null)")) << other;
    EXPECT_TRUE(other.contains("has no source package openssl for this host")) << other;
    EXPECT_TRUE(explained(scene, "b", "").contains(R"("carries":null)"));
}

TEST(EndDeployment, SaysWhoCancelledByNameAndWhy) {
    Scene scene;
    ASSERT_TRUE(scene.begin("r"));
    Request request;
    request.now = scene.now;
    request.target.query = {{"why", "the shop is open"}};
    const Principal principal = ada_by_a_token();
    const std::vector<std::string> parameters{"r"};

    ASSERT_TRUE(end_deployment(scene.context, Call{request, parameters, &principal}));

    EXPECT_EQ(
        store::text_at(scene.rows("SELECT why FROM rollout").front(), 0),
        "cancelled by ada (token ci): the shop is open");
    EXPECT_EQ(
        store::text_at(
            scene.rows("SELECT reason FROM audit WHERE action = 'deployment.cancel'").front(), 0),
        "the shop is open");
    request.target.query = {{"why", std::string(1001, 'x')}};
    EXPECT_EQ(
        end_deployment(scene.context, Call{request, parameters, &principal}).error().code,
        "server.bad_parameter");
}

}  // namespace thimble::server
