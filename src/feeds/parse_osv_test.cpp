#include "thimble/feeds/parse_osv.hpp"

#include "thimble/feeds/recording_sink.hpp"

#include <gtest/gtest.h>

#include <string>

namespace thimble::feeds {
namespace {

using model::Authority;
using model::Claim;
using model::RangeEvent;
using Kind = RangeEvent::Kind;

model::Advisory advisory_of(std::string_view json) {
    Parsed parsed;
    parse_into(parsed, parse_osv, json);
    EXPECT_TRUE(parsed.counts);
    EXPECT_EQ(parsed.sink.advisories.size(), 1U)
        << (parsed.sink.quarantined.empty() ? "" : parsed.sink.quarantined.front().reason);
    return parsed.sink.advisories.empty() ? model::Advisory{} : parsed.sink.advisories.front();
}

std::string quarantine_reason(std::string_view json) {
    Parsed parsed;
    parse_into(parsed, parse_osv, json);
    EXPECT_TRUE(parsed.sink.advisories.empty());
    EXPECT_EQ(parsed.sink.quarantined.size(), 1U);
    return parsed.sink.quarantined.empty() ? "" : parsed.sink.quarantined.front().reason;
}

/// A record with one affected entry, whose members are `entry`.
std::string with_entry(std::string_view id, std::string_view ecosystem, std::string_view entry) {
    return R"({"id":")" + std::string(id) + R"(","affected":[{"package":{"name":"p","ecosystem":")"
        + std::string(ecosystem) + R"("},)" + std::string(entry) + "}]}";
}

using Ids = std::vector<std::string>;
using Events = std::vector<RangeEvent>;

TEST(ParseOsv, ReadsAnErratumWithItsFixPerRelease) {
    const auto advisory = advisory_of(R"({"id":"DSA-1-1","summary":"curl - security update",
        "modified":"2025-10-01T13:32:01.848986Z","published":"2025-10-01T00:00:00Z",
        "upstream":["CVE-2025-9230"],
        "affected":[{"package":{"name":"curl","ecosystem":"Debian:12"},"ranges":[{"type":"ECOSYSTEM",
        "events":[{"introduced":"0"},{"fixed":"7.88.1-10+deb12u5"}]}]}]})");

    EXPECT_EQ(advisory.id, "DSA-1-1");
    EXPECT_EQ(advisory.feed, "osv");
    EXPECT_EQ(advisory.authority, Authority::Erratum);
    EXPECT_EQ(advisory.summary, "curl - security update");
    EXPECT_EQ(format_instant(*advisory.modified), "2025-10-01T13:32:01Z");
    ASSERT_EQ(advisory.affected.size(), 1U);
    EXPECT_EQ(advisory.affected[0].ecosystem, "Debian:12");
    EXPECT_EQ(advisory.affected[0].name, "curl");
    EXPECT_EQ(
        advisory.affected[0].ranges.at(0).events,
        (Events{{Kind::Introduced, "0"}, {Kind::Fixed, "7.88.1-10+deb12u5"}}));
}

TEST(ParseOsv, TakesCvesFromUpstreamAndUnwrapsDebianIds) {
    const auto advisory = advisory_of(
        R"({"id":"DSA-6015-1","upstream":["CVE-2025-9230","DEBIAN-CVE-2025-9230","DEBIAN-CVE-2025-9232"]})");

    EXPECT_EQ(advisory.vulnerabilities, (Ids{"CVE-2025-9230", "CVE-2025-9232"}));
}

TEST(ParseOsv, NamesItselfWhereNoCveIsNamed) {
    EXPECT_EQ(advisory_of(R"({"id":"DSA-6113-1"})").vulnerabilities, Ids{"DSA-6113-1"});
    EXPECT_EQ(
        advisory_of(R"({"id":"ALPINE-CVE-2025-15468"})").vulnerabilities, Ids{"CVE-2025-15468"});
}

