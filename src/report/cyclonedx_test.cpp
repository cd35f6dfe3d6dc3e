#include "thimble/report/cyclonedx.hpp"

#include "thimble/report/parsed_json_test.hpp"
#include "thimble/report/report_builder_test.hpp"

#include <map>

namespace thimble::report {
namespace {

using model::FindingStatus;

/// The properties of an object as a map.
std::map<std::string, std::string> properties(const ParsedJson& bom, const std::string& place) {
    std::map<std::string, std::string> found;
    for (const boost::json::value& property : bom.at(place + "/properties").as_array()) {
        found.emplace(
            property.at("name").as_string().c_str(), property.at("value").as_string().c_str());
    }
    return found;
}

TEST(ScanCycloneDx, DescribesTheHost) {
    AScan scan;

    const ParsedJson bom(scan_cyclonedx(scan.report()));

    EXPECT_EQ(bom.text("/bomFormat"), "CycloneDX");
    EXPECT_EQ(bom.text("/specVersion"), "1.6");
    EXPECT_EQ(bom.text("/metadata/timestamp"), "2026-11-23T00:00:00Z");
    EXPECT_EQ(bom.text("/metadata/component/type"), "device");
    EXPECT_EQ(bom.text("/metadata/component/name"), "web1");
    EXPECT_EQ(bom.text("/components/0/type"), "operating-system");
    EXPECT_EQ(bom.text("/components/0/name"), "debian");
    EXPECT_EQ(bom.text("/components/0/version"), "12");
    EXPECT_EQ(bom.size("/vulnerabilities"), 0U);
}

TEST(ScanCycloneDx, ListsEveryPackage) {
    AScan scan;
    scan.has("libcurl4", "7.88").package().source_name = "curl";
    scan.has("bash", "5.2");

    const ParsedJson bom(scan_cyclonedx(scan.report()));

    EXPECT_EQ(bom.size("/components"), 3U);
    EXPECT_EQ(bom.text("/components/1/name"), "libcurl4");
    EXPECT_EQ(bom.text("/components/1/version"), "7.88");
    EXPECT_EQ(
        bom.text("/components/1/purl"), "pkg:deb/debian/libcurl4@7.88?arch=amd64&distro=debian-12");
    EXPECT_EQ(bom.text("/components/1/bom-ref"), bom.text("/components/1/purl"));
    EXPECT_EQ(properties(bom, "/components/1").at("thimble:source"), "curl");
}

TEST(ScanCycloneDx, TellsPackagesWithOnePurlApart) {
    AScan scan;
    scan.has("a", "1").has("a", "1").has("a", "1");

    const ParsedJson bom(scan_cyclonedx(scan.report()));

    EXPECT_NE(bom.text("/components/1/bom-ref"), bom.text("/components/2/bom-ref"));
    EXPECT_NE(bom.text("/components/2/bom-ref"), bom.text("/components/3/bom-ref"));
}

TEST(ScanCycloneDx, RatesAndExplainsAVulnerability) {
    AScan scan;
    fill(scan);

    const ParsedJson bom(scan_cyclonedx(scan.report()));

    const std::string entry = "/vulnerabilities/0";
    EXPECT_EQ(bom.size("/vulnerabilities"), 2U);
    EXPECT_EQ(bom.text(entry + "/id"), "CVE-2023-38545");
    EXPECT_EQ(bom.text(entry + "/source/name"), "CVE");
    EXPECT_EQ(bom.at(entry + "/ratings/0/score").as_double(), 9.8);
    EXPECT_EQ(bom.text(entry + "/ratings/0/severity"), "critical");
    EXPECT_EQ(bom.text(entry + "/ratings/0/method"), "CVSSv31");
    EXPECT_EQ(
        bom.text(entry + "/ratings/0/vector"), "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H");
    EXPECT_EQ(bom.text(entry + "/analysis/state"), "exploitable");
    EXPECT_EQ(bom.text(entry + "/analysis/response/0"), "update");
    EXPECT_EQ(bom.text(entry + "/recommendation"), "Update curl to 7.88.1-10+deb12u4 or later");
    EXPECT_EQ(bom.text(entry + "/affects/0/ref"), bom.text("/components/1/bom-ref"));
    EXPECT_EQ(bom.text(entry + "/affects/0/versions/0/version"), "7.88.1-10+deb12u3");
    const auto told = properties(bom, entry);
    EXPECT_EQ(told.at("thimble:due"), "2026-11-20");
    EXPECT_EQ(told.at("thimble:outcome"), "immediate");
    EXPECT_EQ(told.at("thimble:kev_added"), "2026-11-06");
    EXPECT_EQ(told.at("thimble:epss"), "0.264560");
    EXPECT_EQ(told.at("thimble:public_exploit"), "exploitdb");
    EXPECT_FALSE(properties(bom, "/vulnerabilities/1").contains("thimble:due"));
}

TEST(ScanCycloneDx, SaysWhoCallsAFindingUnimportant) {
    AScan scan;
    scan.has("nginx", "1").with("CVE-1", FindingStatus::AffectedNoFix);
    scan.finding().called_unimportant_by = "Debian";

    const ParsedJson bom(scan_cyclonedx(scan.report()));

    EXPECT_EQ(bom.text("/vulnerabilities/0/analysis/state"), "exploitable");
    EXPECT_EQ(
        bom.text("/vulnerabilities/0/analysis/detail"),
        "nginx 1 is affected by CVE-1; Debian calls it unimportant for nginx");
    EXPECT_EQ(properties(bom, "/vulnerabilities/0").at("thimble:called_unimportant_by"), "Debian");
}

TEST(ScanCycloneDx, MapsEachStatus) {
    const std::vector<std::tuple<FindingStatus, std::string, std::string>> cases = {
        {FindingStatus::AffectedFixAvailable, "exploitable", "affected"},
        {FindingStatus::AffectedNoFix, "exploitable", "affected"},
        {FindingStatus::AffectedFixNotInMyRepos, "exploitable", "affected"},
        {FindingStatus::FixedInstalledNotRunning, "exploitable", "affected"},
        {FindingStatus::Fixed, "resolved", "unaffected"},
        {FindingStatus::NotAffected, "not_affected", "unaffected"},
        {FindingStatus::UnderInvestigation, "in_triage", "unknown"},
        {FindingStatus::Unknown, "in_triage", "unknown"},
    };
    for (const auto& [status, state, version] : cases) {
        AScan scan;
        scan.has("a", "1").with("CVE-1", status);

        const ParsedJson bom(scan_cyclonedx(scan.report()));

        EXPECT_EQ(bom.text("/vulnerabilities/0/analysis/state"), state);
        EXPECT_EQ(bom.text("/vulnerabilities/0/affects/0/versions/0/status"), version);
        EXPECT_EQ(
            bom.has("/vulnerabilities/0/recommendation"),
            state != "resolved" && state != "not_affected");
    }
}

TEST(ScanCycloneDx, SeparatesTheVerdictsOfOneVulnerability) {
    AScan scan;
    scan.has("a", "1").with("CVE-1", FindingStatus::AffectedNoFix).because_of("will_not_fix");
    scan.has("b", "1").with("CVE-1", FindingStatus::NotAffected).because_of("outside_ranges");

    const ParsedJson bom(scan_cyclonedx(scan.report()));

    EXPECT_EQ(bom.size("/vulnerabilities"), 2U);
    EXPECT_EQ(bom.text("/vulnerabilities/0/analysis/response/0"), "will_not_fix");
    EXPECT_EQ(bom.text("/vulnerabilities/1/analysis/justification"), "code_not_present");
    EXPECT_EQ(bom.size("/vulnerabilities/1/affects"), 1U);
}

TEST(ScanCycloneDx, MarksWhatCouldNotBeJudged) {
    AScan scan;
    fill(scan);

    const ParsedJson bom(scan_cyclonedx(scan.report()));

    EXPECT_EQ(properties(bom, "/components/2").at("thimble:unjudged"), "third_party_package");
    EXPECT_FALSE(properties(bom, "/components/1").contains("thimble:unjudged"));
    EXPECT_EQ(properties(bom, "").at("thimble:gap:assess.stale_feed"), "feed osv is old");
}

TEST(ScanCycloneDx, RatesByWordWhereThereIsNoVector) {
    AScan scan;
    scan.has("a", "1").with("CVE-1", FindingStatus::AffectedNoFix);
    scan.facts("CVE-1").cvss.severity = model::Severity::High;

    const ParsedJson bom(scan_cyclonedx(scan.report()));

    EXPECT_EQ(bom.text("/vulnerabilities/0/ratings/0/severity"), "high");
    EXPECT_EQ(bom.text("/vulnerabilities/0/ratings/0/method"), "other");
    EXPECT_FALSE(bom.has("/vulnerabilities/0/ratings/0/score"));
}

TEST(ScanCycloneDx, LeavesOutVectorsThatCannotBeRead) {
    AScan scan;
    scan.has("a", "1").with("CVE-1", FindingStatus::AffectedNoFix);
    scan.facts("CVE-1").cvss_vectors = {"CVSS:3.1/AV:N", "AV:N/AC:L/Au:N/C:P/I:P/A:P"};

    const ParsedJson bom(scan_cyclonedx(scan.report()));

    EXPECT_EQ(bom.size("/vulnerabilities/0/ratings"), 1U);
    EXPECT_EQ(bom.text("/vulnerabilities/0/ratings/0/method"), "CVSSv2");
}

TEST(ScanCycloneDx, CutsVersionsToTheSchemasLimit) {
    AScan scan;
    scan.has("a", std::string(5000, '1'));

    const ParsedJson bom(scan_cyclonedx(scan.report()));

    EXPECT_EQ(bom.text("/components/1/version").size(), 1024U);
}

TEST(ScanCycloneDx, NamesTheDocumentByItsContent) {
    AScan scan;
    scan.has("a", "1");
    AScan changed;
    changed.has("a", "2");
    AScan elsewhere;
    elsewhere.has("a", "1").inventory().host = "web2";

    const std::string serial = ParsedJson(scan_cyclonedx(scan.report())).text("/serialNumber");

    EXPECT_EQ(serial.size(), 45U);
    EXPECT_EQ(ParsedJson(scan_cyclonedx(scan.report())).text("/serialNumber"), serial);
    EXPECT_NE(ParsedJson(scan_cyclonedx(changed.report())).text("/serialNumber"), serial);
    EXPECT_NE(ParsedJson(scan_cyclonedx(elsewhere.report())).text("/serialNumber"), serial);
}

}  // namespace
}  // namespace thimble::report
