#include "thimble/assess/assess.hpp"

#include "thimble/assess/changelog_evidence.hpp"
#include "thimble/assess/host_gaps.hpp"
#include "thimble/assess/host_sections.hpp"
#include "thimble/assess/inventory_builder_test.hpp"
#include "thimble/assess/kernel_package.hpp"
#include "thimble/assess/release_support.hpp"
#include "thimble/catalog/advisory_builder_test.hpp"

#include <gtest/gtest.h>

namespace thimble::assess {
namespace {

using catalog::ACatalog;
using catalog::AnAdvisory;
using model::Claim;

bool has_gap(const model::Assessment& assessment, std::string_view code) {
    return std::any_of(
        assessment.gaps.begin(), assessment.gaps.end(), [code](const model::Gap& gap) {
            return gap.code == code;
        });
}

model::Assessment assessment_of(const AHost& host, const catalog::Catalog* catalog) {
    AssessOptions options;
    options.now = *parse_instant("2026-11-01");
    return *assess(host.inventory(), catalog, options);
}

ACatalog bookworm() {
    return ACatalog(
        {AnAdvisory("DSA-1").about({"CVE-1"}).affects("Debian:12", "p", "0", "2")},
        {},
        {{"osv", *parse_instant("2026-10-31"), Days{2}, 1, 0, {}, {}}});
}

TEST(Assess, SaysNothingOfAFixedPackageUnlessAsked) {
    AHost host("debian", "12");
    host.has("deb", "p", "2");

    EXPECT_TRUE(assessment_of(host, &*bookworm()).findings.empty());
    EXPECT_EQ(said_of("CVE-1", host, &*bookworm()), "fixed 2");
}

TEST(Assess, AnOfferBelowTheFixDoesNotCloseIt) {
    const ACatalog catalog = bookworm();
    AHost host("debian", "12");
    host.has("deb", "p", "1").is_offered("p", "1.5");
    AHost enough("debian", "12");
    enough.has("deb", "p", "1").is_offered("p", "2.1");

    EXPECT_EQ(said_of("CVE-1", host, &*catalog), "affected_fix_not_in_my_repos 2 (not_offered)");
    EXPECT_EQ(said_of("CVE-1", enough, &*catalog), "affected_fix_available 2");
}

TEST(Assess, AFixThatNobodyAskedForIsNotCalledOffered) {
    const ACatalog catalog = bookworm();
    AHost host("debian", "12");
    host.has("deb", "p", "1");
    AHost asked("debian", "12");
    asked.has("deb", "p", "1").is_offered("p", "2");

    const model::Assessment unknown = assessment_of(host, &*catalog);
    EXPECT_EQ(unknown.findings.at(0).reason, "offers_not_asked");
    EXPECT_TRUE(has_gap(unknown, "inventory.offers_not_asked"));

    const model::Assessment known = assessment_of(asked, &*catalog);
    EXPECT_EQ(known.findings.at(0).reason, "");
    EXPECT_FALSE(has_gap(known, "inventory.offers_not_asked"));

    host.inventory().gaps.push_back({"inventory.no_offers", "apt did not answer", ""});
    EXPECT_FALSE(has_gap(assessment_of(host, &*catalog), "inventory.offers_not_asked"))
        << "the inventory's own words say why";
}

TEST(Assess, AVersionThatCannotBeOrderedIsUnknown) {
    AHost host("debian", "12");
    host.has("deb", "p", "not a version");

    EXPECT_EQ(said_of("CVE-1", host, &*bookworm()), "unknown (version_not_orderable)");
}

TEST(Assess, AnUnknownDistributionIsUnknownPackageByPackage) {
    AHost host("plan9", "4");
    host.has("deb", "p", "1");

    EXPECT_EQ(said_of("", host, &*bookworm()), "unknown (unknown_distribution)");
    EXPECT_TRUE(has_gap(assessment_of(host, &*bookworm()), "assess.unknown_distribution"));
}

TEST(Assess, ARunningKernelOfNoPackageIsUnknown) {
    const ACatalog catalog({AnAdvisory("CVE-1").affects("Debian:12", "linux", "0", "6.1.124-1")});
    AHost host("debian", "12");
    host.has("deb", "linux-image-6.1.0-28-amd64", "6.1.119-1")
        .from_source("linux-signed-amd64", "6.1.119+1")
        .runs_kernel("6.9.9-custom");

    EXPECT_EQ(said_of("", host, &*catalog), "unknown (running_kernel_not_installed)");
}

TEST(Assess, AHostWithoutPackagesIsNoProofOfAnything) {
    EXPECT_TRUE(has_gap(assessment_of(AHost("debian", "12"), &*bookworm()), "assess.no_packages"));
}

TEST(Assess, WithoutACatalogEverythingIsUnknown) {
    AHost host("debian", "12");
    host.has("deb", "p", "1");

    EXPECT_EQ(said_of("", host, nullptr), "unknown (no_catalog)");
    EXPECT_TRUE(has_gap(assessment_of(host, nullptr), "assess.no_catalog"));
}

TEST(Assess, AStaleIndexAndAStaleFeedAreGaps) {
    AHost host("debian", "12");
    host.has("deb", "p", "2").is_offered_nothing();
    host.inventory().index.refreshed_at = *parse_instant("2026-10-30");
    const ACatalog stale(
        {AnAdvisory("DSA-1").about({"CVE-1"}).affects("Debian:12", "p", "0", "2")},
        {},
        {{"kev", *parse_instant("2026-10-01"), Days{2}, 1, 0, {}, {}}});

    EXPECT_TRUE(has_gap(assessment_of(host, &*stale), "assess.index_stale"));
    EXPECT_TRUE(has_gap(assessment_of(host, &*stale), "assess.feed_stale"));
    EXPECT_FALSE(has_gap(assessment_of(host, &*bookworm()), "assess.feed_stale"));
}

TEST(Assess, AHostWithoutASecurityArchiveIsAGap) {
    AHost host("debian", "12");
    host.has("deb", "p", "2").is_offered_nothing();
    host.inventory().os.version_codename = "bookworm";
    const auto gaps = [&host] {
        return assessment_of(host, nullptr);
    };
    EXPECT_FALSE(has_gap(gaps(), "inventory.no_archive")) << "the package manager does not tell";

    host.inventory().index.archives.emplace();
    EXPECT_TRUE(has_gap(gaps(), "inventory.no_archive"));
    EXPECT_FALSE(has_gap(gaps(), "inventory.no_security_archive"));

    model::OfferOrigin main;
    main.codename = "bookworm";
    host.inventory().index.archives = {main};
    EXPECT_FALSE(has_gap(gaps(), "inventory.no_archive"));
    EXPECT_TRUE(has_gap(gaps(), "inventory.no_security_archive"));
    const auto found = gaps().gaps;
    const auto gap = std::ranges::find(found, "inventory.no_security_archive", &model::Gap::code);
    EXPECT_EQ(
        gap->next,
        "add 'deb http://security.debian.org/debian-security bookworm-security main' to "
        "/etc/apt/sources.list, then apt-get update");

    model::OfferOrigin security;
    security.label = "Debian-Security";
    security.codename = "bookworm-security";
    host.inventory().index.archives = {main, security};
    EXPECT_FALSE(has_gap(gaps(), "inventory.no_security_archive"));
}

/// Codes of what is said of the archives of bookworm, each with the next step.
std::string archive_gaps_of(
    const std::vector<model::OfferOrigin>& archives,
    const std::vector<model::UnfetchedArchive>& unfetched,
    const char* id = "debian") {
    AHost host(id, "12");
    host.has("deb", "p", "2").is_offered_nothing();
    host.inventory().os.version_codename = "bookworm";
    host.inventory().index.archives = archives;
    host.inventory().index.unfetched = unfetched;
    std::string said;
    for (const model::Gap& gap : assessment_of(host, nullptr).gaps) {
        if (is_index_gap(gap) && gap.code.starts_with("inventory.")) {
            said += gap.code + ": " + gap.next.substr(0, 14) + "; ";
        }
    }
    return said;
}

TEST(Assess, AnArchiveThatWasNeverFetchedIsNoMissingOne) {
    const std::string refresh = "inventory.no_index: apt-get update; ";
    const std::string add = "inventory.no_security_archive: add 'deb http:; ";
    const model::UnfetchedArchive main{"http://deb.debian.org/debian", "bookworm"};
    const model::UnfetchedArchive security{
        "http://security.debian.org/debian-security", "bookworm-security"};
    model::OfferOrigin fetched;
    fetched.codename = "bookworm";
    model::OfferOrigin carries;
    carries.codename = "bookworm-security";

    EXPECT_EQ(archive_gaps_of({}, {main, security}), refresh) << "never apt-get update";
    EXPECT_EQ(archive_gaps_of({fetched}, {security}), refresh);
    EXPECT_EQ(archive_gaps_of({fetched, carries}, {}), "");
    EXPECT_EQ(archive_gaps_of({fetched, carries}, {security}), refresh) << "as another carries";
    EXPECT_EQ(archive_gaps_of({fetched, carries}, {{"https://vendor.example", "stable"}}), refresh)
        << "which has fixes of its own packages";
    EXPECT_EQ(archive_gaps_of({}, {main}), refresh + add);
    EXPECT_EQ(archive_gaps_of({fetched}, {main}), refresh + add);
    EXPECT_EQ(archive_gaps_of({}, {main}, "raspbian"), refresh) << "which has no such archive";
}

TEST(Assess, ManyArchivesWithoutAnIndexAreCounted) {
    AHost host("debian", "");
    host.has("deb", "p", "2").is_offered_nothing();
    host.inventory().index.archives.emplace();
    for (const char* suite : {"a", "b", "c", "d", "bookworm-security"}) {
        host.inventory().index.unfetched.push_back({"http://x", suite});
    }

    const auto gaps = assessment_of(host, nullptr).gaps;
    const auto gap = std::ranges::find(gaps, "inventory.no_index", &model::Gap::code);

    ASSERT_NE(gap, gaps.end());
    EXPECT_EQ(
        gap->detail,
        "there is no index of http://x bookworm-security, http://x a, http://x b and 2 more: what "
        "it "
        "has is not offered");
}

std::string refresh_told_to(AHost host) {
    host.inventory().index.asked = true;
    for (const model::Gap& gap : assessment_of(host, nullptr).gaps) {
        if (gap.code == "assess.index_age_unknown") {
            return gap.next;
        }
    }
    return "";
}

TEST(Assess, AnIndexOfUnknownAgeIsRefreshedByTheHostsOwnPackageManager) {
    EXPECT_EQ(refresh_told_to(AHost("debian", "12").has("deb", "p", "1")), "apt-get update");
    EXPECT_EQ(refresh_told_to(AHost("almalinux", "9").has("rpm", "p", "1")), "dnf makecache");
    EXPECT_EQ(
        refresh_told_to(AHost("opensuse-leap", "15.6").has("rpm", "p", "1")), "zypper refresh");
    AHost relative("other", "1");
    relative.inventory().os.id_like = {"suse"};
    EXPECT_EQ(refresh_told_to(relative.has("rpm", "p", "1")), "zypper refresh");
}

TEST(Assess, FeedsWithoutADateAreAGapThatLeavesNothingUnjudged) {
    AHost host("debian", "12");
    host.has("deb", "p", "2");
    const ACatalog catalog(
        {AnAdvisory("DSA-1").about({"CVE-1"}).affects("Debian:12", "p", "0", "2")},
        {},
        {{"osv", *parse_instant("2026-10-31"), Days{2}, 1, 0, {}, {}, true}});

    EXPECT_TRUE(has_gap(assessment_of(host, &*catalog), "catalog.feeds_undated"));
    EXPECT_FALSE(has_gap(assessment_of(host, &*catalog), "assess.feed_stale"));
    EXPECT_FALSE(has_gap(assessment_of(host, &*bookworm()), "catalog.feeds_undated"));
}

TEST(Assess, OneSyncIsNamedForAllStaleFeeds) {
    AHost host("debian", "12");
    host.has("deb", "p", "2");
    const Instant old = *parse_instant("2026-01-01");
    const auto next_of = [&host](std::initializer_list<catalog::Source> sources) {
        const ACatalog catalog(
            {AnAdvisory("DSA-1").about({"CVE-1"}).affects("Debian:12", "p", "0", "2")},
            {},
            sources);
        const model::Assessment assessment = assessment_of(host, &*catalog);
        const auto gap = std::ranges::find(assessment.gaps, "assess.feed_stale", &model::Gap::code);
        return gap == assessment.gaps.end() ? std::string() : gap->next;
    };

    EXPECT_EQ(next_of({{"kev", old, Days{2}, 1, 0, {}, {}}}), "thimble feeds sync kev");
    EXPECT_EQ(
        next_of({{"kev", old, Days{2}, 1, 0, {}, {}}, {"osv", old, Days{2}, 1, 0, {}, {}}}),
        "thimble feeds sync");
}

TEST(Assess, AChangelogNamesWhatNoFeedKnows) {
    const ACatalog catalog = bookworm();
    AHost host("debian", "12");
    host.has("deb", "q", "1").is_offered("q", "3");
    host.inventory().changelogs.push_back(
        {"q", "1", "3", {"CVE-2026-9"}, "high", {}, "q_3_amd64.deb"});
    AHost known("debian", "12");
    known.has("deb", "p", "2").is_offered("p", "3");
    known.inventory().changelogs.push_back({"p", "2", "3", {"CVE-1"}, "high", {}, "p_3_amd64.deb"});

    EXPECT_EQ(said_of("CVE-2026-9", host, &*catalog), "affected_fix_available 3");
    EXPECT_EQ(said_of("CVE-1", known, &*catalog), "fixed 2")
        << "the tracker has a word on it, and it decides";
}

TEST(Assess, AChangelogThatNobodyReadIsAGapUntilItIsThere) {
    const ACatalog catalog = bookworm();
    AHost host("debian", "12");
    host.has("deb", "q", "1").is_offered("q", "3");
    EXPECT_FALSE(has_gap(assessment_of(host, &*catalog), "inventory.no_changelog"))
        << "not a security update";

    host.inventory().offers.front().security = true;
    EXPECT_TRUE(has_gap(assessment_of(host, &*catalog), "inventory.no_changelog"));

    host.inventory().changelogs.push_back({"q", "1", "2", {}, "high", {}, "q_2_amd64.deb"});
    EXPECT_TRUE(has_gap(assessment_of(host, &*catalog), "inventory.no_changelog"))
        << "of another update";

    host.inventory().changelogs.front().to_version = "3";
    EXPECT_FALSE(has_gap(assessment_of(host, &*catalog), "inventory.no_changelog"));
}

TEST(UnreadWords, CountAndNameThePatchesThatMayCloseMore) {
    AHost host("debian", "12");
    host.has("deb", "p", "1");
    EXPECT_EQ(unread_words(host.inventory()), "");
    host.is_offered("p", "2").inventory().offers.back().security = true;
    EXPECT_EQ(
        unread_words(host.inventory()), "1 offered patch (p) may, as its changelog was not read");
    for (const char* name : {"a", "b", "c", "d", "e"}) {
        host.is_offered(name, "2").inventory().offers.back().security = true;
    }
    EXPECT_EQ(
        unread_words(host.inventory()),
        "6 offered patches (a, b, c, d, e and 1 more) may, as their changelogs were not read");
}

TEST(LeftToChangelogs, IsWhatNoRecordClosesAndAnUnreadUpdateMay) {
    AHost host("debian", "12");
    host.has("deb", "p", "1").has("deb", "q", "1");
    model::Assessment all;
    all.vulnerabilities.resize(2);
    all.vulnerabilities[1].id = "CVE-1";
    model::Finding& finding = all.findings.emplace_back();
    finding.vulnerability = 1;
    const auto left = [&](model::FindingStatus status) {
        all.findings.front().status = status;
        return left_to_changelogs(host.inventory(), all, {"CVE-1", "CVE-2"});
    };
    using Ids = std::vector<std::string>;

    EXPECT_EQ(left(model::FindingStatus::AffectedNoFix), Ids()) << "there is no update";
    host.is_offered("q", "2");
    EXPECT_EQ(left(model::FindingStatus::AffectedNoFix), Ids()) << "that is of another source";
    host.is_offered("p", "2");
    for (const auto status :
         {model::FindingStatus::AffectedNoFix,
          model::FindingStatus::UnderInvestigation,
          model::FindingStatus::Unknown}) {
        EXPECT_EQ(left(status), Ids{"CVE-1"}) << finding_status_name(status);
    }
    EXPECT_EQ(left(model::FindingStatus::NotAffected), Ids());
    EXPECT_EQ(left(model::FindingStatus::Fixed), Ids());
    host.inventory().offers.back().security = true;
    EXPECT_EQ(left(model::FindingStatus::AffectedNoFix), (Ids{"CVE-1", "CVE-2"}));
    EXPECT_EQ(left(model::FindingStatus::Fixed), Ids{"CVE-2"});
    host.inventory().changelogs.push_back({"p", "1", "2", {}, "high", {}, "p_2_amd64.deb"});
    EXPECT_EQ(left(model::FindingStatus::AffectedNoFix), Ids());
}

TEST(Assess, AChangelogThatCouldNotBeReadIsSaidOnce) {
    const ACatalog catalog = bookworm();
    AHost host("debian", "12");
    host.has("deb", "q", "1").is_offered("q", "3");
    host.inventory().offers.front().security = true;
    host.inventory().gaps.push_back({"inventory.no_changelog", "q: no route", ""});

    EXPECT_EQ(
        std::ranges::count(
            assessment_of(host, &*catalog).gaps, "inventory.no_changelog", &model::Gap::code),
        1);
}

TEST(Assess, ChangelogsOfRpmPackagesAreNotAskedFor) {
    const ACatalog catalog = bookworm();
    AHost host("almalinux", "9");
    host.has("rpm", "q", "1").is_offered("q", "3");
    host.inventory().offers.front().security = true;

    EXPECT_FALSE(has_gap(assessment_of(host, &*catalog), "inventory.no_changelog"));
}

TEST(Assess, WhatTheVendorWillNotFixHasNoFix) {
    const ACatalog catalog({AnAdvisory("CVE-1").claims("Debian:12", "p", Claim::WontFix)});
    AHost host("debian", "12");
    host.has("deb", "p", "1");

    EXPECT_EQ(said_of("CVE-1", host, &*catalog), "affected_no_fix (will_not_fix)");
}

TEST(SectionsOf, FollowTheSpellingOfEachDistribution) {
    EXPECT_EQ(sections_of({"debian", "12", "", "", {}})[0].key, "Debian:12");
    EXPECT_EQ(sections_of({"almalinux", "9.4", "", "", {}})[0].key, "AlmaLinux:9");
    EXPECT_EQ(sections_of({"rocky", "8.10", "", "", {}})[0].key, "Rocky Linux:8");
    EXPECT_EQ(sections_of({"alpine", "3.20.3", "", "", {}})[0].key, "Alpine:v3.20");
    EXPECT_EQ(sections_of({"ubuntu", "22.04", "", "", {}})[0].key, "Ubuntu:22.04:LTS");
    EXPECT_TRUE(sections_of({"debian", "", "trixie/sid", "", {}}).empty())
        << "a testing system has no release";
}

TEST(ChooseKernel, TakesTheNewestOfTheRunningFlavour) {
    AHost host("debian", "12");
    host.has("deb", "linux-image-6.1.0-28-amd64", "6.1.119-1")
        .from_source("linux-signed-amd64", "6.1.119+1");
    host.has("deb", "linux-image-6.1.0-31-cloud-amd64", "6.1.128-1")
        .from_source("linux-signed-amd64", "6.1.128+1");
    model::KernelState kernel;
    kernel.running_release = "6.1.0-28-amd64";

    const KernelChoice choice = choose_kernel(host.inventory().packages, kernel);

    EXPECT_EQ(choice.running, 0U);
    EXPECT_EQ(choice.newest, 0U);
    EXPECT_EQ(choice.images, 2U);
}

TEST(Assess, KeepsEveryFactOfAVulnerability) {
    model::VulnerabilityFacts facts;
    facts.id = "CVE-1";
    facts.kev = model::KevEntry{
        *parse_instant("2026-10-01"), *parse_instant("2026-10-22"), "p overflow", true};
    facts.epss = model::EpssScore{120'000, 950'000, *parse_instant("2026-10-30"), "v2025.03.14"};
    facts.ssvc = model::SsvcPoints{
        model::Exploitation::PublicPoc,
        std::nullopt,
        model::TechnicalImpact::Total,
        *parse_instant("2026-10-15")};
    facts.cvss_vectors = {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"};
    facts.exploits = {{"exploitdb", "51000"}};
    const ACatalog catalog(
        {AnAdvisory("DSA-1").about({"CVE-1"}).affects("Debian:12", "p", "0", "2")}, {facts});
    AHost host("debian", "12");
    host.has("deb", "p", "1");

    const model::Assessment assessment = assessment_of(host, &*catalog);

    const auto found =
        std::ranges::find(assessment.vulnerabilities, "CVE-1", &model::VulnerabilityFacts::id);
    ASSERT_NE(found, assessment.vulnerabilities.end());
    EXPECT_EQ(found->kev, facts.kev);
    EXPECT_EQ(found->epss, facts.epss);
    EXPECT_EQ(found->ssvc, facts.ssvc);
    EXPECT_EQ(found->cvss_vectors, facts.cvss_vectors);
    EXPECT_EQ(found->cvss.score_tenths, 98);
    EXPECT_EQ(found->exploits, facts.exploits);
}

TEST(Assess, AChangelogsVulnerabilityHasTheFactsOfTheCatalog) {
    model::VulnerabilityFacts facts;
    facts.id = "CVE-2026-9";
    facts.kev = model::KevEntry{*parse_instant("2026-10-01"), {}, "", false};
    const ACatalog catalog(
        {AnAdvisory("DSA-1").about({"CVE-2026-9"}).affects("Debian:11", "q", "0", "2")}, {facts});
    AHost host("debian", "12");
    host.has("deb", "q", "1").is_offered("q", "3");
    host.inventory().changelogs.push_back(
        {"q", "1", "3", {"CVE-2026-9", "CVE-2026-9"}, "high", {}, "q_3_amd64.deb"});

    const model::Assessment assessment = assessment_of(host, &*catalog);

    const auto found =
        std::ranges::find(assessment.vulnerabilities, "CVE-2026-9", &model::VulnerabilityFacts::id);
    ASSERT_NE(found, assessment.vulnerabilities.end());
    EXPECT_TRUE(found->kev);
}

TEST(Assess, NamesWhoCallsItUnimportantForThePackage) {
    const auto tracker = [](const std::string& name) {
        return AnAdvisory("DEBIAN-CVE-1-" + name)
            .by(model::Authority::Tracker)
            .about({"CVE-1"})
            .affects("Debian:12", name, "0", "");
    };
    const ACatalog catalog({tracker("nginx").calls_unimportant(), tracker("nghttp2")});
    AHost host("debian", "12");
    host.has("deb", "nginx-light", "1").from_source("nginx", "1");
    host.has("deb", "libnghttp2-14", "1").from_source("nghttp2", "1");

    const auto findings = assessment_of(host, &*catalog).findings;

    ASSERT_EQ(findings.size(), 2U);
    EXPECT_EQ(findings[0].called_unimportant_by, "Debian");
    EXPECT_EQ(findings[0].status, model::FindingStatus::AffectedNoFix);
    EXPECT_EQ(findings[1].called_unimportant_by, "");
}

TEST(Assess, EveryClaimOfAVendorHasItsVerdict) {
    const auto said = [](Claim claim) {
        const ACatalog catalog({AnAdvisory("CVE-1").claims("Debian:12", "p", claim)});
        AHost host("debian", "12");
        host.has("deb", "p", "1");
        return said_of("CVE-1", host, &*catalog);
    };

    EXPECT_EQ(said(Claim::NotAffected), "not_affected (vendor_says_not_affected)");
    EXPECT_EQ(said(Claim::UnderInvestigation), "under_investigation");
    EXPECT_EQ(said(Claim::WontFix), "affected_no_fix (will_not_fix)");
    EXPECT_EQ(said(Claim::Postponed), "affected_no_fix (postponed)");
    EXPECT_EQ(said(Claim::EndOfLife), "affected_no_fix (end_of_life)");
    EXPECT_EQ(said(Claim::Affected), "unknown (range_not_readable)") << "affected, but since when?";
}

TEST(Assess, OfTwoRecordsThatHoldTheRealClaimDecides) {
    const ACatalog catalog(
        {AnAdvisory("A").about({"CVE-1"}).claims("Debian:12", "p", Claim::NotAffected),
         AnAdvisory("B").about({"CVE-1"}).affects("Debian:12", "p", "0", "2"),
         AnAdvisory("C").about({"CVE-1"}).affects("Debian:12", "p", "0", "not a version")});
    AHost host("debian", "12");
    host.has("deb", "p", "1");

    EXPECT_EQ(said_of("CVE-1", host, &*catalog), "affected_fix_available 2");
}

TEST(Assess, AReleaseThatNobodyKnowsOrThatHasEndedIsAGap) {
    AHost unknown("debian", "99");
    unknown.has("deb", "p", "1");
    EXPECT_TRUE(has_gap(assessment_of(unknown, &*bookworm()), "assess.unknown_release"));
    EXPECT_TRUE(has_gap(assessment_of(unknown, &*bookworm()), "assess.no_section"));

    AHost ended("debian", "8");
    ended.has("deb", "p", "1");
    EXPECT_TRUE(has_gap(assessment_of(ended, &*bookworm()), "assess.end_of_life"));
}

TEST(Assess, ALostRecordOfAFeedThatJudgesIsAGapOfTheVerdicts) {
    AHost host("debian", "12");
    host.has("deb", "p", "2");
    const auto gaps = [&host](const char* feed) {
        const ACatalog catalog(
            {AnAdvisory("DSA-1").about({"CVE-1"}).affects("Debian:12", "p", "0", "2")},
            {},
            {{feed, *parse_instant("2026-10-31"), Days{2}, 1, 3, {}, {}}});
        return assessment_of(host, &*catalog);
    };

    EXPECT_TRUE(has_gap(gaps("debian-tracker"), "assess.records_quarantined"));
    EXPECT_FALSE(has_gap(gaps("nuclei"), "assess.records_quarantined"));
    EXPECT_TRUE(has_gap(gaps("nuclei"), "catalog.records_quarantined"));
}

TEST(Assess, OfUbuntusSectionsTheSubscriptionsKnowsTheLaterFixes) {
    const auto said = [](std::string_view fixed, const char* installed) {
        const ACatalog catalog(
            {AnAdvisory("A").about({"CVE-1"}).affects("Ubuntu:22.04:LTS", "p", "0", ""),
             AnAdvisory("B").about({"CVE-1"}).affects(
                 "Ubuntu:Pro:22.04:LTS", "p", "0", std::string(fixed))});
        AHost host("ubuntu", "22.04");
        host.has("deb", "p", installed);
        return said_of("CVE-1", host, &*catalog);
    };

    EXPECT_EQ(said("2", "1"), "affected_fix_not_in_my_repos 2 (subscription_only)");
    EXPECT_EQ(said("2", "2"), "fixed 2");
    EXPECT_EQ(said("", "1"), "affected_no_fix");
}

TEST(Assess, AnRpmThatNoFixIsKnownForIsAffectedInEveryStream) {
    const ACatalog catalog({AnAdvisory("CVE-1").affects("AlmaLinux:9", "p", "0", "")});
    AHost host("almalinux", "9.4");
    host.has("rpm", "p", "1-1.el9_4");
    AHost modular("almalinux", "9.4");
    modular.has("rpm", "p", "1-1.module_el9.4.0+1+1");

    EXPECT_EQ(said_of("CVE-1", host, &*catalog), "affected_no_fix");
    EXPECT_EQ(said_of("CVE-1", modular, &*catalog), "affected_no_fix");
}

TEST(Assess, APackageOfALanguageNeedsItsOwnSection) {
    AHost host("debian", "12");
    host.has("pypi", "Flask", "1.0");
    EXPECT_EQ(said_of("", host, &*bookworm()), "unknown (no_data_for_ecosystem)");

    const ACatalog catalog({AnAdvisory("CVE-2").affects("PyPI", "flask", "0", "2.0")});
    EXPECT_EQ(said_of("CVE-2", host, &*catalog), "affected_fix_available 2.0");
}

TEST(SupportEnd, IsNotKnownOfASystemThatNobodyKnows) {
    EXPECT_FALSE(support_end({"plan9", "4", "", "", {}}));
    EXPECT_TRUE(support_end({"debian", "12", "", "", {}}));
}

}  // namespace
}  // namespace thimble::assess
