#include "thimble/server/computed_lists.hpp"

#include "thimble/base/json_members.hpp"
#include "thimble/catalog/advisory_builder_test.hpp"
#include "thimble/server/fleet_scene_test.hpp"
#include "thimble/server/handlers.hpp"
#include "thimble/store/host_marks.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace thimble::server {
namespace {

using catalog::ACatalog;
using catalog::AnAdvisory;
using Query = std::vector<std::pair<std::string, std::string>>;

/// Hosts a and b with a vulnerable curl, c in another group with another one; d without an inventory.
void add_hosts(FleetScene& scene) {
    catalog::Source source;
    source.feed = "test";
    source.as_of = *parse_instant("2026-10-01");
    source.staleness_budget = std::chrono::hours(24);
    source.records = 3;
    scene.use_catalog(ACatalog(
        {AnAdvisory("CVE-2026-1").affects("Debian:12", "curl", "0", "2"),
         AnAdvisory("CVE-2026-2").affects("Debian:12", "curl", "0", "3"),
         AnAdvisory("DSA-1").about({"CVE-2026-1"}).affects("Debian:12", "curl", "0", "2")},
        {},
        {source}));
    const std::string old = scene.keep_inventory("1");
    scene.add_host("a", old);
    scene.add_host("b", old);
    scene.add_host("c", scene.keep_inventory("2"), "other");
    scene.add_host("d", "");
    scene.pass();
}

Result<std::string> ask(
    FleetScene& scene,
    const std::string& name,
    Query query = {},
    const std::string& group = "*",
    const std::string& accept = "application/json") {
    Request request;
    request.headers.emplace_back("accept", accept);
    request.now = scene.clock.now();
    request.target.query = std::move(query);
    Principal principal;
    principal.host_group = group;
    const std::vector<std::string> parameters{name};
    THIMBLE_TRY(const Answer answer, list(scene.context, Call{request, parameters, &principal}));
    return std::get<Response>(answer).body;
}

/// One member of each item of an answer, blanks between.
std::string members_of(const Result<std::string>& answer, std::string_view member) {
    if (!answer) {
        return answer.error().code;
    }
    const auto document = parse_json(*answer);
    std::string text;
    for (const JsonValue& item : std::get<JsonValue::Array>(member_of(*document, "items")->value)) {
        const JsonValue& value = *member_of(item, member);
        const auto* number = std::get_if<std::int64_t>(&value.value);
        text += (text.empty() ? "" : " ")
            + (number != nullptr ? std::to_string(*number) : std::get<std::string>(value.value));
    }
    return text;
}

}  // namespace

TEST(ComputedLists, CountTheHostsOfTheGroupOfWhoAsks) {
    FleetScene scene;
    add_hosts(scene);

    EXPECT_EQ(members_of(ask(scene, "vulnerabilities"), "id"), "CVE-2026-2 CVE-2026-1");
    EXPECT_EQ(members_of(ask(scene, "vulnerabilities"), "hosts"), "3 2");
    EXPECT_EQ(
        members_of(ask(scene, "vulnerabilities", {{"id", "cve-2026-1"}}), "id"), "CVE-2026-1");
    EXPECT_EQ(members_of(ask(scene, "vulnerabilities", {}, "other"), "id"), "CVE-2026-2");
    EXPECT_EQ(members_of(ask(scene, "vulnerabilities", {}, "other"), "hosts"), "1");
    EXPECT_EQ(members_of(ask(scene, "vulnerabilities", {{"group", "other"}}), "hosts"), "1");
    // A right that is limited to one group is not widened by asking for another.
    EXPECT_EQ(
        members_of(ask(scene, "vulnerabilities", {{"group", "default"}}, "other"), "hosts"), "1");
    EXPECT_EQ(members_of(ask(scene, "packages", {}, "other"), "version"), "2");
    EXPECT_EQ(members_of(ask(scene, "groups", {}, "other"), "name"), "other");
    EXPECT_EQ(members_of(ask(scene, "groups"), "hosts"), "3 1");
    EXPECT_EQ(members_of(ask(scene, "groups"), "unknown"), "3 1");  // the catalog has no KEV
}