TEST(ParseOsv, TakesRelatedOnlyForErrataThatNameNothingElse) {
    EXPECT_EQ(
        advisory_of(R"({"id":"ALSA-2024:1","related":["CVE-2024-1111"]})").vulnerabilities,
        Ids{"CVE-2024-1111"});
    EXPECT_EQ(
        advisory_of(
            R"({"id":"RLSA-2024:1","upstream":["CVE-2024-2222"],"related":["CVE-2024-1111"]})")
            .vulnerabilities,
        Ids{"CVE-2024-2222"});
    EXPECT_EQ(
        advisory_of(R"({"id":"GHSA-x","related":["CVE-2024-1111"]})").vulnerabilities,
        Ids{"GHSA-x"});
}

TEST(ParseOsv, KeepsOtherNamesAsAliases) {
    const auto advisory =
        advisory_of(R"({"id":"GO-2023-1","aliases":["GHSA-a-b-c","CVE-2023-12345"]})");

    EXPECT_EQ(advisory.vulnerabilities, Ids{"CVE-2023-12345"});
    EXPECT_EQ(advisory.aliases, Ids{"GHSA-a-b-c"});
    EXPECT_EQ(advisory.authority, Authority::Database);
}

TEST(ParseOsv, KnowsWhoSpeaksByTheId) {
    EXPECT_EQ(osv_authority("DEBIAN-CVE-2025-1"), Authority::Tracker);
    EXPECT_EQ(osv_authority("UBUNTU-CVE-2025-1"), Authority::Tracker);
    EXPECT_EQ(osv_authority("ALPINE-CVE-2025-1"), Authority::Tracker);
    EXPECT_EQ(osv_authority("USN-5495-2"), Authority::Erratum);
    EXPECT_EQ(osv_authority("LSN-0099-1"), Authority::Erratum);
    EXPECT_EQ(osv_authority("RXSA-2024:1"), Authority::Erratum);
    EXPECT_EQ(osv_authority("CVE-2022-48626"), Authority::Database);
    EXPECT_EQ(osv_authority("BIT-redis-2020-1"), Authority::Database);
}

TEST(ParseOsv, BugFixErrataAreNotSecurityUnlessTheyNameACve) {
    EXPECT_FALSE(advisory_of(R"({"id":"ALBA-2019:0973","related":[]})").security);
    EXPECT_FALSE(advisory_of(R"({"id":"ALEA-2019:0973"})").security);
    EXPECT_TRUE(advisory_of(R"({"id":"ALBA-2021:4604","related":["CVE-2021-40438"]})").security);
    EXPECT_TRUE(advisory_of(R"({"id":"ALSA-2019:0973"})").security);
}

