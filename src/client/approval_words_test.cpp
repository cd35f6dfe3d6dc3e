#include "thimble/client/approval_words.hpp"

#include "thimble/client/list_view.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace thimble::client {
namespace {

JsonValue json_of(const std::string& text) {
    return *parse_json(text);
}

JsonValue a_control(const std::string& more = "") {
    return json_of(
        R"({"id":"c1","name":"wall","kind":"segmentation","requester":"user:ada","why":"no window",)"
        R"("covers":["CVE-2026-1"],"sources":["nginx"],"retirement":"propose",)"
        R"("residual_risk":"the proxy","expires_at":"2026-12-10T00:00:00Z","digest":"0123abcd",)"
        R"("scope":"{\"hosts\":[],\"groups\":[\"web\"],\"tags\":[\"env=prod\"]}",)"
        R"("document":"{\"kind\":\"segmentation\",\"settings\":{\"listeners\":[)"
        R"({\"protocol\":\"tcp\",\"port\":80}],\"allow\":[\"10.0.2.0/24\"],\"probes\":[)"
        R"({\"from\":\"refused\",\"address\":\"10.0.0.1\",\"port\":80,\"host\":\"h9\"}]}}")"
        + more + "}");
}

std::vector<JsonValue> hosts_called(const std::string& name, int count) {
    std::vector<JsonValue> hosts;
    for (int at = 1; at <= count; ++at) {
        const std::string id = name + std::to_string(at);
        hosts.push_back(json_of(R"({"host_id":")" + id + R"(","host":")" + id + "\"}"));
    }
    return hosts;
}

const char* const kEffect =
    R"({"vulnerability":"CVE-2026-1","places":[{"source":"nginx","hosts":["web1"],)"
    R"("outcome":"immediate","due_at":"2026-11-04T00:00:00Z","proposals":[)"
    R"({"kind":"monitoring","refusal":"monitoring stops no attack"},)"
    R"({"kind":"segmentation","refusal":null,"outcome":"out-of-cycle","due_at":null}]},)"
    R"({"source":"openssl","hosts":["web1"],"outcome":"immediate","proposals":[]}]})";

std::size_t widest(const std::string& text) {
    std::size_t most = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        most = std::max(most, end - at);
        at = end + 1;
    }
    return most;
}

TEST(ControlApprovalLines, SayInWordsWhatIsAgreedTo) {
    const JsonValue control = a_control();
    auto hosts = hosts_called("web", 2);
    hosts.push_back(json_of(R"({"host":"web9","state":"retired"})"));
    const std::vector<JsonValue> effects{json_of(kEffect)};

    EXPECT_EQ(
        control_approval_lines({control, hosts, effects, {{"h9", "laptop (h9)"}}}),
        "Control c1, wall (segmentation)\n"
        "Asked by: user:ada: no window\n"
        "Hosts now: 2: web1, web2\n"
        "Hosts later: whichever are of the groups web and tagged env=prod, by then\n"
        "Stands against: CVE-2026-1 in nginx\n"
        "Puts up:\n"
        "  listeners: protocol tcp, port 80\n"
        "  allow: 10.0.2.0/24\n"
        "  probes: from refused, address 10.0.0.1, port 80, host laptop (h9)\n"
        "Decision: CVE-2026-1 in nginx on web1: immediate, due 2026-11-04T00:00:00Z; once\n"
        "  it is proven out-of-cycle, due with the next upgrade\n"
        "Remains: the proxy\n"
        "Until: 2026-12-10T00:00:00Z; its removal is proposed then, or when nothing that\n"
        "  it covers is open any more\n"
        "Document: 0123abcd\n");
}

