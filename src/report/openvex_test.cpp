#include "thimble/report/openvex.hpp"

#include "thimble/report/parsed_json_test.hpp"
#include "thimble/report/report_builder_test.hpp"

namespace thimble::report {
namespace {

using model::FindingStatus;

TEST(ScanOpenVex, SaysWhoSpeaksAndWhen) {
    AScan scan;
    fill(scan);

    const ParsedJson vex(scan_openvex(scan.report(), "security@example.org"));

    EXPECT_EQ(vex.text("/@context"), "https://openvex.dev/ns/v0.2.0");
    EXPECT_EQ(vex.text("/author"), "security@example.org");
    EXPECT_EQ(vex.text("/timestamp"), "2026-11-23T00:00:00Z");
    EXPECT_EQ(vex.at("/version").as_int64(), 1);
    EXPECT_EQ(vex.size("/statements"), 3U);
}

TEST(ScanOpenVex, HasAnAuthorWhenNobodyIsNamed) {
    AScan scan;

    EXPECT_EQ(ParsedJson(scan_openvex(scan.report(), "")).text("/author"), "Thimble");
}

TEST(ScanOpenVex, StatesAffectedWithAnAction) {
    AScan scan;
    scan.has("curl", "7.88")
        .with("CVE-2024-1", FindingStatus::AffectedFixAvailable)
        .fixed_in("7.89");
    scan.facts("CVE-2024-1").summary = "overflow";

    const ParsedJson vex(scan_openvex(scan.report(), ""));

    const std::string statement = "/statements/0";
    EXPECT_EQ(vex.text(statement + "/vulnerability/name"), "CVE-2024-1");
    EXPECT_EQ(vex.text(statement + "/vulnerability/description"), "overflow");
    EXPECT_EQ(vex.text(statement + "/status"), "affected");
    EXPECT_EQ(vex.text(statement + "/status_notes"), "affected_fix_available");
    EXPECT_EQ(vex.text(statement + "/action_statement"), "Update curl to 7.89 or later");
    EXPECT_EQ(
        vex.text(statement + "/products/0/identifiers/purl"),
        "pkg:deb/debian/curl@7.88?arch=amd64&distro=debian-12");
}

TEST(ScanOpenVex, SaysWhoCallsAffectedWhatItCallsUnimportant) {
    AScan scan;
    scan.has("nginx", "1").with("CVE-1", FindingStatus::AffectedNoFix);
    scan.finding().called_unimportant_by = "Debian";
    scan.has("nginx", "1~bpo13+1").with("CVE-1", FindingStatus::AffectedNoFix);

    const ParsedJson vex(scan_openvex(scan.report(), ""));

    ASSERT_EQ(vex.size("/statements"), 2U);
    EXPECT_EQ(vex.text("/statements/0/status_notes"), "affected_no_fix");
    EXPECT_EQ(vex.text("/statements/1/status"), "affected");
    EXPECT_EQ(
        vex.text("/statements/1/status_notes"),
        "affected_no_fix; Debian calls it unimportant for nginx");
}

TEST(ScanOpenVex, GathersThePackagesOfOneSource) {
    AScan scan;
    for (const std::string name : {"libcurl4", "curl"}) {
        scan.has(name, "7.88").with("CVE-2024-1", FindingStatus::AffectedNoFix);
        scan.package().source_name = "curl";
    }

    const ParsedJson vex(scan_openvex(scan.report(), ""));

    EXPECT_EQ(vex.size("/statements"), 1U);
    EXPECT_EQ(vex.size("/statements/0/products"), 2U);
}

TEST(ScanOpenVex, StatesEachProductOnce) {
    AScan scan;
    scan.has("curl", "7.88").with("CVE-2024-1", FindingStatus::AffectedNoFix);
    scan.has("curl", "7.88").with("CVE-2024-1", FindingStatus::AffectedNoFix);

    const ParsedJson vex(scan_openvex(scan.report(), ""));

    EXPECT_EQ(vex.size("/statements/0/products"), 1U);
}

TEST(ScanOpenVex, MapsEachStatus) {
    const std::vector<std::pair<FindingStatus, std::string>> cases = {
        {FindingStatus::AffectedFixAvailable, "affected"},
        {FindingStatus::AffectedNoFix, "affected"},
        {FindingStatus::AffectedFixNotInMyRepos, "affected"},
        {FindingStatus::FixedInstalledNotRunning, "affected"},
        {FindingStatus::Fixed, "fixed"},
        {FindingStatus::NotAffected, "not_affected"},
        {FindingStatus::UnderInvestigation, "under_investigation"},
        {FindingStatus::Unknown, "under_investigation"},
    };
    for (const auto& [status, stated] : cases) {
        AScan scan;
        scan.has("a", "1").with("CVE-1", status);

        const ParsedJson vex(scan_openvex(scan.report(), ""));

        EXPECT_EQ(vex.text("/statements/0/status"), stated);
        EXPECT_EQ(vex.has("/statements/0/action_statement"), stated == "affected");
        EXPECT_EQ(vex.has("/statements/0/impact_statement"), stated == "not_affected");
    }
}

TEST(ScanOpenVex, JustifiesWhatTheVersionsProve) {
    AScan scan;
    scan.has("a", "1").with("CVE-1", FindingStatus::NotAffected).because_of("outside_ranges");
    scan.with("CVE-2", FindingStatus::NotAffected).because_of("vendor_says_not_affected");

    const ParsedJson vex(scan_openvex(scan.report(), ""));

    EXPECT_EQ(vex.text("/statements/0/justification"), "vulnerable_code_not_present");
    EXPECT_FALSE(vex.has("/statements/1/justification"));
    EXPECT_EQ(
        vex.text("/statements/1/impact_statement"), "the vendor says that it is not affected");
}

TEST(ScanOpenVex, SaysWhyAPackageCouldNotBeJudged) {
    AScan scan;
    scan.has("a", "1").with("", FindingStatus::Unknown).because_of("third_party_package");

    const ParsedJson vex(scan_openvex(scan.report(), ""));

    EXPECT_EQ(vex.text("/statements/0/vulnerability/name"), "thimble:any");
    EXPECT_EQ(
        vex.text("/statements/0/status_notes"),
        "could not be judged: it is not a package of the distribution whose advisories were read");
}

TEST(ScanOpenVex, NeverTakesAnEmptyReportForProof) {
    AScan scan;
    scan.has("a", "1");
    scan.inventory().host = "my host";

    const ParsedJson vex(scan_openvex(scan.report(), ""));

    EXPECT_EQ(vex.size("/statements"), 1U);
    EXPECT_EQ(vex.text("/statements/0/status"), "under_investigation");
    EXPECT_EQ(vex.text("/statements/0/products/0/@id"), "urn:thimble:host:my%20host");
}

TEST(ScanOpenVex, NamesTheDocumentByItsContent) {
    AScan scan;
    scan.has("a", "1").with("CVE-1", FindingStatus::AffectedNoFix);
    AScan changed;
    changed.has("a", "2").with("CVE-1", FindingStatus::AffectedNoFix);

    const std::string id = ParsedJson(scan_openvex(scan.report(), "")).text("/@id");

    EXPECT_TRUE(id.starts_with("urn:uuid:"));
    EXPECT_EQ(ParsedJson(scan_openvex(scan.report(), "")).text("/@id"), id);
    EXPECT_NE(ParsedJson(scan_openvex(scan.report(), "somebody")).text("/@id"), id);
    EXPECT_NE(ParsedJson(scan_openvex(changed.report(), "")).text("/@id"), id);
}

}  // namespace
}  // namespace thimble::report
