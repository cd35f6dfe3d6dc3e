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

    EXPECT_EQ(
        exception_lines(
            json_of(
                R"({"id":"4f1c","state":"active","reason":"fix_breaks_app","why":"it \u001b[1m",)"
                R"("owner":"web team","group":"web","tag":"","hosts":["h1","h2"],)"
                R"("packages":["nginx"],"vulnerabilities":["CVE-2026-1","CVE-2026-2"],)"
                R"("controls":["c1"],"controls_end_at":"2026-12-10T00:00:00Z",)"
                R"("first_control_to_end":"wall","requester":"user:ada",)"
                R"("approver":"user:bob","expires_at":"2026-12-20T00:00:00Z","renewals":0,)"
                R"("renewal_until":null,"patches":3})"),
            evidence),
        "Exception 4f1c: active\n"
        "  because                 fix_breaks_app\n"
        "  said                    it ?[1m\n"
        "  owner                   web team\n"
        "  group                   web\n"
        "  hosts                   h1,h2\n"
        "  packages                nginx\n"
        "  vulnerabilities         CVE-2026-1,CVE-2026-2\n"
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
    const std::string lines = exception_lines(
        json_of(R"({"id":"x","state":"active","group":"*","expires_at":"2026-12-20T00:00:00Z",)"
                R"("renewal_until":"2027-01-20T00:00:00Z","approver":"","controls":[]})"),
        {});

    EXPECT_EQ(
        lines,
        "Exception x: active\n"
        "  group                   *\n"
        "  until                   2026-12-20T00:00:00Z\n"
        "  more time asked until   2027-01-20T00:00:00Z\n");
}

}  // namespace
}  // namespace thimble::client