TEST(ComputedLists, HaveWhatAChangelogAloneNames) {
    FleetScene scene;
    catalog::Source kev;
    kev.feed = "kev";
    kev.as_of = scene.clock.now();
    kev.staleness_budget = std::chrono::hours(24);
    scene.use_catalog(
        ACatalog({AnAdvisory("CVE-2026-1").affects("Debian:12", "curl", "0", "2")}, {}, {kev}));
    model::Inventory host = scene.host_with("1");
    host.offers.emplace_back();
    host.offers[0].name = host.offers[0].source_name = "curl";
    host.offers[0].candidate_version = host.offers[0].source_version = "2";
    host.offers[0].security = true;
    scene.add_host("unread", scene.keep_inventory(host), "other");
    host.changelogs = {{"curl", "1", "2", {"CVE-2026-9"}, "high", {}, "curl 2 amd64"}};
    scene.add_host("read", scene.keep_inventory(host));
    scene.pass();

    EXPECT_EQ(members_of(ask(scene, "vulnerabilities"), "id"), "CVE-2026-1 CVE-2026-9");
    EXPECT_EQ(members_of(ask(scene, "vulnerabilities"), "hosts"), "2 1");
    EXPECT_EQ(members_of(ask(scene, "vulnerabilities"), "outcome"), "scheduled scheduled");
    EXPECT_EQ(members_of(ask(scene, "packages"), "open"), "2");
    EXPECT_EQ(
        members_of(ask(scene, "findings", {{"vulnerability", "CVE-2026-9"}}), "host_id"), "read");
    EXPECT_EQ(members_of(ask(scene, "groups"), "unread_changelogs"), "0 1");
}

TEST(ComputedLists, HaveTheFindingsOfAHostByUrgencyIfAsked) {
    FleetScene scene;
    model::VulnerabilityFacts facts;
    facts.id = "CVE-2026-2";
    facts.feed = "kev";
    facts.kev = model::KevEntry{*parse_instant("2026-10-25"), {}, "", false};
    scene.use_catalog(ACatalog(
        {AnAdvisory("CVE-2026-1").affects("Debian:12", "curl", "0", "2"),
         AnAdvisory("CVE-2026-2").affects("Debian:12", "curl", "0", "3")},
        {facts}));
    scene.add_host("a", scene.keep_inventory("1"));
    scene.pass();

    const auto of_host = [&](const std::string& sort) {
        return members_of(
            ask(scene, "findings", {{"host_id", "a"}, {"sort", sort}}), "vulnerability");
    };

    EXPECT_EQ(of_host("id"), "CVE-2026-1 CVE-2026-2");
    EXPECT_EQ(of_host("urgency"), "CVE-2026-2 CVE-2026-1");
}

TEST(ComputedLists, CountTheHostsOfEachTag) {
    FleetScene scene;
    add_hosts(scene);
    ASSERT_TRUE(scene.database.transact([](store::Connection& connection) -> Result<void> {
        THIMBLE_TRY(store::set_host_tags(connection, "a", "env=prod,web"));
        THIMBLE_TRY(store::set_host_tags(connection, "b", "web"));
        return store::set_host_tags(connection, "c", "env=prod,web");
    }));

    EXPECT_EQ(members_of(ask(scene, "tags"), "tag"), "env=prod web");
    EXPECT_EQ(members_of(ask(scene, "tags"), "hosts"), "2 3");
    EXPECT_EQ(members_of(ask(scene, "tags", {}, "other"), "hosts"), "1 1");
    EXPECT_EQ(members_of(ask(scene, "tags", {{"key", "env"}}), "value"), "prod");
}

TEST(ComputedLists, AreAlsoCsvAndNdjson) {
    FleetScene scene;
    add_hosts(scene);
    const Query of_host{{"host_id", "c"}};

    const std::string csv = *ask(scene, "findings", of_host, "*", "text/csv");
    const std::string lines = *ask(scene, "packages", {}, "*", "application/x-ndjson");

    EXPECT_TRUE(csv.starts_with("id,host_id,host,group,package,")) << csv;
    EXPECT_NE(csv.find("\r\nc curl "), std::string::npos) << csv;
    EXPECT_TRUE(lines.starts_with(R"({"id":"Debian:12 curl 1 ",)")) << lines;
    EXPECT_EQ(std::ranges::count(lines, '\n'), 2);
}

TEST(ComputedLists, FollowARevocation) {
    FleetScene scene;
    add_hosts(scene);
    EXPECT_EQ(members_of(ask(scene, "packages"), "hosts"), "2 1");

    EXPECT_EQ(members_of(ask(scene, "packages", {}, "default"), "hosts"), "2");

    scene.context.fleet.with([](IndexedFleet& fleet) { fleet.revoke("a"); });

    EXPECT_EQ(members_of(ask(scene, "packages"), "hosts"), "1 1");
    EXPECT_EQ(members_of(ask(scene, "packages", {}, "default"), "hosts"), "1");
    EXPECT_EQ(members_of(ask(scene, "packages", {}, "other"), "hosts"), "1");
}

TEST(ComputedLists, NameAdvisoriesAndFeeds) {
    FleetScene scene;
    add_hosts(scene);

    EXPECT_EQ(
        members_of(ask(scene, "advisories", {{"sort", "id"}}), "id"),
        "CVE-2026-1 CVE-2026-2 DSA-1");
    EXPECT_EQ(
        members_of(ask(scene, "advisories", {{"vulnerability_ids.has", "CVE-2026-1"}}), "hosts"),
        "2 2");
    EXPECT_EQ(members_of(ask(scene, "feeds", {}, "other"), "records"), "3");
    EXPECT_NE(members_of(ask(scene, "feeds"), "stale_why"), "");
}

