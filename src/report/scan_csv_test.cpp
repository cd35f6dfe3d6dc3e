#include "thimble/report/scan_csv.hpp"

#include "thimble/report/report_builder_test.hpp"

namespace thimble::report {
namespace {

using model::FindingStatus;

constexpr std::string_view kHeader =
    "host,vulnerability,package,version,architecture,source,source_version,purl,status,reason,"
    "fixed_version,outcome,due,rule,kev,exploited,public_exploit,epss,cvss,severity,"
    "called_unimportant_by\r\n";

TEST(ScanCsv, IsAHeaderRowWhenNothingIsOpen) {
    AScan scan;
    scan.has("a", "1").with("CVE-1", FindingStatus::Fixed);

    EXPECT_EQ(scan_csv(scan.report()), kHeader);
}

TEST(ScanCsv, WritesARowForEachOpenFinding) {
    AScan scan;
    fill(scan);

    EXPECT_EQ(
        scan_csv(scan.report()),
        std::string(kHeader)
            + "web1,CVE-2023-38545,curl,7.88.1-10+deb12u3,amd64,curl,7.88.1-10+deb12u3,"
              "pkg:deb/debian/curl@7.88.1-10%2Bdeb12u3?arch=amd64&distro=debian-12,"
              "affected_fix_available,,7.88.1-10+deb12u4,immediate,2026-11-20,BOD 26-04 row 0,yes,"
              "yes,yes,0.264560,9.8,Critical,\r\n"
              "web1,CVE-2024-0001,curl,7.88.1-10+deb12u3,amd64,curl,7.88.1-10+deb12u3,"
              "pkg:deb/debian/curl@7.88.1-10%2Bdeb12u3?arch=amd64&distro=debian-12,"
              "affected_no_fix,postponed,,defer,,BOD 26-04 row 0,no,no,no,,,Unknown,\r\n"
              "web1,,bar,1.0,amd64,bar,1.0,"
              "pkg:deb/debian/bar@1.0?arch=amd64&distro=debian-12,"
              "unknown,third_party_package,,defer,,BOD 26-04 row 0,no,no,no,,,Unknown,\r\n");
}

TEST(ScanCsv, NamesWhoCallsAFindingUnimportant) {
    AScan scan;
    scan.has("nginx", "1").with("CVE-1", FindingStatus::AffectedNoFix);
    scan.finding().called_unimportant_by = "Debian";

    EXPECT_TRUE(scan_csv(scan.report()).ends_with(",Unknown,Debian\r\n"));
}

std::string first_cell(std::string host) {
    AScan scan;
    scan.inventory().host = std::move(host);
    scan.has("a", "1").with("CVE-1", FindingStatus::AffectedNoFix);
    const std::string csv = scan_csv(scan.report()).substr(kHeader.size());
    return csv.substr(0, csv.find(",CVE-1,"));
}

TEST(ScanCsv, KeepsSpreadsheetsFromSeeingFormulas) {
    EXPECT_EQ(first_cell("=1+1"), "'=1+1");
    EXPECT_EQ(first_cell("+1"), "'+1");
    EXPECT_EQ(first_cell("-1"), "'-1");
    EXPECT_EQ(first_cell("@SUM(A1)"), "'@SUM(A1)");
    EXPECT_EQ(first_cell("\t=1"), "'?=1");
    EXPECT_EQ(first_cell("\r=1"), "'?=1");
    EXPECT_EQ(first_cell("a=1"), "a=1");
}

TEST(ScanCsv, QuotesCommasAndQuotes) {
    EXPECT_EQ(first_cell("a,b"), "\"a,b\"");
    EXPECT_EQ(first_cell("a\"b"), "\"a\"\"b\"");
    EXPECT_EQ(first_cell("=\"a\""), "\"'=\"\"a\"\"\"");
}

TEST(ScanCsv, HasNoControlCharactersInCells) {
    EXPECT_EQ(first_cell("a\nb\x1b[2J\xff"), "a?b?[2J?");
}

TEST(ScanCsv, WritesProbabilitiesWithSixDecimals) {
    AScan scan;
    scan.has("a", "1").with("CVE-1", FindingStatus::AffectedNoFix);
    scan.facts("CVE-1").epss = model::EpssScore{1'000'000, 0, on("2026-11-22"), ""};

    EXPECT_NE(scan_csv(scan.report()).find(",no,1.000000,,"), std::string::npos);
}

}  // namespace
}  // namespace thimble::report
