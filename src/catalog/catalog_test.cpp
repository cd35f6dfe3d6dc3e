#include "thimble/catalog/catalog.hpp"

#include "thimble/catalog/advisory_builder_test.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace thimble::catalog {
namespace {

using model::Authority;
using model::Claim;

ACatalog a_small_catalog() {
    model::VulnerabilityFacts facts;
    facts.id = "CVE-2026-1";
    facts.kev = model::KevEntry{*parse_instant("2026-10-01"), {}, "curl", true};
    facts.cvss_vectors = {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"};
    facts.exploits = {{"metasploit", "exploit/x"}};
    return ACatalog(
        {AnAdvisory("DSA-1-1")
             .by(Authority::Erratum)
             .about({"CVE-2026-1"})
             .affects("Debian:12", "curl", "0", "7.88.1-10+deb12u5")},
        {facts},
        {{"osv", *parse_instant("2026-10-30"), Days{2}, 1, 0, {}, {}}});
}

std::vector<format::Row> active_rows(const PackageView& package) {
    std::vector<format::Row> rows;
    for (const format::Row& row : package.rows()) {
        if ((row.flags & format::kSuperseded) == 0) {
            rows.push_back(row);
        }
    }
    return rows;
}

TEST(Catalog, FindsThePackageAndItsBoundaries) {
    const ACatalog catalog = a_small_catalog();

    const auto section = *catalog->section("Debian:12");
    ASSERT_TRUE(section);
    const auto package = section->find("curl");
    ASSERT_TRUE(package);
    EXPECT_EQ(package->position("7.88.1-10"), 0U);
    EXPECT_EQ(package->position("7.88.1-10+deb12u5"), 1U);
    EXPECT_EQ(package->position("0:7.88.1-10+deb12u5"), 1U) << "equal in the order, not as text";
    EXPECT_EQ(package->position("8.0"), 2U);
    ASSERT_EQ(package->rows().size(), 1U);
    EXPECT_EQ(package->fix(package->rows()[0]), "7.88.1-10+deb12u5");
    EXPECT_FALSE(section->find("wget"));
}

TEST(Catalog, KeepsWhatIsKnownOfAVulnerabilityInItsSectionAndInItsYear) {
    const ACatalog catalog = a_small_catalog();

    const FactTable table = *catalog->facts_of("CVE-2026-1");
    const format::Fact* fact = table.find("CVE-2026-1");
    ASSERT_NE(fact, nullptr);
    EXPECT_EQ(fact->flags, format::kKev | format::kRansomware);
    EXPECT_EQ(fact->cvss_tenths, 98);
    ASSERT_EQ(table.exploits(*fact).size(), 1U);
    EXPECT_EQ(table.text(table.exploits(*fact)[0].reference), "exploit/x");
    EXPECT_NE((*catalog->section("Debian:12"))->facts().find("CVE-2026-1"), nullptr);
    EXPECT_EQ(table.find("CVE-2026-2"), nullptr);
    EXPECT_EQ((*catalog->sources())[0].feed, "osv");
}

TEST(Catalog, DoesNotMatchAcrossReleasesOrWithoutOne) {
    const ACatalog catalog({AnAdvisory("CVE-1").affects("Debian", "curl", "0", "9")});

    EXPECT_FALSE(*catalog->section("Debian:12"));
    EXPECT_TRUE(*catalog->section("Debian"));
}

TEST(Catalog, RefusesEveryTruncation) {
    const std::string text = a_small_catalog().text();

    for (std::size_t size = 0; size < text.size(); size += 97) {
        const AlignedBytes bytes(text.substr(0, size));
        EXPECT_FALSE(Catalog::over(bytes.bytes())) << size;
    }
}

TEST(Catalog, RefusesOrDetectsEveryFlippedByte) {
    const std::string text = a_small_catalog().text();

    for (std::size_t at = 0; at < text.size(); at += 3) {
        std::string flipped = text;
        flipped[at] = static_cast<char>(flipped[at] ^ 0x41);
        const AlignedBytes bytes(flipped);
        const auto catalog = Catalog::over(bytes.bytes());
        if (!catalog) {
            continue;
        }
        // Only padding between extents may change unnoticed: then the answers are the same.
        const auto section = catalog->section("Debian:12");
        const auto facts = catalog->facts_of("CVE-2026-1");
        const bool same_section = section && *section && (*section)->find("curl");
        EXPECT_TRUE(!section || same_section) << at;
        EXPECT_TRUE(!facts || facts->find("CVE-2026-1") != nullptr) << at;
    }
}

/// As it is done with every file of ours: written beside it, then renamed.
void replace(const std::string& path, std::string_view bytes) {
    const std::string beside = path + ".new";
    std::ofstream(beside, std::ios::binary) << bytes;
    std::filesystem::rename(beside, path);
}

TEST(Catalog, ReaderOfAReplacedFileIsUndisturbed) {
    const auto folder = std::filesystem::temp_directory_path() / "thimble-catalog-test";
    std::filesystem::create_directories(folder);
    const std::string path = (folder / "catalog").string();
    replace(path, a_small_catalog().text());
    const auto before = Catalog::open(path);
    ASSERT_TRUE(before);

    replace(path, ACatalog({}).text());

    EXPECT_TRUE((*before->section("Debian:12"))->find("curl"));
    EXPECT_FALSE(*Catalog::open(path)->section("Debian:12"));
    std::filesystem::remove_all(folder);
}

TEST(Catalog, IsToldFromAFileThatNeverWasOne) {
    const auto folder = std::filesystem::temp_directory_path() / "thimble-no-catalog-test";
    std::filesystem::create_directories(folder);
    const auto code_of = [&](std::string_view bytes) {
        const std::string path = (folder / "catalog").string();
        replace(path, bytes);
        return Catalog::open(path).error().code;
    };
    EXPECT_EQ(code_of("root:x:0:0:root:/root:/bin/bash\n"), "catalog.no_catalog");
    EXPECT_EQ(code_of("x"), "catalog.no_catalog") << "shorter than a header";
    EXPECT_EQ(Catalog::open(folder.string()).error().code, "catalog.no_catalog");
    EXPECT_EQ(code_of(a_small_catalog().text().substr(0, 9)), "catalog.corrupt");
    EXPECT_EQ(code_of(""), "catalog.corrupt") << "nothing is lost where it is written anew";
    std::filesystem::remove_all(folder);
}

TEST(Catalog, IsTheSameWhateverTheOrderOfTheRecords) {
    const AnAdvisory one = AnAdvisory("A").affects("Debian:12", "curl", "0", "2").lists({"3", "4"});
    const AnAdvisory two =
        AnAdvisory("B").affects("Debian:12", "bash", "1", "5").about({"CVE-2026-2", "CVE-2026-1"});
    const AnAdvisory three = AnAdvisory("C").affects("Debian:12", "curl", "0", "1.0-1");

    EXPECT_EQ(ACatalog({one, two, three}).text(), ACatalog({three, two, one}).text());
}

/// What the rows of nginx say, in words: "DEBIAN-CVE-1 unimportant, DSA-1".
std::string words_of_nginx(const ACatalog& catalog) {
    const auto section = *catalog->section("Debian:12");
    const auto package = section->find("nginx");
    std::string words;
    for (const format::Row& row : package->rows()) {
        words += words.empty() ? "" : ", ";
        words += section->text(section->advisory(row.advisory)->id);
        words += (row.flags & format::kUnimportant) != 0 ? " unimportant" : "";
    }
    return words;
}

TEST(Catalog, KeepsWhichRecordCallsTheVulnerabilityUnimportantForThePackage) {
    const AnAdvisory of_osv = AnAdvisory("DEBIAN-CVE-1")
                                  .by(Authority::Tracker)
                                  .about({"CVE-1"})
                                  .affects("Debian:12", "nghttp2", "0", "")
                                  .affects("Debian:12", "nginx", "0", "")
                                  .calls_unimportant();
    AnAdvisory of_tracker =
        AnAdvisory("CVE-1").by(Authority::Tracker).affects("Debian:12", "nginx", "0", "");
    const AnAdvisory erratum = AnAdvisory("DSA-1")
                                   .by(Authority::Erratum)
                                   .about({"CVE-1"})
                                   .affects("Debian:12", "nginx", "0", "2");
    const ACatalog catalog({of_osv, of_tracker, erratum});

    EXPECT_EQ(words_of_nginx(catalog), "DSA-1, CVE-1, DEBIAN-CVE-1 unimportant");
    EXPECT_EQ((*catalog->section("Debian:12"))->find("nghttp2")->rows()[0].flags, 0);
    EXPECT_EQ(ACatalog({erratum, of_tracker, of_osv}).text(), catalog.text());
    of_tracker.calls_unimportant();
    EXPECT_EQ(
        words_of_nginx(ACatalog({of_osv, of_tracker, erratum})),
        "DSA-1, CVE-1 unimportant, DEBIAN-CVE-1 unimportant");
}

TEST(Precedence, TrackerSaysNotAffectedAgainstEverybody) {
    const ACatalog catalog(
        {AnAdvisory("DEBIAN-CVE-1")
             .by(Authority::Tracker)
             .about({"CVE-1"})
             .claims("Debian:12", "p", Claim::NotAffected),
         AnAdvisory("DSA-1")
             .by(Authority::Erratum)
             .about({"CVE-1"})
             .affects("Debian:12", "p", "0", "2")});

    const auto rows = active_rows(*(*catalog->section("Debian:12"))->find("p"));

    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].claim, static_cast<std::uint8_t>(Claim::NotAffected));
}

