// What people may ask of controls, and what they are refused.
#include "thimble/server/control_scene_test.hpp"
#include "thimble/store/accounts.hpp"
#include "thimble/store/host_marks.hpp"

#include <gtest/gtest.h>

namespace thimble::server {
namespace {

std::string code_of(const Result<std::string>& answer) {
    return answer ? "" : answer.error().code;
}

TEST(ProposeControl, RefusesWhatCouldNotBeAControl) {
    ControlScene scene;
    const std::string far = "2026-11-16T12:00:00Z";

    EXPECT_EQ(code_of(scene.propose(ControlScene::request_for("{}"))), "server.bad_control");
    std::string blocks = kTraversal;
    blocks.replace(blocks.find("detect"), 6, "block");
    EXPECT_EQ(code_of(scene.propose(ControlScene::request_for(blocks))), "server.bad_body");
    EXPECT_EQ(code_of(scene.propose(ControlScene::request_for(kTraversal))), "");
    EXPECT_EQ(
        code_of(scene.propose(ControlScene::request_for(kWall, R"(,"verify_seconds":59)"))),
        "server.bad_body");
    EXPECT_EQ(
        code_of(scene.propose(ControlScene::request_for(kWall, R"(,"retirement":"never")"))),
        "server.bad_body");
    EXPECT_EQ(code_of(scene.propose(ControlScene::request_for(kWall, "", far))), "server.bad_body")
        << "it covers one of KEV";
    EXPECT_EQ(
        code_of(scene.propose(ControlScene::request_for(kWall, "", "2026-11-01T12:00:00Z"))),
        "server.bad_body")
        << "it would have expired";
    EXPECT_TRUE(scene.propose(ControlScene::request_for(kWall)));
}

TEST(ProposeControl, CoversWhatIsNamedInAnySpelling) {
    ControlScene scene;
    const auto covering = [](const std::string& id) {
        std::string request = ControlScene::request_for(kWall);
        return request.replace(request.find("CVE-2026-1"), 10, id);
    };

    EXPECT_EQ(code_of(scene.propose(covering("foo"))), "model.no_vulnerability");
    ASSERT_TRUE(scene.propose(covering("cve-2026-1")));
    EXPECT_EQ(scene.record().covers, std::vector<std::string>{"CVE-2026-1"});
}

TEST(ProposeControl, RefusesHostsThatAreNotThereAndDoubtsGroupsTagsAndOwners) {
    ControlScene scene;
    const auto answer_for = [&](const std::string& scope, const std::string& more) {
        std::string request = ControlScene::request_for(kWall, more);
        const std::string usual = R"({"groups":["web"]})";
        return scene.propose(request.replace(request.find(usual), usual.size(), scope));
    };
    const auto unknown = answer_for(R"({"hosts":["web1","web9"]})", "");
    ASSERT_EQ(code_of(unknown), "server.no_host");
    EXPECT_EQ(unknown.error().kind, ErrorKind::NotFound);
    EXPECT_TRUE(unknown.error().text().contains("\"web9\": thimble hosts"))
        << unknown.error().text();
    const std::string probe =
        R"({"kind":"segmentation","settings":{"listeners":[{"port":80}],"probes":[)"
        R"({"from":"refused","address":"10.0.0.1","port":80,"host":"web8"}]}})";
    EXPECT_EQ(code_of(scene.propose(ControlScene::request_for(probe))), "server.no_host");

    const auto doubted =
        answer_for(R"({"groups":["webb"],"tags":["env=prod"]})", R"(,"owner":"web team")");
    ASSERT_TRUE(doubted) << doubted.error().text();
    const JsonValue answer = *parse_json(*doubted);
    const auto warnings = JsonMembers(answer).texts("warnings");
    ASSERT_EQ(warnings.size(), 3U);
    EXPECT_TRUE(warnings[0].contains("no host is of the group \"webb\""));
    EXPECT_TRUE(warnings[1].contains("no host has the tag \"env=prod\""));
    EXPECT_TRUE(warnings[2].contains("nobody who can sign in is called \"web team\""));

    ASSERT_TRUE(scene.database.transact([&](store::Connection& connection) -> Result<void> {
        THIMBLE_TRY(store::set_host_tags(connection, "web1", "env=prod"));
        return store::add_account(connection, {"a", "ada", store::Role::Operator, "", {}, {}});
    }));
    const auto known = answer_for(R"({"groups":["web"],"tags":["env=prod"]})", "");
    EXPECT_TRUE(known && known->contains(R"("warnings":[])")) << *known;
}

TEST(ProposeControl, WhatIsNotInKevMayLastLonger) {
    ControlScene scene;
    std::string request = ControlScene::request_for(kWall, "", "2027-01-30T12:00:00Z");
    request.replace(request.find("CVE-2026-1"), 10, "CVE-2026-9");

    EXPECT_TRUE(scene.propose(request));
    request.replace(request.find("2027-01-30"), 10, "2027-02-01");
    EXPECT_EQ(code_of(scene.propose(request)), "server.bad_body");
}

TEST(ApproveControl, NeedsASecondPersonAndTheDocumentThatWasMeant) {
    ControlScene scene;
    ASSERT_TRUE(scene.propose(ControlScene::request_for(kWall)));
    EXPECT_FALSE(scene.job()) << "nothing is put up before";

    EXPECT_EQ(code_of(scene.approve("ada")), "server.second_person");
    EXPECT_EQ(
        code_of(scene.ask(
            approve_control, "bob", R"({"digest":")" + std::string(64, 'a') + "\"}", {scene.id})),
        "server.not_that_document");
    EXPECT_EQ(code_of(scene.approve()), "");
    EXPECT_EQ(code_of(scene.approve()), "server.not_so");
    EXPECT_EQ(scene.record().approver, "user:bob");
    EXPECT_EQ(scene.audited("control.propose"), 1U);
    EXPECT_EQ(scene.audited("control.approve"), 1U);
}

TEST(ActOnControl, IsForThoseWhoseHostsTheyAre) {
    ControlScene scene;
    scene.begin();
    scene.context.roster.with([](Roster& roster) {
        store::HostRecord host;
        host.id = "web1";
        host.host_group = "web";
        roster.add_host(host);
    });

    const std::string body = R"({"act":"retire","why":"x"})";
    EXPECT_EQ(
        code_of(scene.ask(act_on_control, "eve", body, {scene.id}, "other")), "server.not_allowed");
    EXPECT_EQ(code_of(scene.act("hope")), "server.bad_body");
    EXPECT_EQ(code_of(scene.act("verify", R"(,"host_id":"web9")")), "server.no_host");
    EXPECT_EQ(code_of(scene.ask(act_on_control, "ada", body, {"none"})), "server.no_control");
    EXPECT_EQ(code_of(scene.act("attest")), "server.not_so") << "its hosts prove it themselves";
}

TEST(ActOnControl, TakesBackTheJobOfWhatIsRetiredAndRemovesWhatMayBeThere) {
    ControlScene scene;
    scene.begin();
    const auto deployment = scene.job();
    ASSERT_TRUE(scene.act("retire"));

    EXPECT_EQ(scene.record().state, "retiring");
    EXPECT_EQ(scene.job()->kind, "remove-control");
    EXPECT_FALSE(*scene.database.look([&](store::Connection& connection) {
        return store::waiting_job(connection, deployment->id, "web1", scene.clock.now());
    }));
    EXPECT_EQ(code_of(scene.act("verify")), "server.not_so");
    scene.end_well("removed");
    EXPECT_EQ(scene.record().state, "retired");
}

TEST(ActOnControl, WhatIsProposedGoesWithoutAJob) {
    ControlScene scene;
    ASSERT_TRUE(scene.propose(ControlScene::request_for(kWall)));
    EXPECT_EQ(code_of(scene.act("deploy")), "server.not_so");
    ASSERT_TRUE(scene.act("retire"));

    EXPECT_EQ(scene.record().state, "retired");
    EXPECT_FALSE(scene.job());
}

TEST(ActOnControl, WhatIsOutsideOfTheHostsIsAttestedUntilAnInstant) {
    ControlScene scene;
    const Instant original = scene.due();
    scene.begin(R"({"kind":"external","settings":{"what":"firewall of the data centre"}})");
    EXPECT_FALSE(scene.job());
    EXPECT_EQ(scene.due(), original);
    EXPECT_EQ(
        code_of(scene.act("attest", R"(,"until":"2026-11-11T00:00:00Z")")), "server.bad_body");

    ASSERT_TRUE(scene.act("attest", R"(,"until":"2026-11-03T12:00:00Z")"));
    EXPECT_EQ(scene.record().state, "verified");
    EXPECT_GT(scene.due(), original);

    scene.clock.go(Days(2) + std::chrono::seconds(1));
    scene.hear();
    scene.watch();
    EXPECT_EQ(scene.record().state, "lapsed");
    EXPECT_EQ(scene.due(), original);
    EXPECT_EQ(scene.host().why, "its attestation ended at 2026-11-03T12:00:00Z");
    EXPECT_EQ(code_of(scene.act("verify")), "server.not_so") << "no host can";
    ASSERT_TRUE(scene.act("retire"));
    EXPECT_EQ(scene.record().state, "retired");
}

TEST(ActOnControl, AnAttestationThatEndedIsRemindedOfOnceADay) {
    ControlScene scene;
    scene.begin(R"({"kind":"external","settings":{"what":"firewall of the data centre"}})");
    ASSERT_TRUE(scene.act("attest", R"(,"until":"2026-11-03T12:00:00Z")"));
    EXPECT_EQ(scene.record().verify_seconds, 3600) << "its interval is its own";
    scene.clock.go(Days(2) + std::chrono::seconds(1));
    for (int i = 0; i < 3; ++i) {
        scene.watch();
    }
    EXPECT_EQ(scene.host().due_at, scene.clock.now() + Days(1));
    EXPECT_EQ(scene.audited("control.remind"), 0U) << "that it lapsed is said";

    for (int i = 1; i <= 3; ++i) {
        scene.clock.go(Days(1));
        scene.watch();
        scene.watch();
        EXPECT_EQ(scene.audited("control.remind"), static_cast<std::size_t>(i));
        EXPECT_EQ(scene.host().due_at, scene.clock.now() + Days(1));
    }
    ASSERT_TRUE(scene.act("attest"));
    EXPECT_EQ(scene.record().state, "verified");
    EXPECT_EQ(scene.host().attested_until, scene.record().expires_at) << "as long as it may be";
}

TEST(ActOnControl, TheAttestationOfOneHostIsGoodUntilItsOwnInstant) {
    ControlScene scene;
    scene.add_host("web2", scene.keep_nginx("1"), "web");
    scene.begin(R"({"kind":"external","settings":{"what":"firewall of the data centre"}})");
    ASSERT_TRUE(scene.act("attest", R"(,"until":"2026-11-03T12:00:00Z")"));
    ASSERT_TRUE(scene.act("attest", R"(,"host_id":"web2","until":"2026-11-05T12:00:00Z")"));

    scene.clock.go(Days(3));
    scene.watch();

    EXPECT_EQ(scene.hosts().at(0).state, "lapsed");
    EXPECT_EQ(scene.hosts().at(1).state, "verified");
    EXPECT_EQ(scene.hosts().at(1).attested_until, *parse_instant("2026-11-05T12:00:00Z"));
}

TEST(ActOnControl, MoreTimeIsAskedForByOneAndApprovedByAnother) {
    ControlScene scene;
    scene.begin();
    const auto renew = [&](const std::string& until) {
        return code_of(scene.act("renew", R"(,"until":")" + until + "\""));
    };
    EXPECT_EQ(renew("2026-11-09T00:00:00Z"), "server.bad_body") << "it ends later already";
    EXPECT_EQ(renew("2026-11-16T00:00:00Z"), "server.bad_body") << "it covers one of KEV";
    EXPECT_EQ(code_of(scene.approve()), "server.not_so") << "nobody asks for it";
    EXPECT_EQ(renew("2026-11-14T00:00:00Z"), "");
    EXPECT_EQ(scene.record().expires_at, *parse_instant("2026-11-10")) << "not yet";

