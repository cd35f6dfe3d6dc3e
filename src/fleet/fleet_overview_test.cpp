#include "thimble/fleet/fleet_overview.hpp"

#include "thimble/assess/inventory_builder_test.hpp"
#include "thimble/catalog/advisory_builder_test.hpp"
#include "thimble/fleet/judge_host.hpp"

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

ACatalog three_vulnerabilities() {
    model::VulnerabilityFacts kev;
    kev.id = "CVE-2026-2";
    kev.feed = "kev";
    kev.kev = model::KevEntry{*parse_instant("2026-10-31"), {}, "", false};
    return ACatalog(
        {AnAdvisory("CVE-2026-1")
             .affects("Debian:12", "curl", "0", "3")
             .affects("Debian:12", "zlib", "0", ""),
         AnAdvisory("CVE-2026-2").affects("Debian:12", "curl", "0", "2"),
         AnAdvisory("CVE-2026-3").affects("Debian:12", "other", "0", "2"),
         AnAdvisory("DSA-7").about({"CVE-2026-1"}).affects("Debian:12", "curl", "0", "3")},
        {kev});
}

}  // namespace

TEST(FleetOverview, CountsTheHostsOfEachOpenVulnerabilityTheExploitedFirst) {
    const FleetIndex index = four_hosts();
    const ACatalog catalog = three_vulnerabilities();

    const auto overview = overview_of(index, *catalog, nullptr);

    ASSERT_TRUE(overview);
    ASSERT_EQ(overview->vulnerabilities.size(), 2U);
    EXPECT_EQ(overview->vulnerabilities[0].facts.id, "CVE-2026-2");
    EXPECT_EQ(overview->vulnerabilities[0].hosts, 1U);
    EXPECT_EQ(overview->vulnerabilities[1].hosts, 3U);  // hosts 0, 1 and 3
    EXPECT_EQ(overview->vulnerabilities[1].packages, 2U);
}

TEST(FleetOverview, NamesEveryAdvisoryThatClosesSomethingAndNoOther) {
    const FleetIndex index = four_hosts();
    const ACatalog catalog = three_vulnerabilities();

    const auto overview = overview_of(index, *catalog, nullptr);

    ASSERT_TRUE(overview);
    std::vector<std::string> ids;
    for (const ClosingAdvisory& advisory : overview->advisories) {
        ids.push_back(advisory.id + " " + std::to_string(advisory.hosts));
    }
    EXPECT_EQ(ids, (std::vector<std::string>{"CVE-2026-2 1", "CVE-2026-1 2", "DSA-7 2"}));
}

TEST(FleetOverview, OfSomeHostsCountsTheseAlone) {
    const FleetIndex index = four_hosts();
    const ACatalog catalog = three_vulnerabilities();
    const std::array some{HostNumber{1}, HostNumber{2}};
    const HostSet among = HostSet::of(some);

    const auto overview = overview_of(index, *catalog, &among);

    ASSERT_TRUE(overview);
    ASSERT_EQ(overview->vulnerabilities.size(), 1U);
    EXPECT_EQ(overview->vulnerabilities[0].facts.id, "CVE-2026-1");
    EXPECT_EQ(overview->vulnerabilities[0].hosts, 1U);
    ASSERT_EQ(overview->packages.size(), 2U);
    EXPECT_EQ(overview->packages[0].release, "Debian:12");
    EXPECT_EQ(overview->packages[0].version, "2");
    EXPECT_EQ(overview->packages[0].hosts, 1U);
    EXPECT_EQ(overview->packages[0].open, 1U);
    EXPECT_EQ(overview->packages[1].open, 0U);
}

TEST(FleetOverview, CountsWhatChangelogsAloneNameOnTheHostsThatWereToldSo) {
    FleetIndex index;
    const ACatalog catalog = three_vulnerabilities();
    const auto put = [&index](std::uint32_t number, std::vector<std::string> named) {
        AHost host("debian", "12");
        host.has("deb", "curl", "1");
        if (!named.empty()) {
            host.inventory().changelogs.push_back(
                {"curl", "1", "3", std::move(named), "high", {}, "curl_3_amd64.deb"});
        }
        const std::array hosts{HostNumber{number}};
        index.put(
            hosts,
            index.intern(list_key("x", host.inventory()), judged_packages(host.inventory())));
    };
    put(0, {});
    put(1, {"CVE-2026-1", "CVE-2026-9"});  // of the first the tracker has a word
    put(2, {"CVE-2026-3", "CVE-2026-9"});  // it has one on the other, of another package

    const auto overview = overview_of(index, *catalog, nullptr);

    ASSERT_TRUE(overview);
    std::vector<std::string> told;
    for (const OpenVulnerability& one : overview->vulnerabilities) {
        told.push_back(
            one.facts.id + " " + std::to_string(one.hosts) + (one.fixed ? " fixed" : ""));
    }
    EXPECT_EQ(
        told,
        (std::vector<std::string>{
            "CVE-2026-2 3 fixed",
            "CVE-2026-1 3 fixed",
            "CVE-2026-9 2 fixed",
            "CVE-2026-3 1 fixed"}));
    ASSERT_EQ(overview->packages.size(), 1U);
    EXPECT_EQ(overview->packages[0].open, 4U);

    const std::array one{HostNumber{0}};
    const HostSet among = HostSet::of(one);
    EXPECT_EQ(overview_of(index, *catalog, &among)->vulnerabilities.size(), 2U);
}

TEST(FindingsOfHost, AreWhatIsOpenWithItsDecisionAndWhenItWasFirstSeen) {
    const ACatalog catalog = three_vulnerabilities();
    AHost host("debian", "12");
    host.has("deb", "curl", "1");
    const Instant now = *parse_instant("2026-11-02T00:00:00Z");
    const Instant before = *parse_instant("2026-10-20T00:00:00Z");

    const KnownHost known{{{{"CVE-2026-2", "curl"}, before}}, {}};
    const auto findings = findings_of_host(host.inventory(), &*catalog, known, now);

    ASSERT_TRUE(findings);
    ASSERT_EQ(findings->size(), 2U);
    const HostFinding& first = findings->front();
    EXPECT_EQ(first.facts.id, "CVE-2026-1");
    EXPECT_EQ(first.fixed_version, "3");
    EXPECT_EQ(first.first_seen, now);
    EXPECT_FALSE(first.decision.kev);
    const HostFinding& second = findings->back();
    EXPECT_EQ(second.first_seen, before);
    EXPECT_TRUE(second.decision.kev);
    ASSERT_TRUE(second.due.due);
    EXPECT_FALSE(second.due.rule.empty());
    EXPECT_EQ(second.urgency, 1U) << "it is exploited";
    EXPECT_EQ(first.urgency, 2U);
}

}  // namespace thimble::fleet
