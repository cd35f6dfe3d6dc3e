#include "thimble/cli/kept_rehearsal.hpp"

#include "thimble/cli/kept_runs_test.hpp"
#include "thimble/rehearse/rehearsal_file.hpp"

#include <gtest/gtest.h>

#include <string>

namespace thimble::cli {
namespace {

const Instant kNow = *parse_instant("2026-12-01T10:00:00Z");

class KeptRehearsal : public KeptRuns {
protected:
    [[nodiscard]] RehearsalQuestion question() const {
        return {
            .plan = "my plan.json",
            .plan_digest = "ab",
            .plan_state = "s1",
            .host_state = "s1",
            .changes = {},
            .root = root().string(),
            .now = kNow,
            .max_age = std::chrono::days(7)};
    }
    void rehearsed(rehearse::CheckVerdict verdict, Instant at = kNow) const {
        rehearse::Rehearsal rehearsal;
        rehearsal.plan_digest = "ab";
        rehearsal.host_state = "s1";
        rehearsal.configuration.emplace();
        rehearsal.rehearsed_at = at;
        rehearsal.verdict = verdict;
        write(state() / "rehearsals/ab.json", rehearse::format_rehearsal(rehearsal));
    }
    [[nodiscard]] std::string why_not(const RehearsalQuestion& asked) const {
        const auto passing = passing_rehearsal(state(), asked);
        EXPECT_FALSE(passing);
        return passing ? std::string() : passing.error().code + ": " + passing.error().text();
    }
    [[nodiscard]] std::string step(const RehearsalQuestion& asked) const {
        return step_to_apply(state(), asked);
    }
};

TEST_F(KeptRehearsal, IsAskedForByTheNameOfThePlan) {
    EXPECT_EQ(
        why_not(question()),
        "apply.not_rehearsed: the plan was not rehearsed on this host: thimble patch rehearse "
        "'my plan.json' (or --without-rehearsal --reason TEXT)");
    EXPECT_EQ(step(question()), "thimble patch rehearse 'my plan.json'");
    RehearsalQuestion bare = question();
    bare.is_bare = true;
    EXPECT_EQ(step(bare), "thimble patch apply 'my plan.json' --without-rehearsal --reason TEXT")
        << "a rehearsal would be refused";
}

TEST_F(KeptRehearsal, IsMadeAgainWhereItIsTooOld) {
    rehearsed(rehearse::CheckVerdict::Pass, kNow - std::chrono::days(8));

    EXPECT_EQ(step(question()), "rehearse it again: thimble patch rehearse 'my plan.json'");
}

TEST_F(KeptRehearsal, IsMadeAgainWithThePlanWhereTheHostHasChanged) {
    const std::string again =
        "make the plan again: thimble patch plan --output 'my plan.json' --package curl --exclude "
        "'lib*', then thimble patch rehearse 'my plan.json'";
    RehearsalQuestion changed = question();
    changed.request.selection = {
        .security = false,
        .all = false,
        .vulnerabilities = {},
        .packages = {"curl"},
        .advisories = {},
        .excluded = {"lib*"}};
    changed.host_state = "s2";
    EXPECT_EQ(step(changed), again) << "it was not even rehearsed";

    rehearsed(rehearse::CheckVerdict::Pass);

    EXPECT_EQ(step(changed), again);
    EXPECT_TRUE(why_not(changed).ends_with("; " + again)) << why_not(changed);
    changed.request.policy.reserve_bytes = 5;
    EXPECT_EQ(
        step(changed),
        "make the plan again: thimble patch plan --output 'my plan.json' --package curl --exclude "
        "'lib*' --reserve 5, then thimble patch rehearse 'my plan.json'");
}

TEST_F(KeptRehearsal, ThatFailedNamesWhatIsToBeLeftOutOrGiven) {
    rehearse::Rehearsal rehearsal;
    RehearsalQuestion asked = question();
    EXPECT_EQ(
        step_after_failed_rehearsal(rehearsal, asked),
        "mend what breaks, or leave it out: thimble patch plan --exclude PACKAGE");
    rehearse::Check check = rehearse::named_check("transaction");
    check.verdict = rehearse::CheckVerdict::Fail;
    check.evidence = {"package bad", "exit status 100"};
    rehearsal.checks = {check};
    asked.request.selection.packages = {"bad", "curl"};
    asked.request.selection.security = false;
    EXPECT_EQ(
        step_after_failed_rehearsal(rehearsal, asked),
        "mend what breaks, or leave it out: thimble patch plan --package curl --exclude bad");

    asked.request.selection.packages = {"bad"};
    EXPECT_EQ(
        step_after_failed_rehearsal(rehearsal, asked),
        "mend what breaks, then thimble patch rehearse 'my plan.json'");

    rehearsal.checks[0].summary =
        "there was no space left: apt-get was stopped: the clone needs more than 64 MiB";
    EXPECT_EQ(
        step_after_failed_rehearsal(rehearsal, asked),
        "give the clone more: thimble patch rehearse 'my plan.json' --size-limit BYTES");
    rehearsal.checks[0].summary = "it took too long and was killed: killed: apt-get took too long";
    EXPECT_EQ(
        step_after_failed_rehearsal(rehearsal, asked),
        "give it more time: thimble patch rehearse 'my plan.json' --time-limit SECONDS");
}

TEST_F(KeptRehearsal, ThatPassedLeadsToTheHost) {
    rehearsed(rehearse::CheckVerdict::Warn);
    EXPECT_EQ(step(question()), "thimble patch apply 'my plan.json'");

    rehearsed(rehearse::CheckVerdict::Fail);
    EXPECT_EQ(
        step(question()),
        "mend what breaks, or leave it out: thimble patch plan --exclude PACKAGE");
}

}  // namespace
}  // namespace thimble::cli