    EXPECT_EQ(code_of(scene.approve("ada")), "server.second_person");
    EXPECT_EQ(code_of(scene.approve()), "server.bad_body") << "until when?";
    EXPECT_EQ(renew("2026-11-15T00:00:00Z"), "") << "asked for anew, after bob had looked";
    EXPECT_EQ(code_of(scene.approve("bob", "2026-11-14T00:00:00Z")), "server.not_that_date");
    EXPECT_EQ(scene.record().expires_at, *parse_instant("2026-11-10"));
    EXPECT_EQ(renew("2026-11-14T00:00:00Z"), "");
    EXPECT_EQ(code_of(scene.approve("bob", "2026-11-14T00:00:00Z")), "");

    EXPECT_EQ(scene.record().expires_at, *parse_instant("2026-11-14"));
    EXPECT_EQ(scene.record().renewals, 1);
    EXPECT_EQ(scene.record().renewal_by, "");
    EXPECT_EQ(scene.audited("control.renewed"), 1U);
    scene.prove();
    scene.clock.go(Days(11));
    scene.watch();
    EXPECT_EQ(renew("2026-11-20T00:00:00Z"), "");
    scene.clock.go(Days(2));
    EXPECT_EQ(code_of(scene.approve("bob", "2026-11-20T00:00:00Z")), "server.not_so")
        << "it has expired meanwhile";
    EXPECT_EQ(renew("2026-11-20T00:00:00Z"), "server.not_so");
}

