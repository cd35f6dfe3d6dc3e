#include "thimble/cli/run_words.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace thimble::cli {
namespace {

using apply::JournalEntry;
using apply::RunPhase;

JournalEntry entry(RunPhase phase, std::string word, std::string detail = {}) {
    return {.phase = phase, .at = {}, .word = std::move(word), .detail = std::move(detail)};
}

bool is_sentence(std::string_view text) {
    return text.size() > 1 && text.front() >= 'A' && text.front() <= 'Z' && text.back() == '.';
}

TEST(ResultSentence, IsThereForEveryResult) {
    for (int number = 0; number <= static_cast<int>(apply::RunResult::RollbackFailed); ++number) {
        const auto name = apply::run_result_name(static_cast<apply::RunResult>(number));
        ASSERT_FALSE(name.empty());
        EXPECT_TRUE(is_sentence(result_sentence(name))) << name;
    }
    EXPECT_TRUE(is_sentence(result_sentence("unfinished")));
    EXPECT_TRUE(is_sentence(result_sentence("damaged")));
    EXPECT_TRUE(is_sentence(result_sentence("lost")));
    EXPECT_EQ(result_sentence("x"), "");
}

TEST(EntrySentence, IsThereForEveryPhaseAndEnding) {
    for (int number = 0; number < static_cast<int>(RunPhase::Ended); ++number) {
        const auto phase = static_cast<RunPhase>(number);
        EXPECT_TRUE(is_sentence(entry_sentence(entry(phase, "done")))) << number;
        EXPECT_TRUE(is_sentence(entry_sentence(entry(phase, "")))) << number;
    }
    const std::string unexplained = entry_sentence(entry(RunPhase::Applied, "x"));
    for (int number = 0; number <= static_cast<int>(apply::TransactionEnding::NoSpace); ++number) {
        const auto name =
            apply::transaction_ending_name(static_cast<apply::TransactionEnding>(number));
        EXPECT_NE(entry_sentence(entry(RunPhase::Applied, std::string(name))), unexplained) << name;
    }
    EXPECT_TRUE(is_sentence(entry_sentence(entry(RunPhase::Ended, "rolled_back"))));
}

TEST(EntrySentence, KnowsOnePackageFromMany) {
    EXPECT_EQ(
        entry_sentence(entry(RunPhase::Applying, "1")),
        "The package manager is about to change 1 package.");
    EXPECT_EQ(
        entry_sentence(entry(RunPhase::Applying, "12")),
        "The package manager is about to change 12 packages.");
}

TEST(EntrySentence, NamesWhatWasLookedAtAndWhatWasNot) {
    const std::string checks =
        R"({"checks":[{"name":"services","verdict":"unknown","summary":"none"},)"
        R"({"name":"mounts","verdict":"pass","summary":"1 mount"},)"
        R"({"name":"probe web","verdict":"warn","summary":"slow"}]})";
    const JournalEntry partly = entry(RunPhase::Examined, "healthy", checks);
    EXPECT_EQ(
        entry_sentence(partly),
        "No check failed that passed before; probe web fails, as it failed before: nothing is "
        "known of it; well: mounts; not looked at: services.");
    EXPECT_EQ(
        entry_sentence(
            entry(RunPhase::ExaminedBack, "healthy", R"({"summary":"","found":)" + checks + "}")),
        "No check failed that passed before; probe web fails, as it failed before: nothing is "
        "known of it; well: mounts; not looked at: services.");
    EXPECT_EQ(unseen_words({partly}), "not looked at: services");
    EXPECT_EQ(unseen_words({entry(RunPhase::Examined, "healthy", R"({"checks":[]})")}), "");
    EXPECT_EQ(
        entry_sentence(entry(RunPhase::Examined, "not_looked_at", checks)),
        "Health: not looked at: no service manager, no probe.");
}

TEST(EntryLine, SaysOfALookWhatTheHistorySaysOfIt) {
    const auto line = [](std::string_view word, std::string_view detail) {
        return entry_line(entry(RunPhase::Examined, std::string(word), std::string(detail)), 0);
    };
    const std::string_view probe = R"({"checks":[{"name":"probe my_web","verdict":"warn"}]})";
    const std::string_view more =
        R"({"checks":[{"name":"services","verdict":"pass"},{"name":"probe my_web","verdict":"warn"}]})";
    const std::string_view around =
        R"({"checks":[{"name":"mounts","verdict":"pass"},{"name":"probe my_web","verdict":"warn"},)"
        R"({"name":"services","verdict":"unknown"}]})";

    EXPECT_EQ(line("healthy", around), line("healthy", probe)) << "mounts say nothing of what runs";
    EXPECT_EQ(line("healthy", R"({"checks":[]})"), "1970-01-01T00:00:00Z  examined  healthy\n");
    EXPECT_EQ(
        line("healthy", probe),
        "1970-01-01T00:00:00Z  examined  probe my_web fails, as it failed before: nothing\n"
        "    is known of it\n");
    EXPECT_EQ(
        line("healthy", more),
        "1970-01-01T00:00:00Z  examined  healthy, but probe my_web fails, as it failed\n"
        "    before: nothing is known of it\n");
    EXPECT_EQ(line("not_looked_at", probe), "1970-01-01T00:00:00Z  examined  not looked at\n");
    EXPECT_EQ(
        entry_line(entry(RunPhase::Applied, "no_space"), 2),
        "  1970-01-01T00:00:00Z  applied  no space\n");
    EXPECT_EQ(
        entry_line(entry(RunPhase::RollingBack, ""), 0), "1970-01-01T00:00:00Z  rolling back\n");
}

TEST(EntrySentence, NamesAProbeThatFailsAsBeforeWhereNothingElseWasLookedAt) {
    EXPECT_EQ(
        entry_sentence(entry(
            RunPhase::Examined,
            "healthy",
            R"({"checks":[{"name":"probe web","verdict":"warn"}]})")),
        "No check failed that passed before; probe web fails, as it failed before: nothing is "
        "known of it.");
}

TEST(RunSentence, SaysWhereNothingToldWhetherTheHostIsWell) {
    const std::vector<JournalEntry> looked{entry(RunPhase::Examined, "healthy")};
    EXPECT_EQ(run_sentence("applied", looked), result_sentence("applied"));
    const std::vector<JournalEntry> unseen{entry(RunPhase::Examined, "not_looked_at")};
    EXPECT_EQ(
        run_sentence("applied", unseen),
        std::string(result_sentence("applied"))
            + " Health: not looked at: no service manager, no probe.");
}

TEST(RunSentence, NamesAProbeThatFailsAsItDidBeforeAndNotThatNoCheckFailed) {
    const std::string checks =
        R"({"checks":[{"name":"mounts","verdict":"pass"},{"name":"probe web","verdict":"warn"}]})";
    const std::string doubt = "; probe web fails, as it failed before: nothing is known of it.";
    EXPECT_EQ(
        run_sentence("applied", {entry(RunPhase::Examined, "healthy", checks)}),
        "Every package is at the version of the plan" + doubt);
    EXPECT_EQ(
        run_sentence(
            "unchanged",
            {entry(RunPhase::ExaminedBack, "healthy", R"({"summary":"","found":)" + checks + "}")}),
        "It failed or was interrupted; what is installed is as before the run" + doubt);
}

TEST(WhyTakenBack, IsTheReasonThatWasGiven) {
    EXPECT_EQ(
        why_taken_back({entry(RunPhase::Begun, "rollback", "the shop is down")}),
        "somebody asked for it: the shop is down");
    EXPECT_EQ(why_taken_back({entry(RunPhase::Begun, "rollback")}), "somebody asked for it");
}

TEST(WhyTakenBack, NamesTheChecksThatFailed) {
    const std::string checks =
        R"({"checks":[{"name":"probe web","verdict":"fail","summary":"HTTP 500"},)"
        R"({"name":"mounts","verdict":"pass","summary":"1 mount"}]})";
    std::vector<JournalEntry> entries{
        entry(RunPhase::Begun, "apply", "a test"), entry(RunPhase::Examined, "unhealthy", checks)};
    EXPECT_EQ(why_taken_back(entries), "a check after the transaction failed: probe web: HTTP 500");
    entries.back().detail = "no such file";
    EXPECT_EQ(why_taken_back(entries), "a check after the transaction failed: no such file");
}

TEST(WhyTakenBack, SaysHowTheTransactionEnded) {
    EXPECT_EQ(
        why_taken_back({entry(RunPhase::Begun, "apply"), entry(RunPhase::Applied, "timed_out")}),
        "the transaction ended: it took too long and was ended");
    EXPECT_EQ(
        why_taken_back({entry(RunPhase::Begun, "apply"), entry(RunPhase::Repaired, "failed")}),
        "the transaction could not be finished");
    EXPECT_EQ(why_taken_back({}), "nothing is recorded");
}

TEST(StepAfterRun, NamesTheWayBackWhereTheHostWasLeftChanged) {
    using apply::RunResult;
    for (const RunResult result : {RunResult::Failed, RunResult::FailedHealth}) {
        EXPECT_NE(step_after_run(result, false, "r1").find("patch rollback r1"), std::string::npos);
    }
    EXPECT_EQ(step_after_run(RunResult::Applied, false, "r1"), "thimble verify r1");
    EXPECT_NE(
        step_after_run(RunResult::Skipped, false, "r1"),
        step_after_run(RunResult::Skipped, true, "r1"));
}

TEST(KernelWayBack, NamesTheKernelThatIsNotToBeBooted) {
    model::Plan plan;
    model::PlannedStep step;
    step.name = "linux-libc-dev";
    step.to_version = "6.1.140-1";
    plan.steps = {step};
    EXPECT_EQ(kernel_way_back(plan), "") << "these are headers";

    step.name = "linux-image-6.1.0-37-amd64";
    plan.steps.push_back(step);
    EXPECT_NE(
        kernel_way_back(plan).find("linux-image-6.1.0-37-amd64 6.1.140-1"), std::string::npos);
    EXPECT_NE(kernel_way_back(plan).find("grub-reboot"), std::string::npos);
}

TEST(WhyFailed, NamesTheDiskThatWasFullAndNotWhatThePackageManagerSaidOfIt) {
    using enum apply::RunPhase;
    const std::vector<apply::JournalEntry> full{
        entry(Begun, "apply", ""),
        entry(
            Applied,
            "no_space",
            "the disk of /usr is full (3 MiB free)\ndpkg: error processing archive x")};

    EXPECT_EQ(why_failed(full), "the disk of /usr is full (3 MiB free)");
    EXPECT_EQ(why_taken_back(full), "the transaction ended: the disk of /usr is full (3 MiB free)");
    EXPECT_EQ(
        step_after_surroundings(apply::RunCause::NoSpace, "", "thimble patch plan --root /a"),
        "free some space there, then thimble patch plan --root /a");
}

TEST(StepAfterSurroundings, IsToWaitForALockAndToLookAtWhoHoldsIt) {
    EXPECT_EQ(
        step_after_surroundings(apply::RunCause::Locked, "", "apply again"),
        "wait until the package manager is free, or look at what holds it, then apply again");
    EXPECT_EQ(
        step_after_surroundings(apply::RunCause::Locked, "process 12", "apply again"),
        "wait until the package manager is free, or look at what holds it (process 12), then "
        "apply again");
}

TEST(WhyTakenBack, SaysWhatFailed) {
    using enum apply::RunPhase;
    EXPECT_EQ(
        why_taken_back(
            {entry(Begun, "apply", ""), entry(Applied, "failed", "postinst of x\nmore")}),
        "the transaction ended: it failed: postinst of x");
    EXPECT_EQ(
        step_of_history("rolled_back", "r1", "", {}, " --root /a"),
        "when what failed is mended: thimble patch unblock r1 --reason TEXT --root /a, then "
        "thimble patch plan --root /a");
}

/// A run that went back, and what was found afterwards.
std::vector<JournalEntry> gone_back(std::string word, std::string detail) {
    return {
        entry(RunPhase::Begun, "apply"),
        entry(RunPhase::ExaminedBack, std::move(word), std::move(detail)),
        entry(RunPhase::Ended, "rolled_back")};
}

TEST(RunSentence, NamesWhatIsNotWellAlthoughTheVersionsAreBack) {
    const auto failing = gone_back(
        "unhealthy",
        R"({"summary":"x","found":{"checks":[)"
        R"({"name":"services","verdict":"unknown","summary":"none"},)"
        R"({"name":"probe db","verdict":"warn","summary":"fails, and failed before: timeout"},)"
        R"({"name":"probe web","verdict":"fail","summary":"passed before, fails now: HTTP 500"}]}})");
    EXPECT_EQ(
        wrong_after_way_back(failing),
        "probe db: fails, and failed before: timeout; "
        "probe web: passed before, fails now: HTTP 500");
    EXPECT_EQ(
        run_sentence("rolled_back", failing),
        "The versions before are back, but not all is well: " + wrong_after_way_back(failing)
            + ".");

    const auto unknown = gone_back("unknown", R"({"summary":"systemctl does not answer"})");
    EXPECT_EQ(
        wrong_after_way_back(unknown),
        "whether its services are well is not known: systemctl does not answer");
    const auto well = gone_back("healthy", R"({"summary":"","found":{"checks":[]}})");
    EXPECT_EQ(run_sentence("rolled_back", well), "The versions before are back.");
    EXPECT_EQ(wrong_after_way_back({entry(RunPhase::Ended, "rolled_back")}), "");
    EXPECT_EQ(wrong_after_way_back({}), "");
}

TEST(WhyFailed, SaysWhatBothWaysEndedIn) {
    using enum apply::RunPhase;
    const std::vector<apply::JournalEntry> failed{
        entry(Begun, "apply", ""),
        entry(Applied, "failed", "postinst of x failed\nmore"),
        entry(RolledBack, "no_space", "disk full")};
    const std::string why = why_failed(failed);
    EXPECT_NE(why.find("postinst of x failed; the way back: "), std::string::npos) << why;
    EXPECT_TRUE(why.ends_with("disk full")) << why;

    const std::vector<apply::JournalEntry> refused{
        entry(Begun, "rollback", ""), entry(RolledBack, "refused", "y needs x 2")};
    EXPECT_TRUE(why_failed(refused).ends_with("y needs x 2"));
    EXPECT_EQ(why_failed({entry(Begun, "rollback", ""), entry(RolledBack, "done", "")}), "");
}

TEST(WhyFailed, SaysWhatTheRepairAfterAWayBackEndedIn) {
    using enum apply::RunPhase;
    const std::vector<apply::JournalEntry> half_done{
        entry(Begun, "rollback", ""),
        entry(RolledBack, "done", "nothing was left to do"),
        entry(Repaired, "failed", "postinst of libc-bin")};
    EXPECT_EQ(why_failed(half_done), "it failed: postinst of libc-bin");
    std::vector<apply::JournalEntry> forward = half_done;
    forward.front().word = "apply";
    forward.insert(forward.begin() + 1, entry(Applied, "no_space", "disk full"));
    EXPECT_TRUE(why_failed(forward).ends_with("; the way back: it failed: postinst of libc-bin"));

    const std::vector<apply::JournalEntry> set_up{
        entry(Begun, "rollback", ""),
        entry(RolledBack, "failed", "x"),
        entry(Repaired, "done", "")};
    EXPECT_EQ(why_failed(set_up), "");
    const std::vector<apply::JournalEntry> not_back{
        entry(Begun, "apply", ""), entry(Applied, "failed", "x"), entry(Repaired, "failed", "y")};
    EXPECT_EQ(why_failed(not_back), "it failed: x");
}

}  // namespace
}  // namespace thimble::cli
