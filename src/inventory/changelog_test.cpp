#include "thimble/inventory/changelog.hpp"

#include "thimble/model/version_order.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace thimble::inventory {
namespace {

constexpr std::string_view kChangelog =
    "expat (2.5.0-1+deb12u3) bookworm-security; urgency=high\n"
    "\n"
    "  * Fix CVE-2024-0003 and cve-2024-0001 (Closes: #1).\n"
    "  * CVE-2024-0003 again; CVE-2024-12, CVE-20240-1234 and XCVE are none.\n"
    "\n"
    " -- A Person <a@example.org>  Mon, 01 Jan 2024 00:00:00 +0000\n"
    "\n"
    "expat (2.5.0-1+deb12u2) bookworm-security; urgency=medium\n"
    "\n"
    "  * CVE-2024-1234567: text\n"
    "\n"
    " -- A Person <a@example.org>  Mon, 01 Jan 2023 00:00:00 +0000\n"
    "\n"
    "expat (2.5.0-1+deb12u1) bookworm; urgency=emergency\n"
    "\n"
    "  * CVE-2022-0001\n"
    "\n"
    " -- A Person <a@example.org>  Mon, 01 Jan 2022 00:00:00 +0000\n";

TEST(ParseChangelog, ReadsTheEntriesBetweenTheVersions) {
    const auto facts = parse_changelog(kChangelog, "2.5.0-1+deb12u1", "2.5.0-1+deb12u3");

    EXPECT_EQ(facts.entries, 2U);
    EXPECT_EQ(
        facts.vulnerabilities,
        (std::vector<std::string>{"CVE-2024-0001", "CVE-2024-0003", "CVE-2024-1234567"}));
    EXPECT_EQ(facts.urgency, "high");
}

TEST(ParseChangelog, StopsBelowAVersionThatHasNoEntry) {
    if (model::version_order_named("dpkg") == nullptr) {
        GTEST_SKIP() << "skipped: no dpkg order";
    }

    const auto facts = parse_changelog(kChangelog, "2.5.0-1+deb12u1+site1", "2.5.0-1+deb12u2");

    EXPECT_EQ(facts.entries, 1U);
    EXPECT_EQ(facts.vulnerabilities, (std::vector<std::string>{"CVE-2024-1234567"}));
}

TEST(ParseChangelog, FindsNothingInNonsense) {
    EXPECT_EQ(parse_changelog("", "1", "2"), ChangelogFacts{});
    EXPECT_EQ(parse_changelog("CVE-2024-0001 before any entry\n", "1", "2"), ChangelogFacts{});
    EXPECT_EQ(parse_changelog("x (;) y\n)( ;\n", "1", "2"), ChangelogFacts{});
    EXPECT_EQ(parse_changelog("CVE-\nCVE-2024-\n-", "1", "2"), ChangelogFacts{});
}

TEST(ParseNews, GivesTheTextWithoutHeaderAndTrailer) {
    const auto news = parse_news(
        "openssh (1:9.2p1-2+deb12u3) bookworm; urgency=high\n"
        "\n"
        "  The option X is\n"
        "  gone.\n"
        "\n"
        " -- A Person <a@example.org>  Mon, 01 Jan 2024 00:00:00 +0000\n"
        "\n"
        "openssh (1:9.2p1-2) unstable; urgency=low\n"
        "\n"
        "  Old news.\n",
        "1:9.2p1-2",
        "1:9.2p1-2+deb12u3");

    EXPECT_EQ(news, (std::vector<std::string>{"The option X is\ngone."}));
}

TEST(ParseNews, LetsNoEscapeSequenceThrough) {
    const auto news = parse_news("x (2) y; urgency=low\n  a\x1b[31mb\n", "1", "2");

    EXPECT_EQ(news, (std::vector<std::string>{"a?[31mb"}));
}

TEST(NewestChangelogVersion, IsTheFirst) {
    EXPECT_EQ(newest_changelog_version(kChangelog), "2.5.0-1+deb12u3");
    EXPECT_EQ(newest_changelog_version("nothing"), "");
}

}  // namespace
}  // namespace thimble::inventory