TEST(ComputedLists, FindingsAreOfAHostOrOfAVulnerability) {
    FleetScene scene;
    add_hosts(scene);

    EXPECT_EQ(members_of(ask(scene, "findings"), "id"), "server.bad_parameter");
    EXPECT_EQ(
        members_of(ask(scene, "findings", {{"host_id", "a"}}), "vulnerability"),
        "CVE-2026-1 CVE-2026-2");
    EXPECT_EQ(
        members_of(
            ask(scene, "findings", {{"host_id", "a"}, {"sort", "-fixed_version"}}),
            "fixed_version"),
        "3 2");
    EXPECT_EQ(members_of(ask(scene, "findings", {{"host_id", "a"}}, "other"), "id"), "");
    EXPECT_EQ(members_of(ask(scene, "findings", {{"host_id", "d"}}), "id"), "");
    EXPECT_EQ(
        members_of(ask(scene, "findings", {{"vulnerability", "CVE-2026-2"}}), "host"), "a b c");
    EXPECT_EQ(
        members_of(ask(scene, "findings", {{"vulnerability", "CVE-2026-2"}}, "other"), "host"),
        "c");
    EXPECT_EQ(
        members_of(ask(scene, "findings", {{"vulnerability", "cve-2026-2"}}), "host"), "a b c");
    EXPECT_EQ(
        members_of(
            ask(scene, "findings", {{"host_id", "a"}, {"vulnerability", "cve-2026-2"}}), "host"),
        "a");
    EXPECT_EQ(
        members_of(ask(scene, "findings", {{"vulnerability", "foo"}}), "host"),
        "model.no_vulnerability");
    EXPECT_EQ(
        members_of(
            ask(scene, "findings", {{"vulnerability", "CVE-2026-2"}, {"sort", "due_at"}}), "id"),
        "server.bad_parameter");
}

TEST(ComputedLists, FindingsNameWhoCallsThemUnimportant) {
    FleetScene scene;
    scene.use_catalog(ACatalog({AnAdvisory("DEBIAN-CVE-2026-1")
                                    .by(model::Authority::Tracker)
                                    .about({"CVE-2026-1"})
                                    .affects("Debian:12", "curl", "0", "")
                                    .calls_unimportant()}));
    scene.add_host("a", scene.keep_inventory("1"));
    scene.pass();

    const auto findings = ask(scene, "findings", {{"host_id", "a"}});

    EXPECT_EQ(members_of(findings, "called_unimportant_by"), "Debian");
    EXPECT_EQ(members_of(findings, "status"), "affected_no_fix");
}

TEST(ComputedLists, FindingsOfAVulnerabilityComePageByPage) {
    FleetScene scene;
    add_hosts(scene);
    std::string hosts;
    Query query{{"vulnerability", "CVE-2026-2"}, {"limit", "1"}};
    for (int pages = 0; pages < 5; ++pages) {
        const auto answer = ask(scene, "findings", query);
        hosts += members_of(answer, "host");
        const auto document = parse_json(*answer);
        const auto* cursor = std::get_if<std::string>(&member_of(*document, "next_cursor")->value);
        if (cursor == nullptr) {
            break;
        }
        query.resize(2);
        query.emplace_back("cursor", *cursor);
    }

    EXPECT_EQ(hosts, "abc");
}

TEST(ComputedLists, AreNotSaidWithoutACatalog) {
    FleetScene scene;
    scene.pass();

    for (const char* name : {"advisories", "feeds", "packages", "vulnerabilities"}) {
        EXPECT_EQ(members_of(ask(scene, name), "id"), "server.no_index") << name;
    }
}

TEST(GroupList, SaysNullWhereNothingIsKnown) {
    FleetScene scene;
    add_hosts(scene);

    const auto groups = ask(scene, "groups", {{"name", "other"}});

    EXPECT_NE(
        groups->find(R"("hosts":1,"unknown":1,"overdue":null,"exploited":null)"), std::string::npos)
        << *groups;
}

TEST(HostList, SaysNullWhereNothingIsKnown) {
    FleetScene scene;
    add_hosts(scene);

    const auto judged = ask(scene, "hosts", {{"id", "a"}});
    const auto unjudged = ask(scene, "hosts", {{"id", "d"}});

    // Without KEV nobody knows what is exploited; what was found was found.
    EXPECT_NE(judged->find(R"("exploited":null,"pending":null,"blocked":1)"), std::string::npos)
        << *judged;
    EXPECT_NE(
        unjudged->find(R"("overdue":null,"exploited":null,"pending":null)"), std::string::npos)
        << *unjudged;
    EXPECT_EQ(members_of(ask(scene, "hosts", {{"overdue", "null"}, {"id", "d"}}), "id"), "d");
}

}  // namespace thimble::server
