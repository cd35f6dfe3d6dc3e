#include "thimble/server/control_report.hpp"

#include "thimble/base/json_members.hpp"
#include "thimble/server/control_document.hpp"
#include "thimble/server/control_scope.hpp"

#include <gtest/gtest.h>

#include <string>

namespace thimble::server {
namespace {

using rollout::ControlEvent;

std::string a_report(const std::string& state, const std::string& checks) {
    return R"({"format":"thimble.control-report/1","id":"c1","digest":")" + std::string(64, 'a')
        + R"(","kind":"virtual-patch","action":"verify","state":")" + state
        + R"(","at":"2026-11-01T12:00:00Z","mode":"block","checks":[)" + checks
        + R"(],"bypass":["port 8080"]})";
}

std::string a_check(const std::string& passed, const std::string& name = "attack 1") {
    return R"({"name":")" + name + R"(","expected":"403","seen":"200","passed":)" + passed + "}";
}

std::optional<ControlEvent> event_for(
    std::string_view kind, int status, const std::string& state, const std::string& checks) {
    auto report = model::parse_control_report(a_report(state, checks));
    return event_of({kind, status == 0, status, report ? std::optional(*report) : std::nullopt});
}

TEST(FirstDoubt, NamesWhatFailedBeforeWhatCouldNotBeTold) {
    const auto doubt = [](const std::string& checks) {
        return first_doubt(*model::parse_control_report(a_report("holding", checks)));
    };
    EXPECT_EQ(doubt(a_check("true")), "");
    EXPECT_EQ(doubt(a_check("true") + "," + a_check("null")), "attack 1: expected 403, seen 200");
}

TEST(EventOf, AVerificationHoldsWhenEverythingSaysSo) {
    EXPECT_EQ(event_for("verify-control", 0, "holding", a_check("true")), ControlEvent::Holds);
    EXPECT_EQ(event_for("verify-control", 0, "holding", ""), std::nullopt) << "nothing was proven";
    EXPECT_EQ(event_for("verify-control", 0, "holding", a_check("null")), std::nullopt);
    EXPECT_EQ(
        event_for("verify-control", 0, "holding", a_check("false")), ControlEvent::DoesNotHold);
    EXPECT_EQ(event_for("verify-control", 0, "broken", ""), ControlEvent::DoesNotHold);
    EXPECT_EQ(event_for("verify-control", 1, "failed", ""), ControlEvent::DoesNotHold);
    EXPECT_EQ(event_for("verify-control", 2, "failed", ""), std::nullopt);
    EXPECT_EQ(event_of({"verify-control", true, 0, std::nullopt}), std::nullopt)
        << "a status alone proves nothing";
}

TEST(EventOf, AVirtualPatchIsProvenByAnAttackAlone) {
    const std::string installed = a_check("true", "installed") + "," + a_check("true", "benign 1");
    EXPECT_EQ(
        event_for("verify-control", 0, "holding", installed + "," + a_check("null")), std::nullopt)
        << "its files are there, and nobody can tell what they do";
    EXPECT_EQ(
        event_for("verify-control", 0, "holding", installed + "," + a_check("true")),
        ControlEvent::Holds);
    auto wall = *model::parse_control_report(
        a_report("holding", a_check("true", "port 80") + "," + a_check("null", "port 81")));
    wall.kind = model::ControlKind::Segmentation;
    EXPECT_EQ(event_of({"verify-control", true, 0, wall}), ControlEvent::Holds);
}

TEST(EventOf, ADeploymentOrARemovalIsDoneWhenItsReportSaysSo) {
    EXPECT_EQ(
        event_for("deploy-control", 0, "deployed", a_check("true")), ControlEvent::WasDeployed);
    EXPECT_EQ(
        event_for("deploy-control", 0, "deployed", a_check("false")), ControlEvent::WasNotDeployed);
    EXPECT_EQ(event_for("deploy-control", 1, "failed", ""), ControlEvent::WasNotDeployed);
    EXPECT_EQ(event_of({"deploy-control", true, 0, std::nullopt}), ControlEvent::WasNotDeployed);
    EXPECT_EQ(event_for("remove-control", 0, "removed", ""), ControlEvent::WasRemoved);
    EXPECT_EQ(event_for("remove-control", 0, "failed", ""), std::nullopt);
    EXPECT_EQ(event_for("remove-control", 1, "removed", ""), std::nullopt);
}

TEST(ControlDocument, IsCanonicalAndKnowsWhetherItBlocks) {
    const std::string text =
        R"({"kind":"virtual-patch","settings":{"server":"nginx","address":"127.0.0.1","port":80,)"
        R"("patch":{"virtual_patch":"p","covers":["CVE-2026-1"],"path_prefix":"/d",)"
        R"("attack":"path-traversal",)"
        R"("in":["path"],"attacks":[{"target":"/d/../x"}],"benign":[{"target":"/d/x"}]}}})";
    const auto document = parse_control_document(text);
    ASSERT_TRUE(document) << document.error().text();
    EXPECT_EQ(document->kind, model::ControlKind::VirtualPatch);
    EXPECT_FALSE(document->blocks);
    EXPECT_EQ(parse_control_document(document->text)->digest, document->digest);

    const auto blocks = blocking(*document);
    ASSERT_TRUE(blocks);
    EXPECT_TRUE(blocks->blocks);
    EXPECT_NE(blocks->digest, document->digest);
    EXPECT_FALSE(
        blocking(*parse_control_document(R"({"kind":"external","settings":{"what":"w"}})")));
    EXPECT_EQ(parse_control_document("{}").error().code, "server.bad_control");
    EXPECT_EQ(
        parse_control_document(R"({"kind":"isolation","settings":{"hope":1}})").error().code,
        "server.bad_control");
}

TEST(ControlDocument, HardeningClosesAServiceThatItSwitchesOffOrCutsOff) {
    const auto closes = [](const std::string& settings) {
        return parse_control_document(R"({"kind":"hardening","settings":)" + settings + "}")
            ->closes_listener;
    };
    const auto sandbox = [&](const std::string& directives) {
        return closes(R"({"sandbox":{"unit":"a.service","directives":)" + directives + "}}");
    };
    EXPECT_TRUE(closes(R"({"disable_unit":"cups.service"})"));
    EXPECT_TRUE(closes(R"({"remove_package":"cups"})"));
    EXPECT_TRUE(
        parse_control_document(R"({"kind":"hardening","settings":{"remove_package":"cups"}})")
            ->removes_package);
    EXPECT_FALSE(
        parse_control_document(R"({"kind":"hardening","settings":{"disable_unit":"cups.service"}})")
            ->removes_package);
    EXPECT_TRUE(sandbox(R"({"PrivateNetwork":"yes"})"));
    EXPECT_TRUE(sandbox(R"({"IPAddressDeny":"any"})"));
    EXPECT_FALSE(sandbox(R"({"IPAddressDeny":"any","IPAddressAllow":"10.0.0.0/8"})"));
    EXPECT_FALSE(sandbox(R"({"PrivateTmp":"yes"})"));
    const auto fences = [](const std::string& directives) {
        return parse_control_document(
                   R"({"kind":"hardening","settings":{"sandbox":{"unit":"a.service","directives":)"
                   + directives + "}}}")
            ->fenced_unit;
    };
    EXPECT_EQ(fences(R"({"IPAddressDeny":"any"})"), "a.service");
    EXPECT_EQ(fences(R"({"PrivateNetwork":"yes"})"), "");
    EXPECT_FALSE(closes(R"({"sysctl":{"name":"net.ipv4.ip_forward","value":"0"}})"));
}

TEST(ControlScope, NamesSomething) {
    const auto scope_of = [](const std::string& text) {
        return parse_control_scope(*parse_json(text));
    };
    const auto scope = scope_of(R"({"groups":["web"],"tags":["env=prod"]})");
    ASSERT_TRUE(scope);
    EXPECT_EQ(format_control_scope(*scope), R"({"hosts":[],"groups":["web"],"tags":["env=prod"]})");
    EXPECT_EQ(*scope_of(format_control_scope(*scope)), *scope);
    EXPECT_FALSE(scope_of("{}"));
    EXPECT_FALSE(scope_of(R"({"groups":[]})"));
    EXPECT_FALSE(scope_of(R"({"groups":"web"})"));
}

}  // namespace
}  // namespace thimble::server
