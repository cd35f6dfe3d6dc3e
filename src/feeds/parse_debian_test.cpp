// The Debian security tracker: its JSON, and its lists of advisories.
#include "thimble/feeds/parse_debian_list.hpp"
#include "thimble/feeds/parse_debian_tracker.hpp"
#include "thimble/feeds/recording_sink.hpp"

#include <gtest/gtest.h>

#include <string>

namespace thimble::feeds {
namespace {

using model::Claim;
using model::RangeEvent;
using Ids = std::vector<std::string>;

/// The affected entry of one tracker entry with this release.
model::Advisory tracker_advisory(std::string_view release) {
    Parsed parsed;
    parse_into(
        parsed,
        parse_debian_tracker,
        R"({"curl":{"CVE-2020-0001":{"description":"Bad.","releases":{"bookworm":)"
            + std::string(release) + "}}}}");
    EXPECT_EQ(parsed.sink.advisories.size(), 1U);
    return parsed.sink.advisories.empty() ? model::Advisory{} : parsed.sink.advisories[0];
}

Claim tracker_claim(std::string_view release) {
    const auto advisory = tracker_advisory(release);
    return advisory.affected.empty() ? Claim::Affected : advisory.affected[0].claim;
}

TEST(ParseDebianTracker, ResolvedIsAffectedBelowTheFix) {
    const auto advisory = tracker_advisory(
        R"({"status":"resolved","fixed_version":"7.88.1-10","urgency":"medium**"})");

    EXPECT_EQ(advisory.feed, "debian-tracker");
    EXPECT_EQ(advisory.authority, model::Authority::Tracker);
    EXPECT_EQ(advisory.vulnerabilities, Ids{"CVE-2020-0001"});
    EXPECT_EQ(advisory.affected.at(0).ecosystem, "Debian:12");
    EXPECT_EQ(advisory.affected[0].name, "curl");
    EXPECT_EQ(
        advisory.affected[0].ranges.at(0).events.at(1),
        (RangeEvent{RangeEvent::Kind::Fixed, "7.88.1-10"}));
    EXPECT_EQ(advisory.severities, (std::vector<model::SeverityClaim>{{"label", "medium"}}));
}

TEST(ParseDebianTracker, FixedVersionZeroIsNotAffected) {
    const auto advisory =
        tracker_advisory(R"({"status":"resolved","fixed_version":"0","urgency":"unimportant"})");

    EXPECT_EQ(advisory.affected.at(0).claim, Claim::NotAffected);
    EXPECT_TRUE(advisory.affected[0].ranges.empty());
}

TEST(ParseDebianTracker, UnimportantIsKeptForItsReleaseHoweverItIsRated) {
    const auto is_unimportant = [](std::string_view urgency) {
        return tracker_advisory(R"({"status":"open","urgency":")" + std::string(urgency) + R"("})")
            .affected.at(0)
            .unimportant;
    };
    EXPECT_TRUE(is_unimportant("unimportant"));
    EXPECT_TRUE(is_unimportant("unimportant**"));
    EXPECT_FALSE(is_unimportant("low"));
    EXPECT_FALSE(is_unimportant("not yet assigned"));

    Parsed parsed;
    parse_into(
        parsed,
        parse_debian_tracker,
        R"({"nginx":{"CVE-2020-0001":{"releases":{
            "bookworm":{"status":"open","urgency":"unimportant"},
            "trixie":{"status":"open","urgency":"medium**"}}}},
            "nghttp2":{"CVE-2020-0001":{"releases":{"bookworm":{"status":"open"}}}}})");

    ASSERT_EQ(parsed.sink.advisories.size(), 2U);
    EXPECT_TRUE(parsed.sink.advisories[0].affected.at(0).unimportant);
    EXPECT_FALSE(parsed.sink.advisories[0].affected.at(1).unimportant) << "of another release";
    EXPECT_FALSE(parsed.sink.advisories[1].affected.at(0).unimportant) << "of another package";
}

TEST(ParseDebianTracker, OpenSaysWhyThereIsNoFix) {
    EXPECT_EQ(tracker_claim(R"({"status":"open","urgency":"low"})"), Claim::Affected);
    EXPECT_EQ(
        tracker_claim(R"({"status":"open","nodsa":"Minor issue","nodsa_reason":""})"),
        Claim::Postponed);
    EXPECT_EQ(
        tracker_claim(R"({"status":"open","nodsa":"x","nodsa_reason":"postponed"})"),
        Claim::Postponed);
    EXPECT_EQ(
        tracker_claim(R"({"status":"open","nodsa":"x","nodsa_reason":"ignored"})"), Claim::WontFix);
    EXPECT_EQ(tracker_claim(R"({"status":"open","urgency":"end-of-life"})"), Claim::EndOfLife);
    EXPECT_EQ(tracker_claim(R"({"status":"undetermined"})"), Claim::UnderInvestigation);
}

