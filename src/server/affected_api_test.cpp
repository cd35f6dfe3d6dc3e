#include "thimble/base/json_members.hpp"
#include "thimble/server/fleet_scene_test.hpp"
#include "thimble/server/handlers.hpp"

#include <gtest/gtest.h>

namespace thimble::server {
namespace {

using catalog::ACatalog;
using catalog::AnAdvisory;
using Query = std::vector<std::pair<std::string, std::string>>;

/// Hosts a, b and c with a vulnerable curl, of which c is in another group; d without an inventory.
void add_hosts(FleetScene& scene) {
    scene.use_catalog(ACatalog({AnAdvisory("CVE-2026-1").affects("Debian:12", "curl", "0", "2")}));
    const std::string digest = scene.keep_inventory("1");
    scene.add_host("a", digest);
    scene.add_host("b", digest);
    scene.add_host("c", digest, "other");
    scene.add_host("d", "");
    scene.pass();
}

Result<std::string> ask(
    FleetScene& scene,
    const std::string& vulnerability,
    Query query = {},
    const std::string& group = "*") {
    Request request;
    request.target.query = std::move(query);
    Principal principal;
    principal.host_group = group;
    const std::vector<std::string> parameters{vulnerability};
    THIMBLE_TRY(
        const Answer answer, affected_hosts(scene.context, Call{request, parameters, &principal}));
    return std::get<Response>(answer).body;
}

}  // namespace

TEST(AffectedHosts, AreNamedAndThoseThatCouldNotBeJudgedCounted) {
    FleetScene scene;
    add_hosts(scene);

    EXPECT_EQ(
        *ask(scene, "CVE-2026-1"),
        R"({"vulnerability":"CVE-2026-1","known":true,"affected":3,"unknown":1,"unread_changelogs":0,"items":[)"
        R"({"id":"a","name":"a","group":"default"},{"id":"b","name":"b","group":"default"},)"
        R"({"id":"c","name":"c","group":"other"}],"next_cursor":null})");
    EXPECT_NE(ask(scene, "CVE-2026-9")->find(R"("known":false,"affected":0)"), std::string::npos);
}

TEST(AffectedHosts, AreTheSameForEverySpelling) {
    FleetScene scene;
    add_hosts(scene);

    EXPECT_EQ(*ask(scene, "cve-2026-1"), *ask(scene, "CVE-2026-1"));
    EXPECT_EQ(ask(scene, "foo").error().code, "model.no_vulnerability");
}

TEST(AffectedHosts, AreThoseOfTheGroupOfWhoAsks) {
    FleetScene scene;
    add_hosts(scene);

    EXPECT_EQ(
        *ask(scene, "CVE-2026-1", {}, "other"),
        R"({"vulnerability":"CVE-2026-1","known":true,"affected":1,"unknown":0,"unread_changelogs":0,"items":[)"
        R"({"id":"c","name":"c","group":"other"}],"next_cursor":null})");
}

TEST(AffectedHosts, AreAlsoThoseThatAChangelogAloneNames) {
    FleetScene scene;
    catalog::Source kev;  // without it nothing of a host is wholly known
    kev.feed = "kev";
    kev.as_of = scene.clock.now();
    kev.staleness_budget = std::chrono::hours(24);
    kev.records = 1;
    scene.use_catalog(
        ACatalog({AnAdvisory("CVE-2026-1").affects("Debian:12", "curl", "0", "2")}, {}, {kev}));
    model::Inventory host = scene.host_with("1");
    host.offers.emplace_back();
    host.offers[0].name = host.offers[0].source_name = "curl";
    host.offers[0].candidate_version = host.offers[0].source_version = "2";
    host.offers[0].security = true;
    scene.add_host("unread", scene.keep_inventory(host));
    host.changelogs = {
        {"curl", "1", "2", {"CVE-2026-1", "CVE-2026-9"}, "high", {}, "curl 2 amd64"}};
    scene.add_host("read", scene.keep_inventory(host));
    scene.add_host("fixed", scene.keep_inventory("2"));
    scene.pass();

    EXPECT_EQ(
        *ask(scene, "CVE-2026-9"),
        R"({"vulnerability":"CVE-2026-9","known":true,"affected":1,"unknown":0,)"
        R"("unread_changelogs":1,"items":[{"id":"read","name":"read","group":"default"}],)"
        R"("next_cursor":null})");
    EXPECT_NE(ask(scene, "CVE-2026-1")->find(R"("affected":2)"), std::string::npos);

    // A start reads the same from the database.
    FleetReconciler again(scene.context, scene.clock, scene.folder / "catalog", [](const auto&) {});
    ASSERT_TRUE(again.pass({}));
    EXPECT_NE(
        ask(scene, "CVE-2026-9")->find(R"("affected":1,"unknown":0,"unread_changelogs":1)"),
        std::string::npos);
}

TEST(AffectedHosts, ComePageByPage) {
    FleetScene scene;
    add_hosts(scene);

    const std::string first = *ask(scene, "CVE-2026-1", {{"limit", "2"}});
    const auto document = parse_json(first);
    ASSERT_TRUE(document);
    const JsonValue* cursor = member_of(*document, "next_cursor");
    ASSERT_TRUE(cursor != nullptr && std::holds_alternative<std::string>(cursor->value)) << first;
    const std::string second = *ask(
        scene, "CVE-2026-1", {{"limit", "2"}, {"cursor", std::get<std::string>(cursor->value)}});

    EXPECT_NE(
        first.find(R"("items":[{"id":"a","name":"a","group":"default"},{"id":"b")"),
        std::string::npos);
    EXPECT_NE(second.find(R"("items":[{"id":"c")"), std::string::npos);
    EXPECT_NE(second.find(R"("next_cursor":null)"), std::string::npos);
    EXPECT_EQ(ask(scene, "CVE-2026-1", {{"limit", "0"}}).error().code, "server.bad_parameter");
    EXPECT_EQ(ask(scene, "CVE-2026-1", {{"name", "a"}}).error().code, "server.bad_parameter");
}

TEST(AffectedHosts, AreNotSaidWithoutACatalog) {
    FleetScene scene;
    scene.pass();

    EXPECT_EQ(ask(scene, "CVE-2026-1").error().code, "server.no_index");
}

}  // namespace thimble::server
