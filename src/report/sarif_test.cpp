#include "thimble/report/sarif.hpp"

#include "thimble/report/parsed_json_test.hpp"
#include "thimble/report/report_builder_test.hpp"

namespace thimble::report {
namespace {

using model::FindingStatus;

TEST(ScanSarif, IsOneRunOfThimble) {
    AScan scan;

    const ParsedJson sarif(scan_sarif(scan.report()));

    EXPECT_EQ(sarif.text("/version"), "2.1.0");
    EXPECT_EQ(sarif.size("/runs"), 1U);
    EXPECT_EQ(sarif.text("/runs/0/tool/driver/name"), "Thimble");
    EXPECT_EQ(sarif.size("/runs/0/results"), 0U);
    EXPECT_EQ(sarif.text("/runs/0/invocations/0/endTimeUtc"), "2026-11-23T00:00:00Z");
}

TEST(ScanSarif, MakesARuleOfEachVulnerability) {
    AScan scan;
    fill(scan);

    const ParsedJson sarif(scan_sarif(scan.report()));

    const std::string rules = "/runs/0/tool/driver/rules";
    EXPECT_EQ(sarif.size(rules), 3U);
    EXPECT_EQ(sarif.text(rules + "/0/id"), "thimble/unjudged");
    EXPECT_EQ(sarif.text(rules + "/1/id"), "CVE-2023-38545");
    EXPECT_EQ(sarif.text(rules + "/1/properties/security-severity"), "9.8");
    EXPECT_EQ(sarif.text(rules + "/1/shortDescription/text"), "SOCKS5 heap buffer overflow");
    EXPECT_EQ(
        sarif.text(rules + "/1/help/text"),
        "CVE-2023-38545: SOCKS5 heap buffer overflow\nExploited: in CISA's catalog since "
        "2026-11-06, also by ransomware.\nPublic exploit: exploitdb 51000\nMore: "
        "https://www.cve.org/CVERecord?id=CVE-2023-38545");
    EXPECT_EQ(sarif.text(rules + "/1/properties/tags/2"), "kev");
    EXPECT_FALSE(sarif.has(rules + "/2/properties/security-severity"));
}

TEST(ScanSarif, SaysWhoCallsAFindingUnimportantAndKeepsItsLevel) {
    AScan scan;
    scan.has("nginx", "1").with("CVE-1", FindingStatus::AffectedNoFix);
    scan.decision().outcome = model::SsvcOutcome::Immediate;
    scan.finding().called_unimportant_by = "Debian";

    const ParsedJson sarif(scan_sarif(scan.report()));

    const std::string result = "/runs/0/results/0";
    EXPECT_EQ(sarif.text(result + "/level"), "error");
    EXPECT_EQ(sarif.text(result + "/properties/calledUnimportantBy"), "Debian");
    EXPECT_EQ(
        sarif.text(result + "/message/text")
            .find("; Debian calls it unimportant for nginx. No fix"),
        std::string("nginx 1 is affected by CVE-1").size());
}

TEST(ScanSarif, PointsEachResultAtItsRuleAndPackage) {
    AScan scan;
    fill(scan);

    const ParsedJson sarif(scan_sarif(scan.report()));

    const std::string result = "/runs/0/results/0";
    EXPECT_EQ(sarif.size("/runs/0/results"), 3U);
    EXPECT_EQ(sarif.text(result + "/ruleId"), "CVE-2023-38545");
    EXPECT_EQ(sarif.at(result + "/ruleIndex").as_int64(), 1);
    EXPECT_EQ(sarif.text(result + "/level"), "error");
    EXPECT_EQ(
        sarif.text(result + "/message/text"),
        "curl 7.88.1-10+deb12u3 is affected by CVE-2023-38545; fixed in 7.88.1-10+deb12u4. Update "
        "curl to 7.88.1-10+deb12u4 or later.");
    const std::string location = result + "/locations/0";
    EXPECT_EQ(
        sarif.text(location + "/physicalLocation/artifactLocation/uri"), "var/lib/dpkg/status");
    EXPECT_EQ(
        sarif.text(location + "/logicalLocations/0/fullyQualifiedName"),
        "pkg:deb/debian/curl@7.88.1-10%2Bdeb12u3?arch=amd64&distro=debian-12");
    EXPECT_EQ(sarif.text(result + "/properties/due"), "2026-11-20");
}

TEST(ScanSarif, LevelFollowsTheDecision) {
    const std::vector<std::pair<model::SsvcOutcome, std::string>> cases = {
        {model::SsvcOutcome::Immediate, "error"},
        {model::SsvcOutcome::OutOfCycle, "error"},
        {model::SsvcOutcome::Scheduled, "warning"},
        {model::SsvcOutcome::Defer, "note"},
    };
    for (const auto& [outcome, level] : cases) {
        AScan scan;
        scan.has("a", "1").with("CVE-1", FindingStatus::AffectedNoFix);
        scan.decision().outcome = outcome;

        const ParsedJson sarif(scan_sarif(scan.report()));

        EXPECT_EQ(sarif.text("/runs/0/results/0/level"), level);
        EXPECT_EQ(sarif.text("/runs/0/results/0/kind"), "fail");
    }
}

TEST(ScanSarif, LeavesUndecidedFindingsOpen) {
    for (const FindingStatus status : {FindingStatus::Unknown, FindingStatus::UnderInvestigation}) {
        AScan scan;
        scan.has("a", "1").with("CVE-1", status);

        const ParsedJson sarif(scan_sarif(scan.report()));

        EXPECT_EQ(sarif.text("/runs/0/results/0/kind"), "open");
        EXPECT_EQ(sarif.text("/runs/0/results/0/level"), "none");
    }
}

TEST(ScanSarif, LeavesOutClosedFindings) {
    AScan scan;
    scan.has("a", "1").with("CVE-1", FindingStatus::Fixed);
    scan.with("CVE-2", FindingStatus::NotAffected);

    const ParsedJson sarif(scan_sarif(scan.report()));

    EXPECT_EQ(sarif.size("/runs/0/results"), 0U);
    EXPECT_EQ(sarif.size("/runs/0/tool/driver/rules"), 0U);
}

TEST(ScanSarif, KeepsFingerprintsWhenVersionsChange) {
    const std::string place = "/runs/0/results/0/partialFingerprints/thimbleFinding~1v1";
    AScan before;
    before.has("a", "1").with("CVE-1", FindingStatus::AffectedNoFix);
    AScan after;
    after.judged_on("2026-12-24").has("b", "1").has("a", "2");
    after.with("CVE-1", FindingStatus::AffectedFixAvailable);
    AScan another;
    another.has("a", "1").with("CVE-2", FindingStatus::AffectedNoFix);

    const std::string fingerprint = ParsedJson(scan_sarif(before.report())).text(place);

    EXPECT_EQ(ParsedJson(scan_sarif(after.report())).text(place), fingerprint);
    EXPECT_NE(ParsedJson(scan_sarif(another.report())).text(place), fingerprint);
}

TEST(ScanSarif, TellsTheGaps) {
    AScan scan;
    fill(scan);

    const ParsedJson sarif(scan_sarif(scan.report()));

    const std::string gap = "/runs/0/invocations/0/toolExecutionNotifications/0";
    EXPECT_EQ(sarif.text(gap + "/descriptor/id"), "assess.stale_feed");
    EXPECT_EQ(sarif.text(gap + "/message/text"), "feed osv is old (next: thimble feeds sync osv)");
}

TEST(ScanSarif, HasNoFileForPackagesWithoutADatabase) {
    AScan scan;
    scan.has("left-pad", "1.0.0").with("GHSA-1", FindingStatus::AffectedNoFix);
    scan.package().type = "npm";

    const ParsedJson sarif(scan_sarif(scan.report()));

    EXPECT_FALSE(sarif.has("/runs/0/results/0/locations/0/physicalLocation"));
    EXPECT_TRUE(sarif.has("/runs/0/results/0/locations/0/logicalLocations/0/name"));
}

TEST(ScanSarif, StaysJsonWhateverTheFeedsSay) {
    AScan scan;
    scan.has("a\"\\\n\x1b", "1\xff").with("CVE-1\"}", FindingStatus::AffectedNoFix);
    scan.facts("CVE-1\"}").summary = "\xc3(\"]";

    const ParsedJson sarif(scan_sarif(scan.report()));

    EXPECT_EQ(sarif.text("/runs/0/results/0/ruleId"), "CVE-1\"}");
}

}  // namespace
}  // namespace thimble::report
