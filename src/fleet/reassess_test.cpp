#include "thimble/fleet/reassess.hpp"

#include "thimble/assess/inventory_builder_test.hpp"
#include "thimble/catalog/advisory_builder_test.hpp"

#include <gtest/gtest.h>

#include <array>

namespace thimble::fleet {
namespace {

using assess::AHost;
using catalog::ACatalog;
using catalog::AnAdvisory;

/// Hosts 0 to 2 with curl 1, 2 and 3; host 3 with zlib 1.
FleetIndex four_hosts() {
    FleetIndex index;
    const auto put = [&index](std::uint32_t host, const char* name, const char* version) {
        AHost one("debian", "12");
        one.has("deb", name, version);
        const std::array hosts{HostNumber{host}};
        index.put(
            hosts, index.intern(std::string(name) + version, judged_packages(one.inventory())));
    };
    put(0, "curl", "1");
    put(1, "curl", "2");
    put(2, "curl", "3");
    put(3, "zlib", "1");
    return index;
}

model::VulnerabilityFacts exploited(std::string id) {
    model::VulnerabilityFacts facts;
    facts.id = std::move(id);
    facts.feed = "kev";
    facts.kev = model::KevEntry{*parse_instant("2026-10-31"), {}, "", false};
    return facts;
}

std::vector<std::uint32_t> plain(const std::vector<HostNumber>& hosts) {
    std::vector<std::uint32_t> numbers;
    for (const HostNumber host : hosts) {
        numbers.push_back(static_cast<std::uint32_t>(host));
    }
    return numbers;
}

}  // namespace

TEST(FleetJudge, AnAdvisoryAffectsTheHostsBelowItsFix) {
    const FleetIndex index = four_hosts();
    const ACatalog catalog({AnAdvisory("CVE-2026-1").affects("Debian:12", "curl", "0", "3")});
    const auto judge = FleetJudge::over(index, *catalog);
    ASSERT_TRUE(judge);
    const std::array target{AdvisoryTarget{"Debian:12", "curl", "CVE-2026-1"}};
    const std::array other_release{AdvisoryTarget{"Debian:11", "curl", "CVE-2026-1"}};

    EXPECT_EQ(plain(judge->affected(target).numbers()), (std::vector<std::uint32_t>{0, 1}));
    EXPECT_TRUE(judge->affected(other_release).is_empty());
}

TEST(FleetJudge, AVulnerabilityAffectsHostsInAnyPackageAndIsUnknownWhereNobodyNamesIt) {
    const FleetIndex index = four_hosts();
    const ACatalog catalog(
        {AnAdvisory("CVE-2026-1")
             .affects("Debian:12", "curl", "0", "2")
             .affects("Debian:12", "zlib", "0", ""),
         AnAdvisory("CVE-2026-2").affects("Debian:12", "curl", "0", "1"),
         AnAdvisory("CVE-2026-3").affects("Debian:11", "curl", "0", "3")});
    const auto judge = FleetJudge::over(index, *catalog);
    ASSERT_TRUE(judge);

    const auto two = judge->affected("CVE-2026-1");
    const auto none = judge->affected("CVE-2026-2");

    ASSERT_TRUE(two && none);
    EXPECT_EQ(plain(two->numbers()), (std::vector<std::uint32_t>{0, 3}));
    EXPECT_TRUE(none->is_empty());
    EXPECT_FALSE(judge->affected("CVE-2026-3"));  // of a release that no host has
}

TEST(Reassess, CountsWhatIsOpenByHostAndByFinding) {
    const FleetIndex index = four_hosts();
    const ACatalog catalog(
        {AnAdvisory("CVE-2026-1").affects("Debian:12", "curl", "0", "3"),
         AnAdvisory("CVE-2026-2").affects("Debian:12", "curl", "0", "2"),
         AnAdvisory("CVE-2026-3").affects("Debian:12", "other", "0", "2")},
        {exploited("CVE-2026-2")});

    const auto assessment = reassess(index, *catalog, 2);

    ASSERT_TRUE(assessment);
    EXPECT_EQ(assessment->hosts, (std::vector<HostStanding>{{2, 1}, {1, 0}, {0, 0}, {0, 0}}));
    ASSERT_EQ(assessment->findings.size(), 2U);
    EXPECT_EQ(assessment->vulnerabilities[assessment->findings[0].vulnerability], "CVE-2026-1");
    EXPECT_EQ(assessment->findings[0].hosts, 2U);
    EXPECT_EQ(assessment->findings[1].hosts, 1U);
    EXPECT_EQ(assessment->exploited, (std::vector<std::string_view>{"CVE-2026-2"}));
}

TEST(Reassess, ToldByAChangelogAloneAHostCountsAndChangesWithTheFacts) {
    FleetIndex index = four_hosts();
    AHost told("debian", "12");
    told.has("deb", "curl", "3");
    told.inventory().changelogs = {{"curl", "3", "4", {"CVE-2026-9"}, "high", {}, ""}};
    const std::array hosts{HostNumber{4}};
    index.put(hosts, index.intern("told", judged_packages(told.inventory())));
    const AnAdvisory curl = AnAdvisory("CVE-2026-1").affects("Debian:12", "curl", "0", "3");
    const ACatalog before({curl});
    const ACatalog with_kev({curl}, {exploited("CVE-2026-9")});

    const auto was = reassess(index, *before, 1);
    const auto is = reassess(index, *with_kev, 1);

    ASSERT_TRUE(was && is);
    EXPECT_EQ(was->hosts[4], (HostStanding{1, 0}));
    EXPECT_EQ(is->hosts[4], (HostStanding{1, 1}));
    EXPECT_EQ(is->exploited, (std::vector<std::string_view>{"CVE-2026-9"}));
    EXPECT_EQ(plain(changed_hosts(index, *was, *is)), (std::vector<std::uint32_t>{4}));
    const auto judge = FleetJudge::over(index, *before);
    EXPECT_EQ(plain(judge->affected("CVE-2026-9")->numbers()), (std::vector<std::uint32_t>{4}));
    const AdvisoryTarget target{"Debian:12", "curl", "CVE-2026-9"};
    EXPECT_EQ(
        plain(judge->affected(std::span(&target, 1)).numbers()), (std::vector<std::uint32_t>{4}));
    index.remove(HostNumber{4});
    EXPECT_FALSE(judge->affected("CVE-2026-9")) << "nobody is told of it any more";
}

TEST(ChangedHosts, AreThoseOfWhichSomethingElseIsSaidMoreExploitedFirst) {
    const FleetIndex index = four_hosts();
    const AnAdvisory curl = AnAdvisory("CVE-2026-1").affects("Debian:12", "curl", "0", "3");
    const AnAdvisory old_curl = AnAdvisory("CVE-2026-2").affects("Debian:12", "curl", "0", "2");
    const AnAdvisory zlib = AnAdvisory("CVE-2026-3").affects("Debian:12", "zlib", "0", "");
    const ACatalog before({curl, old_curl});
    const ACatalog with_zlib({curl, old_curl, zlib});
    const ACatalog with_kev({curl, old_curl, zlib}, {exploited("CVE-2026-3")});
    const ACatalog without_curl({old_curl, zlib}, {exploited("CVE-2026-3")});
    const auto was = reassess(index, *before, 1);
    const auto is = reassess(index, *with_zlib, 1);
    const auto known = reassess(index, *with_kev, 1);
    const auto less = reassess(index, *without_curl, 1);

    EXPECT_TRUE(changed_hosts(index, *was, *was).empty());
    EXPECT_EQ(plain(changed_hosts(index, *was, *is)), (std::vector<std::uint32_t>{3}));
    EXPECT_EQ(plain(changed_hosts(index, *is, *known)), (std::vector<std::uint32_t>{3}));
    EXPECT_EQ(plain(changed_hosts(index, *known, *less)), (std::vector<std::uint32_t>{0, 1}));
    EXPECT_EQ(plain(changed_hosts(index, *less, *was)), (std::vector<std::uint32_t>{0, 1, 3}));
    EXPECT_EQ(plain(changed_hosts(index, *was, *known)), (std::vector<std::uint32_t>{3}));
}

}  // namespace thimble::fleet
