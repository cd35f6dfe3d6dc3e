#include "thimble/inventory/apt_answer.hpp"

#include "thimble/base/instant.hpp"
#include "thimble/model/inventory.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <string>

namespace thimble::inventory {
namespace {

AptAnswer full_answer() {
    AptAnswer answer;
    answer.index = {
        .asked = true,
        .refreshed_at = Instant(std::chrono::seconds(1'700'000'000)),
        .problems = {"no index for \"x\""},
        .archives = {{
            {.origin = "Debian",
             .label = "Debian",
             .archive = "oldstable",
             .codename = "bookworm",
             .component = "",
             .site = "archive.example",
             .trusted = true},
        }},
        .unfetched = {{.uri = "http://archive.example/security", .suite = "bookworm-security"}}};
    model::Offer offer;
    offer.name = "libexpat1";
    offer.architecture = "amd64";
    offer.installed_version = "2.5.0-1";
    offer.candidate_version = "2.5.0-1+deb12u1";
    offer.source_name = "expat";
    offer.source_version = "2.5.0-1+deb12u1";
    offer.origins.push_back(
        {.origin = "Debian",
         .label = "Debian-Security",
         .archive = "oldstable-security",
         .codename = "bookworm-security",
         .component = "main",
         .site = "archive.example",
         .trusted = true});
    offer.security = true;
    offer.in_upgrade = true;
    offer.phased_percentage = 40;
    offer.phase_draw = 73;
    offer.blockers.push_back({.kind = model::BlockerKind::Phased, .detail = "draw 73 > 40 %"});
    offer.download_bytes = 98'765;
    offer.growth_bytes = -4'321;
    answer.offers.push_back(offer);
    answer.changelogs.push_back(
        {.source_name = "expat",
         .from_version = "2.5.0-1",
         .to_version = "2.5.0-1+deb12u1",
         .vulnerabilities = {"CVE-2023-52425"},
         .urgency = "high",
         .news = {"line\nline"},
         .read_from = "libexpat1 SHA256:00"});
    answer.gaps.push_back({.code = "inventory.x", .detail = "y", .next = ""});
    return answer;
}

TEST(AptAnswer, ReadsWhatItWrote) {
    const auto read = parse_apt_answer(format_apt_answer(full_answer()));

    ASSERT_TRUE(read.has_value()) << read.error().text();
    EXPECT_EQ(*read, full_answer());
}

TEST(AptAnswer, ReadsOneOfBeforeThatTellsOfNoArchiveWithoutAnIndex) {
    std::string text = format_apt_answer(full_answer());
    const std::size_t begin = text.find(",\"unfetched\"");
    ASSERT_NE(begin, std::string::npos);
    text.erase(begin, text.find(']', begin) + 1 - begin);

    const auto read = parse_apt_answer(text);

    ASSERT_TRUE(read.has_value()) << read.error().text();
    EXPECT_TRUE(read->index.unfetched.empty());
}

TEST(AptAnswer, ReadsAnEmptyOne) {
    const auto read = parse_apt_answer(format_apt_answer({}));

    ASSERT_TRUE(read.has_value()) << read.error().text();
    EXPECT_EQ(*read, AptAnswer{});
}

TEST(AptAnswer, RefusesNamesAndVersionsWithoutEnd) {
    AptAnswer answer = full_answer();
    ASSERT_FALSE(answer.offers.empty());
    answer.offers.front().source_name = std::string(513, 'a');

    EXPECT_FALSE(parse_apt_answer(format_apt_answer(answer)).has_value());
}

TEST(AptAnswer, RefusesEveryTruncation) {
    const std::string text = format_apt_answer(full_answer());

    for (std::size_t length = 0; length < text.size(); ++length) {
        EXPECT_FALSE(parse_apt_answer(std::string_view(text).substr(0, length)).has_value());
    }
}

TEST(AptAnswer, RefusesAnotherFormatAnUnknownBlockerAndDepth) {
    std::string text = format_apt_answer(full_answer());
    const auto with = [&](const std::string& from, const std::string& to) {
        std::string changed = text;
        changed.replace(changed.find(from), from.size(), to);
        return parse_apt_answer(changed);
    };

    EXPECT_FALSE(with("\"format\":1", "\"format\":2").has_value());
    EXPECT_FALSE(with("\"kind\":\"phased\"", "\"kind\":\"moon\"").has_value());
    EXPECT_FALSE(with("\"download_bytes\":98765", "\"download_bytes\":-1").has_value());
    EXPECT_FALSE(
        with("\"growth_bytes\":-4321", "\"growth_bytes\":-9223372036854775808").has_value());
    EXPECT_FALSE(parse_apt_answer(std::string(100'000, '[')).has_value());
}

TEST(ChangelogEvidence, ReadsWhatItWrote) {
    const auto evidence = full_answer().changelogs.front();

    EXPECT_EQ(parse_changelog_evidence(format_changelog_evidence(evidence)).value(), evidence);
}

}  // namespace
}  // namespace thimble::inventory
