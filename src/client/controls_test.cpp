#include "thimble/client/controls.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace thimble::client {
namespace {

JsonValue json_of(const std::string& text) {
    return *parse_json(text);
}

TEST(ProposalLines, SayWhatEachKindWouldChange) {
    const std::string lines = proposal_lines(json_of(
        R"({"vulnerability":"CVE-2026-1","vector":"network","needs_privileges":false,"places":[)"
        R"({"source":"nginx","hosts":["web1","web2"],"exposure":"open","outcome":"immediate",)"
        R"("due_at":"2026-11-03T00:00:00Z","proposals":[)"
        R"({"kind":"segmentation","counts":true,"refusal":null,"changes_decision":true,)"
        R"("outcome":"out-of-cycle","due_at":null,"remains":"the proxy"},)"
        R"({"kind":"monitoring","counts":false,"refusal":"monitoring stops no attack",)"
        R"("changes_decision":false,"outcome":"immediate","due_at":"2026-11-03T00:00:00Z",)"
        R"("remains":"all of it"}]}]})"));

    EXPECT_NE(lines.find("CVE-2026-1: attacked over network, by anybody"), std::string::npos);
    EXPECT_NE(
        lines.find("nginx on web1, web2: open, immediate, due 2026-11-03"), std::string::npos);
    EXPECT_NE(lines.find("next upgrade"), std::string::npos) << lines;
    EXPECT_NE(lines.find("remains: the proxy"), std::string::npos);
    EXPECT_NE(lines.find("\n    does not count: monitoring stops no attack\n"), std::string::npos)
        << "it has a line of its own where little room is left: " << lines;
}

TEST(ShieldLines, ShowBothDecisionsOfWhatIsMitigatedAndWhyAControlDoesNotCount) {
    const std::vector<JsonValue> findings{
        json_of(R"({"vulnerability":"CVE-1","package":"nginx","host":"web1","control":"wall",)"
                R"("mitigated_until":"2026-11-10T00:00:00Z","outcome":"out-of-cycle",)"
                R"("due_at":"2026-11-14T00:00:00Z","unmitigated_outcome":"immediate",)"
                R"("unmitigated_due_at":"2026-11-03T00:00:00Z","control_refusal":""})"),
        json_of(R"({"vulnerability":"CVE-2","package":"nginx","host":"web1","control":"eyes",)"
                R"("mitigated_until":null,"control_refusal":"monitoring stops no attack"})"),
        json_of(R"({"vulnerability":"CVE-3","package":"zlib","host":"web1","control":""})")};

    EXPECT_EQ(
        shield_lines(findings),
        "CVE-1 in nginx on web1: mitigated by wall until 2026-11-10T00:00:00Z;\n"
        "  out-of-cycle, due 2026-11-14T00:00:00Z; without it immediate, due\n"
        "  2026-11-03T00:00:00Z\n"
        "CVE-2 in nginx on web1: control eyes does not count: monitoring stops no attack\n");
}

TEST(ProposalLines, NameTheHostsOnWhichItMayBeOpen) {
    const JsonValue none = json_of(
        R"({"vulnerability":"CVE-2026-1","named":true,"known":true,"affected":0,"unknown":2,)"
        R"("unknown_hosts":["web1","web2"],"unread_changelogs":0,"vector":"unknown",)"
        R"("needs_privileges":null,"places":[]})");

    const std::string lines = proposal_lines(none);

    EXPECT_TRUE(lines.contains("open on no host that was judged")) << lines;
    EXPECT_TRUE(
        lines.ends_with("\nIt may be open on hosts of which something is not known: web1, web2\n"
                        "Not known of 2 hosts: thimble hosts --unknown\n"))
        << lines;
    EXPECT_FALSE(is_whole(none));
    EXPECT_TRUE(check_is_named(none));
}

TEST(ProposalLines, AreNotWholeWhereNobodyCanSay) {
    const auto about = [](const std::string& members) {
        return json_of(R"({"vulnerability":"CVE-2026-1",)" + members + "}");
    };
    const std::string none = R"("unknown":0,"unknown_hosts":[],"places":[])";

    EXPECT_TRUE(is_whole(about(R"("named":true,"known":true,"unread_changelogs":0,)" + none)));
    EXPECT_FALSE(is_whole(about(R"("named":true,"known":true,"unread_changelogs":1,)" + none)));
    const JsonValue elsewhere =
        about(R"("named":true,"known":false,"unread_changelogs":0,)" + none);
    EXPECT_FALSE(is_whole(elsewhere));
    EXPECT_TRUE(proposal_lines(elsewhere).contains("whether it is open there is not known"));
    const auto unnamed =
        check_is_named(about(R"("named":false,"known":false,"unread_changelogs":0,)" + none));
    EXPECT_EQ(unnamed.error().code, "client.no_vulnerability");
    EXPECT_EQ(unnamed.error().kind, ErrorKind::NotFound);
}

TEST(ControlLines, ShowTheControlItsHostsAndWhatWasSaidAndNothingUnsafe) {
    const std::vector<JsonValue> hosts{json_of(
        R"({"host":"web\u001b[2J","state":"lapsed","mode":"","why":"port 80: expected refused"})")};
    const std::string lines = control_lines(
        json_of(R"({"id":"c1","name":"wall","kind":"segmentation","state":"lapsed",)"
                R"("since":"2026-11-01T00:00:00Z","covers":["CVE-2026-1"],"owner":"web team",)"
                R"("scope":"{\"hosts\":[],\"groups\":[\"web\"],\"tags\":[]}",)"
                R"("requester":"user:ada","requested_at":"2026-10-01T00:00:00Z","approver":""})"),
        hosts,
        {});

    EXPECT_EQ(lines.find('\x1b'), std::string::npos);
    EXPECT_NE(lines.find("Control c1, wall (segmentation): lapsed"), std::string::npos);
    EXPECT_NE(lines.find("Owner: web team"), std::string::npos);
    EXPECT_NE(lines.find("Hosts: whichever are of the groups web\n"), std::string::npos);
    EXPECT_NE(lines.find("not approved yet"), std::string::npos);
    EXPECT_NE(lines.find("port 80"), std::string::npos);
    EXPECT_EQ(lines.find("From outside"), std::string::npos);
}

TEST(ControlLines, SayWhatHostsOutsideSay) {
    const std::string not_probed =
        R"(,"outside":"not-probed","outside_why":"not probed from outside: nobody is known"})";
    const std::vector<JsonValue> hosts{
        json_of(R"({"host":"web1")" + not_probed),
        json_of(R"({"host":"web2")" + not_probed),
        json_of(R"({"host":"web3","outside":"open","outside_why":"laptop\u001b reaches it"})"),
        json_of(R"({"host":"web4","outside":"held","outside_why":"the server chose laptop"})")};

    const std::string lines = control_lines(
        json_of(R"({"id":"c1","name":"wall","kind":"segmentation","state":"lapsed","covers":[]})"),
        hosts,
        {});

    const auto good =
        lines.find("From outside, web1, web2: not asked from outside: nobody is known\n");
    const auto bad = lines.find("From outside, web3: gets through from outside: laptop");
    EXPECT_NE(good, std::string::npos) << lines;
    EXPECT_LT(bad, good) << lines;
    EXPECT_EQ(lines.find('\x1b'), std::string::npos);
    EXPECT_TRUE(lines.contains("From outside, web4: proven from outside: the server chose laptop"));
}

TEST(RequestControl, IsRefusedBeforeItIsSentWhenItIsNoObject) {
    EXPECT_EQ(request_control({}, "[]", "").error().code, "client.bad_request");
    EXPECT_EQ(request_control({}, "kind: x", "").error().code, "client.bad_request");
}

}  // namespace
}  // namespace thimble::client
