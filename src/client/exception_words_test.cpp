#include "thimble/client/exception_words.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace thimble::client {
namespace {

JsonValue json_of(const std::string& text) {
    return *parse_json(text);
}

TEST(ExceptionLines, SayWhatItCoversWhoAgreedUntilWhenAndWhatWasShown) {
    const std::vector<JsonValue> evidence{
        json_of(R"({"kind":"rehearsal","summary":"nginx did not start"})"),
        json_of(R"({"kind":"vex","summary":"\u001b[2Jvendor: will not fix"})")};

    const JsonValue exception =
        json_of(R"({"id":"4f1c","state":"active","reason":"fix_breaks_app","why":"it \u001b[1m",)"
                R"("owner":"web team","group":"web","tag":"","hosts":["h1","h2"],)"
                R"("packages":["nginx"],"vulnerabilities":["CVE-2026-1","CVE-2026-2"],)"
                R"("controls":["c1"],"controls_end_at":"2026-12-10T00:00:00Z",)"
                R"("first_control_to_end":"wall","requester":"user:ada",)"
                R"("approver":"user:bob","expires_at":"2026-12-20T00:00:00Z","renewals":0,)"
                R"("renewal_until":null,"patches":3})");

    EXPECT_EQ(
        exception_lines({exception, evidence, {{"h2", "web2 (h2)"}}}),
        "Exception 4f1c: active\n"
        "  because                 fix_breaks_app\n"
        "  said                    it ?[1m\n"
        "  owner                   web team\n"
        "  group                   web\n"
        "  hosts                   h1, web2 (h2)\n"
        "  packages                nginx\n"
        "  vulnerabilities         CVE-2026-1, CVE-2026-2\n"
        "  shielded by             c1\n"
        "  the first of these ends 2026-12-10T00:00:00Z\n"
        "  asked by                user:ada\n"
        "  agreed by               user:bob\n"
        "  until                   2026-12-20T00:00:00Z\n"
        "  renewals                0\n"
        "  covers now              3\n"
        "Exception 4f1c: its control wall ends at 2026-12-10T00:00:00Z, before the\n"
        "  exception does, at 2026-12-20T00:00:00Z\n"
        "  evidence: rehearsal nginx did not start\n"
        "  evidence: vex ?[2Jvendor: will not fix\n");
}

TEST(ExceptionLines, SayThatMoreTimeIsAskedForAndLeaveOutWhatIsEmpty) {
    const JsonValue exception =
        json_of(R"({"id":"x","state":"active","group":"*","expires_at":"2026-12-20T00:00:00Z",)"
                R"("renewal_until":"2027-01-20T00:00:00Z","approver":"","controls":[]})");

    const std::string lines = exception_lines({exception, {}});

    EXPECT_EQ(
        lines,
        "Exception x: active\n"
        "  group                   *\n"
        "  until                   2026-12-20T00:00:00Z\n"
        "  more time asked until   2027-01-20T00:00:00Z\n");
}

JsonValue patch_of(const std::string& host, const std::string& ids, bool is_exploited = false) {
    return json_of(
        R"({"host_id":")" + host + R"(","host":")" + host
        + R"(","group":"web","source":"nginx",)"
          R"("from":"1.22","vulnerabilities":1,"vulnerability_ids":[)"
        + ids + R"(],"kev":)" + (is_exploited ? "true" : "false")
        + R"(,"exploited":false,"due_at":"2026-12-20T00:00:00Z"})");
}

TEST(CoveredPatches, AreThoseOfTheScope) {
    const auto count = [](const std::string& scope) {
        const std::vector<JsonValue> patches{
            patch_of("h1", R"("CVE-2026-1")"), patch_of("h2", R"("CVE-2026-1","CVE-2026-2")")};
        return covered_patches(
                   json_of(R"({"group":"web",)" + scope + "}"), patches, {{"h1", {"env=prod"}}})
            .size();
    };
    EXPECT_EQ(count(R"("tag":null,"hosts":[],"packages":["nginx"],"vulnerabilities":[])"), 2U);
    EXPECT_EQ(
        count(R"("tag":"env=prod","hosts":[],"packages":["nginx"],"vulnerabilities":[])"), 1U);
    EXPECT_EQ(count(R"("hosts":["h2"],"packages":[],"vulnerabilities":["CVE-2026-1"])"), 0U);
    EXPECT_EQ(count(R"("hosts":[],"packages":["curl"],"vulnerabilities":[])"), 0U);
}

TEST(ExceptionApprovalLines, SayWhatIsLeftOpenTheExploitedFirst) {
    const JsonValue exception = json_of(R"({"id":"x","state":"requested","why":"so"})");
    std::vector<JsonValue> covered(21, patch_of("h1", ""));
    covered.push_back(patch_of("h2", "", true));

    const std::string lines = exception_approval_lines({exception, {}}, covered);

    EXPECT_TRUE(lines.contains(
        "  said                    so\n"
        "Leaves open now, as far as is known: 22 missing patches, 1 exploited\n"
        "  nginx 1.22 on h2: 1 vulnerabilities, EXPLOITED, due 2026-12-20T00:00:00Z\n"
        "  nginx 1.22 on h1: 1 vulnerabilities, due 2026-12-20T00:00:00Z\n"))
        << lines;
    EXPECT_TRUE(lines.ends_with("  and 2 more: thimble patches\n")) << lines;
}

}  // namespace
}  // namespace thimble::client