TEST(Precedence, AnErratumsFixOutlivesATrackerThatKnewNone) {
    const ACatalog catalog(
        {AnAdvisory("DEBIAN-CVE-1")
             .by(Authority::Tracker)
             .about({"CVE-1"})
             .affects("Debian:12", "p", "0", ""),
         AnAdvisory("DSA-1")
             .by(Authority::Erratum)
             .about({"CVE-1"})
             .affects("Debian:12", "p", "0", "2")});

    const auto package = (*catalog->section("Debian:12"))->find("p");
    const auto rows = active_rows(*package);

    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(package->fix(rows[0]), "2");
}

TEST(Precedence, ASecondBoundedRangeIsNotSilencedByTheFixOfTheFirst) {
    model::Advisory advisory = AnAdvisory("CVE-1").affects("PyPI", "p", "0", "1.0");
    advisory.affected.push_back(advisory.affected.front());
    advisory.affected.back().ranges.front().events = {{model::RangeEvent::Kind::Introduced, "2.0"}};
    const ACatalog catalog({advisory});

    EXPECT_EQ(active_rows(*(*catalog->section("PyPI"))->find("p")).size(), 2U);
}

TEST(Precedence, ARejectedCveDoesNotSilenceTheDistribution) {
    model::VulnerabilityFacts rejected;
    rejected.id = "CVE-1";
    rejected.rejected = true;
    const ACatalog catalog(
        {AnAdvisory("DSA-1")
             .by(Authority::Erratum)
             .about({"CVE-1"})
             .affects("Debian:12", "p", "0", "2")},
        {rejected});

    EXPECT_EQ((*catalog->section("Debian:12"))->find("p")->rows()[0].flags, 0);
}