TEST(ParseOsv, DropsGitRangesAndGoesOn) {
    const auto advisory = advisory_of(with_entry("PYSEC-1", "PyPI", R"("ranges":[
        {"type":"GIT","repo":"r","events":[{"introduced":"0"},{"fixed":"abc"}]},
        {"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"1.2"}]}])"));

    ASSERT_EQ(advisory.affected.at(0).ranges.size(), 1U);
    EXPECT_EQ(advisory.affected[0].ranges[0].events.back().version, "1.2");
}

TEST(ParseOsv, DropsEntriesWithoutAPackage) {
    const auto advisory = advisory_of(
        R"({"id":"CVE-2022-48626","affected":[{"ranges":[{"type":"GIT","events":[{"introduced":"0"}]}]}]})");

    EXPECT_TRUE(advisory.affected.empty());
}

TEST(ParseOsv, KeepsSeveralFixesOfOneRange) {
    const auto advisory = advisory_of(with_entry("CVE-2022-48626", "Linux", R"("ranges":[{"type":
        "ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"4.9.3"},{"fixed":"4.14.2"}]}])"));

    EXPECT_EQ(
        advisory.affected.at(0).ranges.at(0).events,
        (Events{{Kind::Introduced, "0"}, {Kind::Fixed, "4.9.3"}, {Kind::Fixed, "4.14.2"}}));
}

TEST(ParseOsv, KeepsLastAffectedAndLimitButNotAnOpenLimit) {
    const auto advisory = advisory_of(with_entry("GHSA-1", "npm", R"("ranges":[
        {"type":"SEMVER","events":[{"introduced":"0"},{"last_affected":"1.0.0"}]},
        {"type":"SEMVER","events":[{"introduced":"2.0.0"},{"limit":"3.0.0"}]},
        {"type":"SEMVER","events":[{"introduced":"4.0.0"},{"limit":"*"}]}])"));

    const auto& ranges = advisory.affected.at(0).ranges;
    EXPECT_EQ(ranges.at(0).events.at(1), (RangeEvent{Kind::LastAffected, "1.0.0"}));
    EXPECT_EQ(ranges.at(1).events.at(1), (RangeEvent{Kind::Limit, "3.0.0"}));
    EXPECT_EQ(ranges.at(2).events.size(), 1U);
}

TEST(ParseOsv, KeepsRecordsThatOnlyListVersions) {
    const auto advisory =
        advisory_of(with_entry("PYSEC-2024-1", "PyPI", R"("versions":["1.0","1.1"])"));

    EXPECT_TRUE(advisory.affected.at(0).ranges.empty());
    EXPECT_EQ(advisory.affected[0].versions, (Ids{"1.0", "1.1"}));
}

TEST(ParseOsv, KeepsRecordsThatNameNeitherRangesNorVersions) {
    EXPECT_EQ(
        advisory_of(with_entry("PYSEC-2022-15", "PyPI", R"("database_specific":{})"))
            .affected.size(),
        1U);
}

TEST(ParseOsv, LeavesOutVersionsThatARangeCoversAnyway) {
    const auto everything = advisory_of(with_entry("MAL-2025-1", "npm", R"("versions":["1.0.0"],
        "ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}])"));
    const auto bounded = advisory_of(with_entry("GHSA-1", "npm", R"("versions":["1.0.0"],
        "ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"2.0.0"}]}])"));

    EXPECT_TRUE(everything.affected.at(0).versions.empty());
    EXPECT_EQ(bounded.affected.at(0).versions, Ids{"1.0.0"});
}

TEST(ParseOsv, GoCustomRangesReplaceARangeOverEverything) {
    const auto advisory =
        advisory_of(with_entry("GO-2023-2385", "Go", R"("ranges":[{"type":"SEMVER",
        "events":[{"introduced":"0"}]}],"ecosystem_specific":{"custom_ranges":[{"type":"ECOSYSTEM",
        "events":[{"introduced":"0"},{"fixed":"5.0.4"}]}]})"));

    ASSERT_EQ(advisory.affected.at(0).ranges.size(), 1U);
    EXPECT_EQ(advisory.affected[0].ranges[0].events.at(1), (RangeEvent{Kind::Fixed, "5.0.4"}));
}

TEST(ParseOsv, GoCustomRangesJoinABoundedRange) {
    const auto advisory = advisory_of(with_entry("GO-2024-2521", "Go", R"("ecosystem_specific":{
        "custom_ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"19.03.0"},{"fixed":"19.03.1"}]}]},
        "ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"20.10.0"}]}])"));

    EXPECT_EQ(advisory.affected.at(0).ranges.size(), 2U);
}

TEST(ParseOsv, LastKnownAffectedRangeBoundsARangeThatHasNoEnd) {
    const auto inclusive = advisory_of(with_entry("GHSA-1", "npm", R"("ranges":[{"type":"SEMVER",
        "events":[{"introduced":"0"}]}],
        "database_specific":{"last_known_affected_version_range":"<= 1.2.3"},"versions":["1.0.0"])"));
    const auto exclusive = advisory_of(with_entry("GHSA-1", "npm", R"("ranges":[{"type":"SEMVER",
        "events":[{"introduced":"0"}]}],
        "database_specific":{"last_known_affected_version_range":"< 1.2.3"})"));
    const auto fixed = advisory_of(with_entry("GHSA-1", "npm", R"("ranges":[{"type":"SEMVER",
        "events":[{"introduced":"0"},{"fixed":"2"}]}],
        "database_specific":{"last_known_affected_version_range":"< 1.2.3"})"));

    EXPECT_EQ(
        inclusive.affected.at(0).ranges.at(0).events.back(),
        (RangeEvent{Kind::LastAffected, "1.2.3"}));
    EXPECT_EQ(inclusive.affected[0].versions, Ids{"1.0.0"});
    EXPECT_EQ(
        exclusive.affected.at(0).ranges.at(0).events.back(), (RangeEvent{Kind::Limit, "1.2.3"}));
    EXPECT_EQ(fixed.affected.at(0).ranges.at(0).events.size(), 2U);
}