TEST(ParseDebianTracker, ReadsTempIdsAndReleasesWithoutANumber) {
    Parsed parsed;
    parse_into(
        parsed,
        parse_debian_tracker,
        R"({"a":{"TEMP-0000000-ABC":{"releases":{"sid":{"status":"open","urgency":"not yet assigned"}}}}})");

    ASSERT_EQ(parsed.sink.advisories.size(), 1U);
    EXPECT_EQ(parsed.sink.advisories[0].vulnerabilities, Ids{"TEMP-0000000-ABC"});
    EXPECT_EQ(parsed.sink.advisories[0].affected.at(0).ecosystem, "Debian:sid");
    EXPECT_TRUE(parsed.sink.advisories[0].severities.empty());
}

TEST(ParseDebianTracker, QuarantinesOneEntryAlone) {
    Parsed parsed;
    parse_into(
        parsed,
        parse_debian_tracker,
        R"({"a":{"BUG-1":{"releases":{}},"CVE-2020-0001":{"releases":{"sid":{"status":"odd"}}},
            "CVE-2020-0002":{},"CVE-2020-0003":{"releases":{"sid":{"status":"resolved"}}},
            "CVE-2020-0004":{"releases":{"sid":{"status":"open"}}}}})");

    EXPECT_EQ(parsed.counts->records, 3U);
    ASSERT_EQ(parsed.sink.quarantined.size(), 4U);
    EXPECT_EQ(parsed.sink.quarantined[0].reason, "neither a CVE id nor a TEMP id");
    EXPECT_EQ(parsed.sink.quarantined[1].record, "a CVE-2020-0001 sid");
}

TEST(ParseDebianTracker, OneOddReleaseCostsOnlyItself) {
    Parsed parsed;
    parse_into(
        parsed,
        parse_debian_tracker,
        R"({"a":{"CVE-2020-0001":{"releases":{"bookworm":{"status":"open"},
            "sid":{"status":"odd"}}}}})");

    EXPECT_EQ(parsed.counts->quarantined, 1U);
    ASSERT_EQ(parsed.sink.advisories.size(), 1U);
    const std::vector<model::AffectedPackage>& affected = parsed.sink.advisories[0].affected;
    ASSERT_EQ(affected.size(), 2U);
    EXPECT_EQ(affected[0].claim, model::Claim::Affected);
    EXPECT_EQ(affected[1].claim, model::Claim::UnderInvestigation);
}

TEST(ParseDebianTracker, RefusesWhatIsNoObject) {
    Parsed parsed;
    parse_into(parsed, parse_debian_tracker, "[]");
    EXPECT_EQ(parsed.counts.error().code, "feeds.not_this_feed");
    parse_into(parsed, parse_debian_tracker, "invalid");
    EXPECT_EQ(parsed.counts.error().code, "feeds.bad_json");
}

void dsa_list(Parsed& parsed, std::string_view text) {
    parse_into(parsed, parse_debian_dsa, text);
    EXPECT_TRUE(parsed.counts);
}

TEST(ParseDebianDsa, ReadsAnAdvisory) {
    Parsed parsed;
    dsa_list(
        parsed,
        "[21 Aug 2026] DSA-6458-1 gst-plugins-bad1.0 - security update\n"
        "\t{CVE-2026-12892 CVE-2026-12891 CVE-2026-12891 }\n"
        "\t[trixie] - gst-plugins-bad1.0 1.26.2-3+deb13u3\n"
        "\t[bookworm] - gst-plugins-bad1.0 1.22.0-4+deb12u9 (medium)\n");

    ASSERT_EQ(parsed.sink.advisories.size(), 1U);
    const auto& advisory = parsed.sink.advisories[0];
    EXPECT_EQ(advisory.id, "DSA-6458-1");
    EXPECT_EQ(advisory.feed, "debian-dsa");
    EXPECT_EQ(advisory.vulnerabilities, (Ids{"CVE-2026-12891", "CVE-2026-12892"}));
    EXPECT_EQ(advisory.summary, "gst-plugins-bad1.0 - security update");
    EXPECT_EQ(format_date(*advisory.published), "2026-08-21");
    ASSERT_EQ(advisory.affected.size(), 2U);
    EXPECT_EQ(advisory.affected[1].ecosystem, "Debian:12");
    EXPECT_EQ(
        advisory.affected[1].ranges.at(0).events.at(1),
        (RangeEvent{RangeEvent::Kind::Fixed, "1.22.0-4+deb12u9"}));
}

