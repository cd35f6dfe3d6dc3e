#include "thimble/report/finding_words.hpp"

#include "thimble/report/content_digest.hpp"
#include "thimble/report/percent_encoding.hpp"
#include "thimble/report/report_builder_test.hpp"

namespace thimble::report {
namespace {

using model::FindingStatus;

TEST(FindingSentence, SaysVersionFixAndReason) {
    AScan scan;
    scan.has("curl", "7.88").with("CVE-2024-1", FindingStatus::AffectedFixNotInMyRepos);
    scan.fixed_in("7.89").because_of("not_offered");

    EXPECT_EQ(
        finding_sentence(parts_of(scan.report(), 0)),
        "curl 7.88 is affected by CVE-2024-1; fixed in 7.89; no configured repository offers the "
        "fix");
}

TEST(FindingSentence, SaysWhoCallsItUnimportantForTheSource) {
    AScan scan;
    scan.has("nginx-light", "1").with("CVE-1", FindingStatus::AffectedNoFix);
    scan.package().source_name = "nginx";
    EXPECT_EQ(unimportant_sentence(parts_of(scan.report(), 0)), "");

    scan.finding().called_unimportant_by = "Debian";

    EXPECT_EQ(
        finding_sentence(parts_of(scan.report(), 0)),
        "nginx-light 1 is affected by CVE-1; Debian calls it unimportant for nginx");
}

TEST(FindingSentence, NamesNoVulnerabilityWhereThereIsNone) {
    AScan scan;
    scan.has("bar", "1").with("", FindingStatus::Unknown).because_of("some_new_code");

    EXPECT_EQ(
        finding_sentence(parts_of(scan.report(), 0)),
        "bar 1 could not be judged for any vulnerability; some new code");
}

TEST(FindingSentence, HasWordsForEachStatus) {
    const std::vector<std::pair<FindingStatus, std::string_view>> cases = {
        {FindingStatus::AffectedFixAvailable, "a 1 is affected by CVE-1"},
        {FindingStatus::AffectedNoFix, "a 1 is affected by CVE-1"},
        {FindingStatus::FixedInstalledNotRunning,
         "a 1: the fix is installed but not running for CVE-1"},
        {FindingStatus::Fixed, "a 1 is no longer affected by CVE-1"},
        {FindingStatus::NotAffected, "a 1 is not affected by CVE-1"},
        {FindingStatus::UnderInvestigation,
         "a 1: the vendor has not yet determined whether it is affected by CVE-1"},
    };
    for (const auto& [status, words] : cases) {
        AScan scan;
        scan.has("a", "1").with("CVE-1", status);

        EXPECT_EQ(finding_sentence(parts_of(scan.report(), 0)), words);
    }
}

TEST(ActionSentence, SaysWhatToDoForEachStatus) {
    const std::vector<std::pair<FindingStatus, std::string_view>> cases = {
        {FindingStatus::AffectedFixAvailable, "Update a to 2 or later"},
        {FindingStatus::AffectedFixNotInMyRepos,
         "Configure a repository that has the fix, then update a to 2 or later (the fix is only "
         "for "
         "subscribers of the vendor)"},
        {FindingStatus::FixedInstalledNotRunning,
         "Restart what still runs the old a; for a kernel, reboot"},
        {FindingStatus::AffectedNoFix,
         "No fix for a (the fix is only for subscribers of the vendor): mitigate or remove it, or "
         "accept the risk until there is one"},
        {FindingStatus::Fixed, "Nothing to do"},
        {FindingStatus::NotAffected, "Nothing to do"},
        {FindingStatus::UnderInvestigation, "Wait for the vendor's word"},
        {FindingStatus::Unknown, "Judge it by hand: the fix is only for subscribers of the vendor"},
    };
    for (const auto& [status, words] : cases) {
        AScan scan;
        scan.has("a", "1").with("CVE-1", status).fixed_in("2").because_of("subscription_only");

        EXPECT_EQ(action_sentence(parts_of(scan.report(), 0)), words);
    }
}

TEST(ActionSentence, GivesNoReasonWhereThereIsNone) {
    AScan scan;
    scan.has("a", "1").with("CVE-1", FindingStatus::AffectedNoFix);

    EXPECT_EQ(
        action_sentence(parts_of(scan.report(), 0)),
        "No fix for a yet: mitigate or remove it, or accept the risk until there is one");
}

TEST(ActionSentence, DoesNotDenyAFixThatAnOfferedUpdateMayBe) {
    AScan scan;
    scan.has("a", "1").with("CVE-1", FindingStatus::AffectedNoFix);
    model::Offer update;
    update.name = update.source_name = "a";
    update.source_version = "2";
    scan.inventory().offers.push_back(update);

    EXPECT_EQ(
        action_sentence(parts_of(scan.report(), 0)),
        "No fix for a is known, and whether a 2, which is offered, closes it is not known, as its "
        "changelog was not read: update, then scan again; else mitigate or remove it, or accept "
        "the risk until there is one");
    scan.because_of("postponed");
    EXPECT_TRUE(action_sentence(parts_of(scan.report(), 0))
                    .starts_with("No fix for a is known (the vendor has postponed the fix), and "));
    scan.inventory().changelogs.push_back({"a", "1", "2", {}, "", {}, ""});
    EXPECT_EQ(parts_of(scan.report(), 0).unread_update, nullptr);
}

TEST(VulnerabilityPage, KnowsItsPublisherAndEncodesTheId) {
    EXPECT_EQ(vulnerability_page("CVE-2024-1").publisher, "CVE");
    EXPECT_EQ(
        vulnerability_page("GHSA-aaaa-bbbb-cccc").url,
        "https://github.com/advisories/GHSA-aaaa-bbbb-cccc");
    EXPECT_EQ(vulnerability_page("X\"/?<").url, "https://osv.dev/vulnerability/X%22%2F%3F%3C");
}

TEST(ScoreText, KeepsOneDecimal) {
    EXPECT_EQ(score_text(0), "0.0");
    EXPECT_EQ(score_text(98), "9.8");
    EXPECT_EQ(score_text(100), "10.0");
}

TEST(ClosedSentence, TellsWhatNobodyKnowsFromNothing) {
    model::Patch patch;
    EXPECT_EQ(
        closed_sentence(patch),
        "vulnerabilities closed: not known, since no feed and no changelog that was read names "
        "any");
    patch.urgency = "high";
    EXPECT_EQ(closed_sentence(patch), "vulnerabilities closed: none that its changelog names");
    patch.vulnerabilities = {1, 2};
    EXPECT_EQ(closed_sentence(patch), "vulnerabilities closed: 2");
}

// Expected values by an independent big-integer computation.
TEST(ContentDigest, IsFnv1aWithATerminator) {
    EXPECT_EQ(ContentDigest().hex(), "6c62272e07bb014262b821756295c58d");
    EXPECT_EQ(ContentDigest().add("a").hex(), "0880954550ab1be95aa0733055b751b9");
    EXPECT_EQ(ContentDigest().add("foobar").add("").hex(), "7956a983c0659b4a56e96643c811b9b6");
}

TEST(ContentDigest, KeepsTextsApart) {
    EXPECT_NE(ContentDigest().add("ab").add("c").hex(), ContentDigest().add("a").add("bc").hex());
}

TEST(ContentDigest, FormsAVersionEightUuid) {
    const std::string uuid = ContentDigest().add("a").uuid();

    ASSERT_EQ(uuid.size(), 36U);
    EXPECT_EQ(uuid[8], '-');
    EXPECT_EQ(uuid[13], '-');
    EXPECT_EQ(uuid[14], '8');
    EXPECT_EQ(uuid[18], '-');
    EXPECT_NE(std::string_view("89ab").find(uuid[19]), std::string_view::npos);
    EXPECT_EQ(uuid[23], '-');
}

}  // namespace
}  // namespace thimble::report
