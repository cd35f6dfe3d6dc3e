#include "thimble/assess/judge.hpp"

#include "thimble/catalog/advisory_builder_test.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>

namespace thimble::assess {
namespace {

using catalog::ACatalog;
using catalog::AnAdvisory;
using model::Authority;
using model::FindingStatus;

/// What the records say of CVE-1 in nginx, and what is therefore decided of a version.
Verdict verdict_on(std::string_view version, std::initializer_list<model::Advisory> records) {
    const ACatalog catalog(records);
    const auto section = *catalog->section("Debian:12");
    const auto package = section->find("nginx");
    const auto* fact = section->facts().find("CVE-1");
    const auto index = static_cast<std::uint32_t>(fact - section->facts().facts().data());
    Verdict verdict = judge_fact(*package, *section, {version, "amd64", ""}, index).value();
    // The texts are views of a catalog that goes.
    verdict.fixed_version = verdict.reason = {};
    return verdict;
}

/// Debian's tracker by one of its two feeds.
AnAdvisory tracker(std::string id, std::string fixed) {
    return AnAdvisory(std::move(id))
        .by(Authority::Tracker)
        .about({"CVE-1"})
        .affects("Debian:12", "nginx", "0", std::move(fixed));
}

AnAdvisory erratum(std::string fixed) {
    return AnAdvisory("DSA-1")
        .by(Authority::Erratum)
        .about({"CVE-1"})
        .affects("Debian:12", "nginx", "0", std::move(fixed));
}

TEST(Judge, CarriesThatTheRecordCallsItUnimportantAndFindsItAffectedAllTheSame) {
    const Verdict said = verdict_on("1", {tracker("CVE-1", "").calls_unimportant()});

    EXPECT_TRUE(said.unimportant);
    EXPECT_EQ(said.status, FindingStatus::AffectedNoFix);
    EXPECT_FALSE(verdict_on("1", {tracker("CVE-1", "")}).unimportant);
}

TEST(Judge, OfTwoFeedsOfTheTrackerTheWordOfOneSuffices) {
    EXPECT_TRUE(
        verdict_on("1", {tracker("CVE-1", "").calls_unimportant(), tracker("DEBIAN-CVE-1", "")})
            .unimportant);
    EXPECT_TRUE(
        verdict_on("1", {tracker("CVE-1", ""), tracker("DEBIAN-CVE-1", "").calls_unimportant()})
            .unimportant);
}

TEST(Judge, TheTrackersWordStaysWhereAnErratumsFixDecides) {
    const Verdict said = verdict_on("1", {tracker("CVE-1", "").calls_unimportant(), erratum("2")});

    EXPECT_TRUE(said.unimportant);
    EXPECT_EQ(said.status, FindingStatus::AffectedFixAvailable);
}

TEST(Judge, ATrackerThatKnowsTheFixSilencesTheWordOfAnOlderCopy) {
    EXPECT_FALSE(
        verdict_on("1", {tracker("CVE-1", "").calls_unimportant(), tracker("DEBIAN-CVE-1", "2")})
            .unimportant);
}

TEST(Judge, OnlyTheDistributionCallsItUnimportant) {
    AnAdvisory database =
        AnAdvisory("GHSA-1").about({"CVE-1"}).affects("Debian:12", "nginx", "0", "");
    AnAdvisory withdrawn = tracker("DEBIAN-CVE-1", "").calls_unimportant().withdrawn();

    EXPECT_FALSE(verdict_on("1", {database.calls_unimportant()}).unimportant);
    EXPECT_FALSE(verdict_on("1", {tracker("CVE-1", ""), withdrawn}).unimportant);
}

TEST(Judge, UnknownStaysUnknownWhateverIsCalledUnimportant) {
    const Verdict said = verdict_on("no version", {tracker("CVE-1", "2").calls_unimportant()});

    EXPECT_EQ(said.status, FindingStatus::Unknown);
    EXPECT_TRUE(said.unimportant);
}

}  // namespace
}  // namespace thimble::assess