TEST(ParseDebianDsa, AdvisoriesWithoutCvesNameThemselves) {
    Parsed parsed;
    dsa_list(
        parsed,
        "[18 Apr 2018] DSA-4205-1 jessie end-of-life\n"
        "[06 Dec 2001] DSA-135 libapache-mod-ssl  --  buffer overflow\n"
        "\tNOTE: fixed in testing at time of DSA\n");

    ASSERT_EQ(parsed.sink.advisories.size(), 2U);
    EXPECT_EQ(parsed.sink.advisories[0].vulnerabilities, Ids{"DSA-4205-1"});
    EXPECT_EQ(parsed.sink.advisories[1].vulnerabilities, Ids{"DSA-135"});
    EXPECT_TRUE(parsed.sink.quarantined.empty());
}

TEST(ParseDebianDsa, TagsInPlaceOfVersionsAreClaims) {
    Parsed parsed;
    dsa_list(
        parsed,
        "[01 Jan 2010] DSA-1-1 x - y\n"
        "        [woody] - mailman <not-affected> (Vulnerable code not present)\n"
        "\t[sarge] - mailman <unfixed>\n"
        "\t[wheezy] - curl  <end-of-life>\n"
        "\t- mailman 1.0\n");

    const auto& affected = parsed.sink.advisories.at(0).affected;
    ASSERT_EQ(affected.size(), 4U);
    EXPECT_EQ(affected[0].claim, Claim::NotAffected);
    EXPECT_EQ(affected[0].ecosystem, "Debian:3.0");
    EXPECT_TRUE(affected[0].ranges.empty());
    EXPECT_EQ(affected[1].claim, Claim::Affected);
    EXPECT_EQ(affected[1].ranges.at(0).events.size(), 1U);
    EXPECT_EQ(affected[2].claim, Claim::EndOfLife);
    EXPECT_EQ(affected[2].name, "curl");
    EXPECT_EQ(affected[3].ecosystem, "Debian:sid");
}

TEST(ParseDebianDsa, ABadLineIsQuarantinedAndTheAdvisoryStays) {
    Parsed parsed;
    dsa_list(
        parsed,
        "[01 Jan 2010] DSA-1-1 x - y\n\t[sarge] mailman 1.0\n\t{CVE-2010-0001 CVE-oops}\n"
        "\t[sarge] - a <strange>\n");

    EXPECT_EQ(parsed.sink.advisories.at(0).vulnerabilities, Ids{"CVE-2010-0001"});
    EXPECT_EQ(parsed.sink.quarantined.size(), 3U);
}

TEST(ParseDebianDsa, ABadHeaderTakesItsLinesWithIt) {
    Parsed parsed;
    dsa_list(
        parsed, "[31 Foo 2010] DSA-1-1 x - y\n\t{CVE-2010-0001}\n[02 Jan 2010] DSA-2-1 x - y\n");

    ASSERT_EQ(parsed.sink.advisories.size(), 1U);
    EXPECT_EQ(parsed.sink.advisories[0].id, "DSA-2-1");
    EXPECT_EQ(parsed.sink.quarantined.size(), 1U);
}

TEST(ParseDebianDla, IsNotTheListOfTheSecurityTeam) {
    Parsed parsed;
    parse_into(parsed, parse_debian_dla, "[01 Jan 2010] DSA-1-1 x - y\n");
    EXPECT_EQ(parsed.counts.error().code, "feeds.not_this_feed");
    parse_into(parsed, parse_debian_dla, "[01 Jan 2020] DLA-1-1 x - y\n");
    EXPECT_EQ(parsed.sink.advisories.at(0).feed, "debian-dla");
}

TEST(ParseDebianDsa, RefusesAnErrorPage) {
    Parsed parsed;
    parse_into(parsed, parse_debian_dsa, "<html>\n[not] a list\n</html>\n");
    EXPECT_EQ(parsed.counts.error().code, "feeds.not_this_feed");
}

}  // namespace
}  // namespace thimble::feeds