TEST(Precedence, TheTrackersFixDecidesOverTheErratumAndBothOverADatabase) {
    const ACatalog catalog(
        {AnAdvisory("GHSA-1").about({"CVE-1"}).affects("Debian:12", "p", "0", "9"),
         AnAdvisory("DSA-1")
             .by(Authority::Erratum)
             .about({"CVE-1"})
             .affects("Debian:12", "p", "0", "2"),
         AnAdvisory("DEBIAN-CVE-1")
             .by(Authority::Tracker)
             .about({"CVE-1"})
             .affects("Debian:12", "p", "0", "1")});

    const auto package = (*catalog->section("Debian:12"))->find("p");
    const auto rows = active_rows(*package);

    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(package->fix(rows[0]), "1");
}

TEST(Builder, ARangeThatCannotBeOrderedIsCountedAndKeptAsUnknown) {
    const ACatalog catalog({AnAdvisory("X").affects("Debian:12", "p", "0", "not a version")});

    EXPECT_EQ(catalog.report().unreadable_ranges, 1U);
    const auto package = (*catalog->section("Debian:12"))->find("p");
    ASSERT_TRUE(package);
    EXPECT_EQ(package->rows()[0].flags, format::kUnreadable);
}

TEST(Builder, AnEcosystemWithoutAnOrderIsCountedNotLost) {
    const ACatalog catalog({AnAdvisory("X").affects("Hackage", "p", "0", "1")});

    EXPECT_EQ(catalog.report().without_order.at("Hackage"), 1U);
}

/// The rank test must say what a direct comparison says.
TEST(Rank, AgreesWithDirectComparison) {
    EXPECT_TRUE(rc::check([] {
        const auto version = [] {
            return std::to_string(*rc::gen::inRange(0, 4)) + "."
                + std::to_string(*rc::gen::inRange(0, 4))
                + *rc::gen::element<std::string>("", "-1", "~rc1", "+deb12u1");
        };
        const std::string introduced = version();
        const std::string fixed = version();
        const std::string installed = version();
        const model::VersionOrder& dpkg = *model::version_order_named("dpkg");
        const bool ascending = dpkg.compare(introduced, fixed) < 0;
        RC_PRE(ascending);
        const ACatalog catalog(
            {AnAdvisory("X").affects("Debian:12", "p", introduced, fixed),
             AnAdvisory("Y").affects("Debian:12", "p", version(), "")});

        const auto section = *catalog->section("Debian:12");
        const auto package = section->find("p");
        const std::uint32_t position = package->position(installed);
        for (const format::Row& row : package->rows()) {
            if (section->facts().id(*section->fact(row.fact)) == "X") {
                const bool directly =
                    dpkg.compare(introduced, installed) <= 0 && dpkg.compare(installed, fixed) < 0;
                RC_ASSERT((row.low <= position && position < row.high) == directly);
            }
        }
    }));
}

TEST(Staleness, CallsDataOfTheFutureAWrongClock) {
    using std::chrono::hours;
    const Instant now = *parse_instant("2026-11-01T12:00:00Z");
    Source source;
    source.staleness_budget = hours(48);
    source.as_of = source.checked_at = now + hours(20);  // the day has begun elsewhere
    EXPECT_EQ(staleness(source, now), "");
    EXPECT_EQ(
        staleness(source, now - hours(24 * 365)),
        "is of 2026-11-02, which is to come: the clock is wrong");
    EXPECT_EQ(staleness(source, now + hours(24 * 3)), "is 2 d old (2026-11-02, budget 2 d)");
}

}  // namespace
}  // namespace thimble::catalog
