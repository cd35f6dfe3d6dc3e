#include "thimble/report/scan_report.hpp"

#include "thimble/model/blocker_names.hpp"
#include "thimble/model/purl.hpp"
#include "thimble/report/report_builder_test.hpp"

#include <rapidcheck.h>

namespace thimble::report {
namespace {

using model::FindingStatus;

TEST(Summarise, CountsPatchesByState) {
    AScan scan;
    scan.has("a", "1").patch("2").due.due = on("2026-11-22");
    scan.has("b", "1").patch("2").blocked_reason = "not_offered";
    scan.has("c", "1").patch("2").blockers = {{model::BlockerKind::Hold, ""}};
    scan.has("d", "1").patch("2").installed = true;

    const ScanSummary summary = summarise(scan.report());

    EXPECT_EQ(summary.pending, 2U);
    EXPECT_EQ(summary.blocked, 2U);
    EXPECT_EQ(summary.overdue, 1U);
}

TEST(Summarise, TakesAPatchForOverdueAfterItsDueDate) {
    AScan scan;
    scan.has("a", "1").patch("2").due.due = on("2026-11-23");
    EXPECT_EQ(summarise(scan.report()).overdue, 0U);

    scan.judged_on("2026-11-23T23:59:59Z");
    EXPECT_EQ(summarise(scan.report()).overdue, 0U) << "the day itself still counts";

    scan.judged_on("2026-11-24");
    EXPECT_EQ(summarise(scan.report()).overdue, 1U);
}

TEST(Summarise, CountsWhatHasNoFixAndADeadlineThatHasPassed) {
    AScan scan;
    scan.judged_on("2026-11-24");
    scan.has("a", "1").with("CVE-1", FindingStatus::AffectedNoFix).due("2026-11-23");
    scan.has("b", "1").with("CVE-1", FindingStatus::AffectedNoFix).due("2026-11-23");
    scan.with("CVE-2", FindingStatus::UnderInvestigation).due("2026-11-01");
    scan.with("CVE-3", FindingStatus::AffectedNoFix).due("2026-11-24");
    scan.with("CVE-4", FindingStatus::Fixed).due("2026-11-01");

    EXPECT_EQ(summarise(scan.report()).overdue, 2U);
}

TEST(Summarise, CountsVulnerabilitiesOnceAndPackagesOnce) {
    AScan scan;
    scan.has("a", "1").with("CVE-1", FindingStatus::AffectedNoFix).decision().kev = true;
    scan.has("b", "1").with("CVE-1", FindingStatus::AffectedNoFix);
    scan.decision().exploited_elsewhere = true;
    scan.has("c", "1").with("CVE-2", FindingStatus::Unknown).with("CVE-3", FindingStatus::Unknown);

    const ScanSummary summary = summarise(scan.report());

    EXPECT_EQ(summary.exploited, 1U);
    EXPECT_EQ(summary.open_without_fix, 1U);
    EXPECT_EQ(summary.unknown, 1U);
}

TEST(Summarise, LeavesOutWhatIsClosed) {
    AScan scan;
    scan.has("a", "1").with("CVE-1", FindingStatus::Fixed).decision().kev = true;
    scan.with("CVE-2", FindingStatus::NotAffected).decision().kev = true;

    EXPECT_EQ(summarise(scan.report()), ScanSummary{});
}

ToldSummary told(const AScan& scan) {
    const ScanReport report = scan.report();
    return told_summary(report, summarise(report));
}

/// Advisories and KEV of yesterday, and repositories that were asked.
void know_everything(AScan& scan) {
    scan.has("a", "1").checked_against("osv", "2026-11-22", 1);
    scan.checked_against("kev", "2026-11-22", 1).inventory().index.asked = true;
}

TEST(ToldSummary, SaysZeroWhenEverythingWasKnown) {
    AScan scan;
    know_everything(scan);

    EXPECT_EQ(told(scan), (ToldSummary{0U, 0U, 0U, 0U, 0U}));
}

TEST(ToldSummary, SaysNothingWithoutACatalog) {
    AScan scan;
    scan.has("a", "1").inventory().index.asked = true;

    EXPECT_EQ(told(scan), ToldSummary{});
}

TEST(ToldSummary, SaysNothingForAHostThatNoAdvisoryIsAbout) {
    for (const char* code :
         {"assess.no_section",
          "assess.sources_unreadable",
          "assess.unknown_distribution",
          "assess.end_of_life",
          "assess.no_packages",
          "inventory.rpm_not_read"}) {
        AScan scan;
        know_everything(scan);
        scan.gap(code, "");

        EXPECT_EQ(told(scan), ToldSummary{}) << code;
    }
}

TEST(ToldSummary, KnowsNoExploitationWithoutACurrentKev) {
    AScan without;
    without.has("a", "1").checked_against("osv", "2026-11-22", 1).inventory().index.asked = true;
    EXPECT_EQ(told(without), (ToldSummary{{}, {}, 0U, 0U, 0U}));

    AScan stale;
    know_everything(stale);
    stale.feeds().back().stale = true;
    EXPECT_EQ(told(stale), (ToldSummary{{}, {}, 0U, 0U, 0U}));
}

TEST(ToldSummary, KnowsNothingFromStaleAdvisories) {
    for (const char* feed : {"osv", "debian-tracker"}) {
        AScan scan;
        know_everything(scan);
        scan.checked_against(feed, "2026-01-01", 1).feeds().back().stale = true;

        EXPECT_EQ(told(scan), ToldSummary{}) << feed;
    }
    AScan scores;
    know_everything(scores);
    scores.checked_against("epss", "2026-01-01", 1).feeds().back().stale = true;
    EXPECT_EQ(told(scores), (ToldSummary{0U, 0U, 0U, 0U, 0U})) << "a score hides nothing";
}

TEST(ToldSummary, KnowsNoBlockerWhenNobodyAskedForOffers) {
    AScan scan;
    know_everything(scan);
    scan.inventory().index.asked = false;

    EXPECT_EQ(told(scan), (ToldSummary{0U, 0U, 0U, {}, 0U}));
}

TEST(ToldSummary, SaysWhatWasFoundAllTheSame) {
    AScan scan;
    scan.has("a", "1").with("CVE-1", FindingStatus::AffectedNoFix).decision().kev = true;
    scan.patch("2").due.due = on("2026-11-01");
    scan.has("b", "1").patch("2").blocked_reason = "not_offered";

    EXPECT_EQ(
        told(scan),
        (ToldSummary{
            1U,
            1U,
            1U,
            1U,
            1U,
            {"overdue", "exploited", "pending", "blocked", "open_without_fix"}}));
}

TEST(ToldSummary, CallsWhatWasFoundALowerBoundWhereAFeedIsWanting) {
    AScan without;
    without.has("a", "1").with("CVE-1", FindingStatus::AffectedNoFix).decision().kev = true;
    without.checked_against("osv", "2026-11-22", 1);
    EXPECT_EQ(told(without).lower_bounds, std::vector<std::string_view>{"exploited"});

    without.checked_against("kev", "2026-11-22", 1);
    EXPECT_TRUE(told(without).lower_bounds.empty());
    without.feeds().back().stale = true;
    EXPECT_EQ(told(without).lower_bounds, std::vector<std::string_view>{"exploited"});
}

TEST(NotInKev, NamesTheDateAndWhatItIsWorth) {
    AScan scan;
    EXPECT_EQ(not_in_kev(scan.report().feeds), "KEV is not in this catalog: exploitation unknown");
    scan.checked_against("kev", "2026-11-20", 1500);
    EXPECT_EQ(not_in_kev(scan.report().feeds), "not in KEV of 2026-11-20");
    scan.feeds()[0].stale = true;
    EXPECT_EQ(
        not_in_kev(scan.report().feeds),
        "not in KEV of 2026-11-20, which is stale: exploitation since then unknown");
    scan.feeds()[0].stale = false;
    scan.feeds()[0].undated = true;
    EXPECT_EQ(
        not_in_kev(scan.report().feeds),
        "not in KEV as copied on 2026-11-20, whose own date is not told");
    scan.feeds()[0].as_of.reset();
    EXPECT_EQ(not_in_kev(scan.report().feeds), "not in KEV, whose date is not told");
}

TEST(Readiness, IsThatOfThePackageManager) {
    model::Patch patch;
    EXPECT_EQ(readiness_name(readiness_of(patch)), "offer_unknown");

    patch.offered = true;
    EXPECT_EQ(readiness_name(readiness_of(patch)), "ready");

    patch.blocked_reason = "not_offered";
    EXPECT_EQ(readiness_name(readiness_of(patch)), "blocked");

    patch.installed = true;
    EXPECT_EQ(readiness_name(readiness_of(patch)), "installed_not_live");
}

int exit_status(const AScan& scan) {
    const ScanReport report = scan.report();
    return scan_exit_status(report, summarise(report));
}

TEST(ScanExitStatus, IsTwoWhereAnArchiveHasNoIndex) {
    AScan scan;
    scan.has("a", "1").checked_against("osv", "2026-11-22", 1);
    scan.gap("inventory.no_index", "there is no index of x");

    EXPECT_EQ(exit_status(scan), 2);
}

TEST(ScanExitStatus, IsZeroWhenAllWasCheckedAndNothingIsDue) {
    AScan scan;
    scan.has("a", "1").checked_against("osv", "2026-11-22", 1);
    scan.gap("inventory.listeners_unknown", "not root");

    EXPECT_EQ(exit_status(scan), 0);
}

TEST(ScanExitStatus, IsOneWhenThereIsAPatch) {
    AScan scan;
    scan.has("a", "1").with("", FindingStatus::Unknown).patch("2");
    scan.gap("assess.no_catalog", "");

    EXPECT_EQ(exit_status(scan), 1);
}

TEST(ScanExitStatus, IsOneForAnExploitedVulnerabilityWithoutAFix) {
    AScan scan;
    scan.has("p", "1").with("CVE-1", FindingStatus::AffectedNoFix).decision().kev = true;

    EXPECT_EQ(exit_status(scan), 1);
}

TEST(ScanExitStatus, IsTwoWhenSomethingCouldNotBeJudged) {
    AScan gap;
    gap.checked_against("osv", "2026-11-22", 1).gap("assess.stale_feed", "");
    EXPECT_EQ(exit_status(gap), 2);

    AScan unknown;
    unknown.checked_against("osv", "2026-11-22", 1).has("a", "1").with("", FindingStatus::Unknown);
    EXPECT_EQ(exit_status(unknown), 2);
}

TEST(ScanExitStatus, IsTwoWithoutACatalog) {
    AScan scan;

    EXPECT_EQ(exit_status(scan), 2);
}

TEST(BlockerName, IsStable) {
    EXPECT_EQ(model::blocker_name(model::BlockerKind::Hold), "hold");
    EXPECT_EQ(
        model::blocker_name(model::BlockerKind::PackageManagerInterrupted),
        "package_manager_interrupted");
    EXPECT_EQ(model::blocker_name(model::BlockerKind::RepositoryUnreachable), "repo_unreachable");
    EXPECT_EQ(restart_name(model::Restart::Services), "services");
}

std::string purl_of(const std::string& type, const std::string& name, const std::string& version) {
    AScan scan;
    scan.has(name, version).package().type = type;
    return package_purl(scan.inventory(), scan.package());
}

TEST(PackagePurl, NamesDistributionAndArchitecture) {
    EXPECT_EQ(
        purl_of("deb", "libstdc++6", "1:12.2~0-14+b1"),
        "pkg:deb/debian/libstdc%2B%2B6@1:12.2~0-14%2Bb1?arch=amd64&distro=debian-12");
}

TEST(PackagePurl, LeavesOutTheDistributionForLanguagePackages) {
    EXPECT_EQ(purl_of("npm", "@angular/core", "1.0"), "pkg:npm/%40angular/core@1.0");
}

TEST(PackagePurl, GivesTheEpochOfAnRpmAsAQualifier) {
    EXPECT_EQ(
        purl_of("rpm", "bind", "32:9.16-1.el9"),
        "pkg:rpm/debian/bind@9.16-1.el9?arch=amd64&distro=debian-12&epoch=32");
}

TEST(PackagePurl, FoldsTheNameWhereTheTypeDoes) {
    EXPECT_EQ(purl_of("pypi", "Flask_Login", "1"), "pkg:pypi/flask-login@1");
}

TEST(PackagePurl, IsCanonicalWhateverTheDatabaseSays) {
    EXPECT_TRUE(rc::check([] {
        AScan scan;
        scan.has(
            "a" + *rc::gen::arbitrary<std::string>(), "1" + *rc::gen::arbitrary<std::string>());
        scan.package().architecture = *rc::gen::arbitrary<std::string>();
        scan.package().type = *rc::gen::element<std::string>("deb", "rpm", "apk", "npm", "pypi");

        const std::string purl = package_purl(scan.inventory(), scan.package());

        const auto parsed = model::parse_purl(purl);
        RC_ASSERT(parsed.has_value());
        RC_ASSERT(model::format_purl(*parsed) == purl);
    }));
}

TEST(PackagePurl, IsGenericWhereTheTypesRulesAllowNone) {
    EXPECT_EQ(purl_of("deb", "", "1"), "pkg:generic/unnamed@1");
}

TEST(RestartName, IsStable) {
    EXPECT_EQ(restart_name(model::Restart::None), "none");
    EXPECT_EQ(restart_name(model::Restart::Reboot), "reboot");
    EXPECT_EQ(restart_name(model::Restart::Unknown), "unknown");
    EXPECT_EQ(restart_name(static_cast<model::Restart>(99)), "unknown");
}

}  // namespace
}  // namespace thimble::report