TEST(ControlApprovalLines, AreBoundedSafeAndSayWhatIsNotKnown) {
    const JsonValue renewed =
        a_control(R"(,"renewal_by":"user:eve\u001b[1m","renewal_until":"2027-01-01T00:00:00Z")");
    const auto hosts = hosts_called("web", 14);
    const std::vector<JsonValue> effects{
        json_of(R"({"vulnerability":"CVE-2026-1","places":[]})"),
        json_of(R"({"vulnerability":"CVE-2026-2","places":[{"source":"nginx","hosts":["a"],)"
                R"("outcome":"immediate","proposals":[{"kind":"segmentation",)"
                R"("refusal":"the attack is local"}]}]})")};
    const std::string lines = control_approval_lines({renewed, hosts, effects, {}});

    EXPECT_TRUE(lines.contains("14: web1, web10, ")) << lines;
    EXPECT_TRUE(lines.contains("and 4 more")) << lines;
    EXPECT_TRUE(lines.contains("user:eve?[1m (more time)")) << lines;
    EXPECT_TRUE(lines.contains("Until: 2027-01-01T00:00:00Z")) << lines;
    EXPECT_TRUE(lines.contains("CVE-2026-1 is open on no host that was judged"));
    EXPECT_TRUE(lines.contains("it\n  changes nothing: the attack is local")) << lines;
    EXPECT_LE(widest(lines), 80U);

    const JsonValue broken = json_of(R"({"id":"c","scope":"{","document":"{"})");
    const std::string unknown = control_approval_lines({broken, {}, {}, {}});
    EXPECT_TRUE(unknown.contains("do not approve it")) << unknown;
    EXPECT_TRUE(unknown.contains("Hosts now: 0\n"));
    EXPECT_TRUE(unknown.contains("not known: its scope cannot be read"));
}

TEST(HostsInDocument, AreThoseOfItsProbes) {
    EXPECT_EQ(
        hosts_in_document(
            R"({"settings":{"probes":[{"host":"b","of":"a"},{"host":"b"},{"space":"s"}]}})"),
        (std::vector<std::string>{"a", "b"}));
    EXPECT_TRUE(hosts_in_document("{").empty());
    EXPECT_TRUE(hosts_in_document(R"({"settings":{"what":"x"}})").empty());
}

TEST(RolloutApprovalLines, CountHostsThatAreCalledAlike) {
    const JsonValue rollout =
        json_of(R"({"id":"r1","frozen":"{\"systems\":{\"s\":{\"nginx\":{\"version\":\"2\",)"
                R"(\"selected\":true}}}}"})");
    std::vector<JsonValue> hosts;
    std::vector<JsonValue> patches;
    for (const char* const id : {"a", "b", "c"}) {
        const std::string both = R"({"host":"vm","host_id":")" + std::string(id) + "\"";
        hosts.push_back(json_of(both + "}"));
        patches.push_back(json_of(both + R"(,"source":"nginx"})"));
    }
    const std::string lines = rollout_approval_lines({rollout, json_of("{}"), hosts, patches});
    EXPECT_TRUE(lines.contains("Hosts: 3: vm, vm, vm\n")) << lines;
    EXPECT_TRUE(lines.contains("missing on 3, ")) << lines;
}

TEST(RolloutApprovalLines, SayWhichHostsVersionsAndVulnerabilitiesAndForHowLong) {
    const JsonValue rollout = json_of(
        R"({"id":"r1","policy":"web","emergency":false,"created_by":"user:ada","reason":"december",)"
        R"("frozen_digest":"beef","frozen":"{\"systems\":{\"Debian 12 amd64\":{\"nginx\":)"
        R"({\"version\":\"2\",\"selected\":true},\"libc\":{\"version\":\"3\",\"selected\":false},)"
        R"(\"curl\":{\"version\":\"8\",\"selected\":true}}}}"})");
    const JsonValue outlook = json_of(
        R"({"approval_good_seconds":604800,"reboots":"never","services":"restart","windows":1,)"
        R"("window":{"open":false,"from":"2026-12-01T22:00:00Z","until":"2026-12-02T02:00:00Z"}})");
    const std::vector<JsonValue> hosts{
        json_of(R"({"host_id":"web1","host":"web1","phase":"rehearsed","restart":"reboot"})"),
        json_of(R"({"host_id":"web2","host":"web2","phase":"waiting","restart":""})")};
    const auto patch = [](const std::string& host, const std::string& ids, const std::string& due) {
        return json_of(
            R"({"host_id":")" + host + R"(","host":")" + host + R"(","source":"nginx",)"
            + R"("from":"1","vulnerability_ids":[)" + ids + R"(],"outcome":"immediate","due_at":)"
            + due + "}");
    };
    const std::vector<JsonValue> patches{
        patch("web1", R"("CVE-1","CVE-2")", R"("2026-11-04T00:00:00Z")"),
        patch("web2", R"("CVE-2")", "null"),
        patch("elsewhere", R"("CVE-9")", "null")};

    const std::string lines = rollout_approval_lines({rollout, outlook, hosts, patches});
    EXPECT_EQ(
        lines,
        "Rollout r1, policy web\n"
        "Asked by: user:ada: december\n"
        "Hosts: 2: web1, web2\n"
        "Patch: nginx 2 on Debian 12 amd64: missing on 2, from 1, closes CVE-1, CVE-2;\n"
        "  immediate, due 2026-11-04T00:00:00Z\n"
        "Patch: libc 3 on Debian 12 amd64: comes along with the others\n"
        "Patch: curl 8 on Debian 12 amd64: no host of it is known to miss it\n"
        "Rehearsal: passed on 1: web1; not known yet of 1: web2\n"
        "Restarts: reboot on 1: web1; not known of 1: web2\n"
        "By its policy: services are restarted where that is safe; no host is rebooted\n"
        "Window: the next from 2026-12-01T22:00:00Z until 2026-12-02T02:00:00Z\n"
        "Good until: 7 days from now\n"
        "Decision: these versions and nothing else may be installed there, ring by ring;\n"
        "  what they close is no longer open once it is verified\n"
        "Set: beef\n");
    EXPECT_EQ(
        sources_of_set(*member_text(rollout, "frozen")),
        (std::vector<std::string>{"curl", "nginx"}));
    const JsonValue broken = json_of(R"({"id":"r1","frozen":"{"})");
    EXPECT_TRUE(rollout_approval_lines({broken, outlook, {}, {}}).contains("do not approve it"));
}

TEST(RehearsalLines, SayWhatIsNotKnownAndWhatFailed) {
    const JsonValue nothing = json_of("{}");
    const std::vector<JsonValue> hosts{
        json_of(R"({"host":"a","phase":"rehearsal-failed"})"),
        json_of(R"({"host":"b","phase":"nothing-to-do"})"),
        json_of(R"({"host":"c","phase":"plan-refused"})")};
    EXPECT_EQ(
        rehearsal_lines(nothing, hosts),
        "Rehearsal: failed on 1: a; not tried, since the plan was refused, on 1: c; not\n"
        "  needed, since nothing is missing, on 1: b\n"
        "Restarts: not known of 2: a, c\n"
        "By its policy: not known: the server does not say what its policy restarts\n");
    const std::string lines = rollout_approval_lines({nothing, nothing, hosts, {}});
    EXPECT_TRUE(lines.contains("Window: not known")) << lines;
    const JsonValue anytime = json_of(R"({"windows":0,"window":null})");
    EXPECT_TRUE(rollout_approval_lines({nothing, anytime, hosts, {}})
                    .contains("Window: at any time, but for freezes\n"));
}

}  // namespace
}  // namespace thimble::client