TEST(WatchControls, ShortenWhatCoversSomethingThatComesIntoKev) {
    ControlScene scene;
    std::string request = ControlScene::request_for(kWall, "", "2027-01-20T00:00:00Z");
    request.replace(request.find("CVE-2026-1"), 10, "CVE-2026-9");
    ASSERT_TRUE(scene.propose(request));
    ASSERT_TRUE(scene.approve());
    scene.watch();
    EXPECT_EQ(scene.record().expires_at, *parse_instant("2027-01-20"));

    scene.use_catalog(catalog::ACatalog(
        {catalog::AnAdvisory("CVE-2026-9").affects("Debian:12", "nginx", "0", "2")},
        {an_exploited_fact("CVE-2026-9")},
        {{"kev", scene.clock.now(), Days(60), 1, 0, scene.clock.now(), {}, false}}));
    scene.pass();
    scene.watch();
    scene.watch();

    EXPECT_EQ(scene.record().expires_at, scene.clock.now() + Days(14));
    EXPECT_EQ(scene.audited("control.shorten"), 1U);
}

TEST(ProposeControl, HardeningNamesThePackagesWhoseServiceItCloses) {
    ControlScene scene;
    const std::string hardening =
        R"({"kind":"hardening","settings":{"disable_unit":"nginx.service"}})";

    EXPECT_EQ(code_of(scene.propose(ControlScene::request_for(hardening))), "server.bad_body");
    EXPECT_EQ(
        code_of(scene.propose(ControlScene::request_for(hardening, R"(,"sources":["nginx"])"))),
        "");
    ASSERT_TRUE(scene.approve());
    scene.prove();
    scene.pass();
    EXPECT_EQ(
        store::text_at(scene.rows("SELECT control_refusal FROM fleet_unpatched").at(0), 0),
        "it leaves the service reachable")
        << "its inventory says that nginx listens";
}

