#include "thimble/apply/run_cause.hpp"

#include "thimble/apply/run_steps.hpp"
#include "thimble/apply/taken_back.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace thimble::apply {
namespace {

using enum RunPhase;

JournalEntry entry(RunPhase phase, std::string word) {
    JournalEntry one;
    one.phase = phase;
    one.word = std::move(word);
    return one;
}

/// A run that changed something and took it back.
std::vector<JournalEntry> run_of(const std::string& ending, const std::string& look_back) {
    return {
        entry(Begun, "apply"),
        entry(Ready, "kept"),
        entry(Applying, "2"),
        entry(Applied, ending),
        entry(RollingBack, "2"),
        entry(RolledBack, "done"),
        entry(ExaminedBack, look_back),
        entry(Ended, "rolled_back")};
}

TEST(RunCause, IsThePatchWhateverElseTheTransactionEndedBy) {
    for (const char* ending :
         {"failed", "timed_out", "prompted", "refused", "done", "a new word"}) {
        EXPECT_EQ(run_cause(run_of(ending, "healthy")), RunCause::Patch) << ending;
    }
    EXPECT_EQ(run_cause({}), RunCause::Patch) << "nothing is known of it";
}

TEST(RunCause, IsTheSurroundingsWhereTheDiskWasFullAndNothingElse) {
    EXPECT_EQ(run_cause(run_of("no_space", "healthy")), RunCause::NoSpace);
    EXPECT_EQ(run_cause(run_of("no_space", "not_looked_at")), RunCause::NoSpace);
    EXPECT_EQ(run_cause(run_of("no_space", "unhealthy")), RunCause::Patch)
        << "something that worked before does not any more";
    EXPECT_EQ(run_cause(run_of("no_space", "unknown")), RunCause::Patch);

    auto asked_for = run_of("no_space", "healthy");
    asked_for.front().word = "rollback";
    EXPECT_EQ(run_cause(asked_for), RunCause::Patch) << "somebody wanted it away";
}

TEST(RunCause, IsAFullDiskThatKeptTheWayBackFromBeginning) {
    auto run = run_of("no_space", "healthy");
    run[5].word = "refused";
    EXPECT_EQ(run_cause(run), RunCause::Patch);
    run[5].detail = "the disk of /usr is full (0 MiB free)\nE: No space left on device";
    EXPECT_EQ(run_cause(run), RunCause::NoSpace);
}

TEST(RunCause, IsTheLockWhereNothingElseWasInTheWay) {
    auto run = run_of("locked", "healthy");
    run[3].detail = "/var/lib/dpkg/lock is held by apt-get (process 12)\nE: Could not get lock";
    EXPECT_EQ(run_cause(run), RunCause::Locked);
    EXPECT_EQ(lock_words(run), "/var/lib/dpkg/lock is held by apt-get (process 12)");
    EXPECT_EQ(run_cause(run_of("locked", "unhealthy")), RunCause::Patch);

    run[5].word = "no_space";
    EXPECT_EQ(run_cause(run), RunCause::NoSpace) << "that does not go away by itself";
    EXPECT_EQ(lock_words(run_of("no_space", "healthy")), "");
}

/// A rollback that somebody asked for.
std::vector<JournalEntry> rollback_of(const std::string& ending, const std::string& look_back) {
    return {
        entry(Begun, "rollback"),
        entry(RollingBack, "2"),
        entry(RolledBack, ending),
        entry(ExaminedBack, look_back),
        entry(Ended, "rolled_back")};
}

TEST(RunCause, OfARollbackIsThatOfTheRunThatItTakesBack) {
    std::vector<JournalEntry> left{
        entry(Begun, "apply"),
        entry(Applying, "2"),
        entry(Applied, "no_space"),
        entry(Ended, "failed")};
    const auto well = rollback_of("done", "healthy");
    EXPECT_EQ(run_cause(well, left), RunCause::NoSpace);
    EXPECT_EQ(run_cause(rollback_of("locked", "not_looked_at"), left), RunCause::NoSpace);

    EXPECT_EQ(run_cause(well, {}), RunCause::Patch) << "not known";
    EXPECT_EQ(run_cause(rollback_of("failed", "healthy"), left), RunCause::Patch);
    EXPECT_EQ(run_cause(rollback_of("done", "unhealthy"), left), RunCause::Patch);
    EXPECT_EQ(run_cause(left, left), RunCause::NoSpace) << "no rollback";

    left[2].word = "failed";
    EXPECT_EQ(run_cause(well, left), RunCause::Patch);
    left[2].word = "no_space";
    left.back() = entry(Repaired, "done");
    EXPECT_EQ(run_cause(well, left), RunCause::Patch) << "it has not ended";
    left.push_back(entry(Ended, "applied"));
    EXPECT_EQ(run_cause(well, left), RunCause::Patch) << "it was carried out after all";
}

TEST(RunCause, HasANameForEach) {
    EXPECT_EQ(run_cause_name(RunCause::Patch), "patch");
    EXPECT_EQ(run_cause_name(RunCause::NoSpace), "no_space");
    EXPECT_EQ(run_cause_name(RunCause::Locked), "locked");
}

TEST(RunCause, KnowsWhichEndingsSayNothingOfAPatch) {
    for (int number = 0; number <= static_cast<int>(TransactionEnding::NoSpace); ++number) {
        const auto ending = static_cast<TransactionEnding>(number);
        const bool is_outer =
            ending == TransactionEnding::Locked || ending == TransactionEnding::NoSpace;
        EXPECT_EQ(is_of_surroundings(ending), is_outer) << transaction_ending_name(ending);
    }
}

/// Whatever a run went through: what may be the patch's fault blocks it, and a full disk alone does not.
RC_GTEST_PROP(RunCause, BlocksEveryPatchThatMayBeAtFault, ()) {
    // Half of them meet nothing else than their surroundings.
    const bool is_calm = *rc::gen::arbitrary<bool>();
    using Words = std::vector<std::string>;
    const Words all_endings{
        "done", "no_space", "locked", "failed", "timed_out", "prompted", "refused", "?"};
    const Words all_looks{"healthy", "not_looked_at", "unhealthy", "unknown"};
    const auto endings = *rc::gen::container<Words>(rc::gen::elementOf(
        is_calm ? Words(all_endings.begin(), all_endings.begin() + 3) : all_endings));
    const auto looks = *rc::gen::container<Words>(
        rc::gen::elementOf(is_calm ? Words(all_looks.begin(), all_looks.begin() + 2) : all_looks));
    std::vector<JournalEntry> entries{entry(Begun, "apply")};
    for (const std::string& ending : endings) {
        entries.push_back(entry(*rc::gen::element(Applied, Repaired, RolledBack), ending));
    }
    for (const std::string& look : looks) {
        entries.push_back(entry(*rc::gen::element(Examined, ExaminedBack), look));
    }

    EarlierRun run{
        "r", "rolled_back", {}, "digest", {{"libx", "1", "2", {}}}, false, run_cause(entries)};

    const auto is_outer = [](const std::string& word) {
        return word == "no_space" || word == "locked";
    };
    const bool ended_well_or_outer = std::ranges::all_of(
        endings, [&](const std::string& word) { return word == "done" || is_outer(word); });
    const bool looked_well = std::ranges::all_of(looks, [](const std::string& word) {
        return word == "healthy" || word == "not_looked_at";
    });
    const bool is_excused =
        std::ranges::any_of(endings, is_outer) && ended_well_or_outer && looked_well;
    RC_ASSERT(taken_back_patches(std::vector<EarlierRun>{run}).empty() == is_excused);
}

}  // namespace
}  // namespace thimble::apply