TEST(ParseOsv, FixedZeroMeansNotAffected) {
    const auto advisory =
        advisory_of(with_entry("ALPINE-CVE-2025-9231", "Alpine:v3.19", R"("ranges":
        [{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"0"}]}])"));

    EXPECT_EQ(advisory.affected.at(0).claim, Claim::NotAffected);
    EXPECT_TRUE(advisory.affected[0].ranges.empty());
}

TEST(ParseOsv, EndOfLifeInPlaceOfAFixIsAClaim) {
    const auto advisory = advisory_of(with_entry("DEBIAN-CVE-2020-1", "Debian:10", R"("ranges":
        [{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"<end-of-life>"}]}])"));

    EXPECT_EQ(advisory.affected.at(0).claim, Claim::EndOfLife);
    EXPECT_EQ(advisory.affected[0].ranges.at(0).events, (Events{{Kind::Introduced, "0"}}));
}

TEST(ParseOsv, DebianUrgencyIsALabel) {
    const auto advisory = advisory_of(with_entry(
        "DEBIAN-CVE-2020-1", "Debian:12", R"("ecosystem_specific":{"urgency":"unimportant"})"));

    ASSERT_EQ(advisory.severities.size(), 1U);
    EXPECT_EQ(advisory.severities[0], (model::SeverityClaim{"label", "unimportant"}));
}

TEST(ParseOsv, UnimportantIsKeptForItsPackageAlone) {
    const auto advisory = advisory_of(R"({"id":"DEBIAN-CVE-2020-1","affected":[
        {"package":{"name":"nginx","ecosystem":"Debian:12"},
         "ecosystem_specific":{"urgency":"unimportant"}},
        {"package":{"name":"nginx","ecosystem":"Debian:11"},
         "ecosystem_specific":{"urgency":"unimportant*"}},
        {"package":{"name":"nghttp2","ecosystem":"Debian:12"},
         "ecosystem_specific":{"urgency":"not yet assigned"}},
        {"package":{"name":"h2o","ecosystem":"Debian:12"}}]})");

    ASSERT_EQ(advisory.affected.size(), 4U);
    EXPECT_TRUE(advisory.affected[0].unimportant);
    EXPECT_TRUE(advisory.affected[1].unimportant);
    EXPECT_FALSE(advisory.affected[2].unimportant);
    EXPECT_FALSE(advisory.affected[3].unimportant);
    EXPECT_EQ(advisory.severities.size(), 1U) << "one label, however it is spelled";
}

TEST(ParseOsv, TakesSeveritiesOfTheRecordAndOfItsEntriesOnce) {
    const auto advisory = advisory_of(R"({"id":"BIT-x-2020-1","severity":[
        {"type":"CVSS_V3","score":"CVSS:3.1/AV:N"},{"type":"Ubuntu","score":"low"}],
        "affected":[{"package":{"name":"x","ecosystem":"Bitnami"},
        "severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N"},{"type":"CVSS_V4","score":"CVSS:4.0/AV:N"}]}]})");

    EXPECT_EQ(
        advisory.severities,
        (std::vector<model::SeverityClaim>{
            {"CVSS_V3", "CVSS:3.1/AV:N"}, {"Ubuntu", "low"}, {"CVSS_V4", "CVSS:4.0/AV:N"}}));
}

TEST(ParseOsv, WithdrawnRecordsStayWithTheirDate) {
    const auto advisory = advisory_of(R"({"id":"GHSA-1","withdrawn":"2024-01-02T00:00:00Z"})");

    EXPECT_EQ(format_date(advisory.withdrawn.value()), "2024-01-02");
}

TEST(ParseOsv, IgnoresDatesThatCannotBeReadOrAreZero) {
    const auto advisory =
        advisory_of(R"({"id":"GO-1","modified":"0001-01-01T00:00:00Z","published":"soon"})");

    EXPECT_FALSE(advisory.modified);
    EXPECT_FALSE(advisory.published);
}

TEST(ParseOsv, PublishedLaterThanModifiedIsNoError) {
    const auto advisory = advisory_of(
        R"({"id":"ALBA-1","modified":"2019-05-07T03:38:45Z","published":"2019-05-07T03:38:54Z"})");

    EXPECT_GT(*advisory.published, *advisory.modified);
}