TEST(ControlProposals, SayWhatEachKindWouldChangeWhereItIsOpen) {
    ControlScene scene;
    const auto answer = scene.ask(control_proposals, "ada", "", {"CVE-2026-1"});

    ASSERT_TRUE(answer);
    EXPECT_NE(answer->find(R"("vector":"network","needs_privileges":false)"), std::string::npos);
    EXPECT_NE(answer->find(R"("exposure":"open","publicly_exposed":true)"), std::string::npos);
    EXPECT_NE(answer->find(R"("hosts":["web1"])"), std::string::npos);
    EXPECT_NE(
        answer->find(
            R"("kind":"virtual-patch","counts":true,"refusal":null,"changes_decision":true)"),
        std::string::npos);
    EXPECT_NE(
        scene.ask(control_proposals, "ada", "", {"CVE-2026-9"})->find("\"places\":[]"),
        std::string::npos);
    EXPECT_TRUE(answer->contains(R"("named":true,"known":true,"affected":1,)")) << *answer;
    EXPECT_TRUE(scene.ask(control_proposals, "ada", "", {"CVE-2026-9"})
                    ->contains(R"("named":false,"known":false,"affected":0,)"));
    EXPECT_EQ(*scene.ask(control_proposals, "ada", "", {"cve-2026-1"}), *answer);
    EXPECT_EQ(code_of(scene.ask(control_proposals, "ada", "", {"foo"})), "model.no_vulnerability");
}

}  // namespace
}  // namespace thimble::server