TEST(ParseOsv, ModularPackagesGetTheStreamOfTheSummary) {
    const auto advisory = advisory_of(R"({"id":"ALSA-2021:2290",
        "summary":"Important: nginx:1.16 security update","affected":[
        {"package":{"name":"nginx","ecosystem":"AlmaLinux:8"},"ranges":[{"type":"ECOSYSTEM","events":
        [{"introduced":"0"},{"fixed":"1:1.16.1-2.module_el8.4.0+2497+6a2b6e9e.1"}]}]},
        {"package":{"name":"plain","ecosystem":"AlmaLinux:8"},"ranges":[{"type":"ECOSYSTEM","events":
        [{"introduced":"0"},{"fixed":"1.16.1-2.el8"}]}]}]})");

    EXPECT_EQ(advisory.affected.at(0).module_stream, "nginx:1.16");
    EXPECT_EQ(advisory.affected.at(1).module_stream, "");
}

TEST(ParseOsv, OnePackageStandsOncePerStreamWhereTheSummaryNamesSeveral) {
    const auto advisory = advisory_of(R"({"id":"ALSA-2020:1",
        "summary":"Moderate: virt:rhel and virt-devel:rhel security update","affected":[
        {"package":{"name":"libvirt","ecosystem":"AlmaLinux:8"},"ranges":[{"type":"ECOSYSTEM","events":
        [{"introduced":"0"},{"fixed":"4.5.0-42.module_el8.3.0+555+a55c8938"}]}]}]})");

    ASSERT_EQ(advisory.affected.size(), 2U);
    EXPECT_EQ(advisory.affected[0].module_stream, "virt:rhel");
    EXPECT_EQ(advisory.affected[1].module_stream, "virt-devel:rhel");
}

TEST(ParseOsv, QuarantinesWhatCannotBeTrusted) {
    EXPECT_EQ(quarantine_reason(R"({"summary":"x"})"), "the record has no id");
    EXPECT_EQ(quarantine_reason(R"({"id":7})"), "the record has no id");
    EXPECT_EQ(quarantine_reason("[7]"), "not a JSON object");
    EXPECT_NE(quarantine_reason("<html>").find("invalid JSON"), std::string::npos);
    EXPECT_EQ(
        quarantine_reason(R"({"id":"X-1","withdrawn":"last week"})"),
        "\"withdrawn\" is not a date: last week");
    EXPECT_EQ(quarantine_reason(R"({"id":"X-1","affected":{}})"), "\"affected\" is not an array");
    EXPECT_EQ(
        quarantine_reason(with_entry("X-1", "npm", R"("versions":[1])")),
        "\"versions\" has an item that is no usable version");
    EXPECT_EQ(
        quarantine_reason(
            with_entry("X-1", "npm", R"("ranges":[{"type":"SEMVER","events":[{"fixed":"1"}]}])")),
        "a range has no \"introduced\" event");
    EXPECT_EQ(
        quarantine_reason(with_entry(
            "X-1", "npm", R"("ranges":[{"type":"SEMVER","events":[{"introduced":1}]}])")),
        "an event \"introduced\" has no usable version");
    EXPECT_EQ(
        quarantine_reason(R"({"id":"X-1","affected":[{"package":{"ecosystem":"npm"}}]})"),
        "an affected package has no name or no ecosystem");
}

TEST(ParseOsv, QuarantinesOneRecordAlone) {
    Parsed parsed;
    parse_into(parsed, parse_osv, R"([{"id":"A-1"},{"no":"id"},{"id":"A-2"}])");

    EXPECT_EQ(parsed.counts->records, 2U);
    EXPECT_EQ(parsed.counts->quarantined, 1U);
}

TEST(ParseOsv, RefusesNestingBeyondTheLimit) {
    const std::string deep =
        R"({"id":"X-1","x":)" + std::string(100, '[') + std::string(100, ']') + "}";

    EXPECT_EQ(quarantine_reason(deep), "JSON is nested deeper than 64 levels");
}

}  // namespace
}  // namespace thimble::feeds
