#include "thimble/apply/run_steps.hpp"

#include "thimble/apply/plan_builder_test.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <vector>

namespace thimble::apply {
namespace {

RunState at(RunPhase phase, std::string word = {}) {
    RunState state;
    state.phase = phase;
    state.word = std::move(word);
    return state;
}

TEST(NextAct, GoesFromCheckToExaminationWhenAllIsWell) {
    EXPECT_EQ(next_act(at(RunPhase::Begun)).act, RunAct::Check);
    EXPECT_EQ(next_act(at(RunPhase::Checked)).act, RunAct::Observe);
    EXPECT_EQ(next_act(at(RunPhase::Observed)).act, RunAct::Prepare);
    EXPECT_EQ(next_act(at(RunPhase::Ready)).act, RunAct::Apply);
    RunState applied = at(RunPhase::Applied, "done");
    applied.standing = Standing::After;
    EXPECT_EQ(next_act(applied).act, RunAct::Examine);
    RunState healthy = at(RunPhase::Examined, "healthy");
    EXPECT_EQ(next_act(healthy).result, RunResult::Applied);
}

TEST(NextAct, EndsUnchangedWhenItWasInterruptedBeforeTheTransaction) {
    for (const RunPhase phase :
         {RunPhase::Begun, RunPhase::Checked, RunPhase::Observed, RunPhase::Ready}) {
        RunState state = at(phase);
        state.resumed = true;
        EXPECT_EQ(next_act(state).act, RunAct::End);
        EXPECT_EQ(next_act(state).result, RunResult::Unchanged);
    }
}

TEST(NextAct, DoesNotCallUnchangedWhatIsNotAsBefore) {
    RunState state = at(RunPhase::Ready);
    state.resumed = true;
    state.clean = false;
    EXPECT_EQ(next_act(state).result, RunResult::Failed);
    state.clean = true;
    state.standing = Standing::Between;
    EXPECT_EQ(next_act(state).result, RunResult::Failed);
    state.backward = true;
    EXPECT_EQ(next_act(state).result, RunResult::Unchanged) << "it is what a way back begins with";
}

TEST(NextAct, ChangesNothingThatSomebodyElseHasChangedSince) {
    EXPECT_TRUE(rc::check([](std::uint8_t phase, bool resumed, bool backward, bool clean) {
        RunState state = at(static_cast<RunPhase>(phase % 13), "done");
        state.resumed = resumed;
        state.backward = backward;
        state.clean = clean;
        state.standing = Standing::Between;
        state.moved = "libx1 came to 1-3";
        const NextAct next = next_act(state);
        RC_ASSERT(next.act != RunAct::Apply && next.act != RunAct::RollBack);
    }));
}

TEST(Standing, KnowsAVersionOfAnotherArchitecture) {
    model::PlannedStep step = upgrade_step("libx-data", "1-1", "1-2");
    step.architecture = "all";
    const std::vector<model::PlannedStep> steps{step};
    const std::vector<PackageVersion> before{{"libx-data", "amd64", "1-1"}};
    const std::vector<PackageVersion> after{{"libx-data", "all", "1-2"}};

    EXPECT_EQ(standing_of(steps, before), Standing::Before);
    EXPECT_EQ(standing_of(steps, after), Standing::After);
}

TEST(NextAct, RepairsWhatWasInterruptedAndFinishesIt) {
    RunState state = at(RunPhase::Applying);
    state.resumed = true;
    EXPECT_EQ(next_act(state).act, RunAct::Repair);

    state = at(RunPhase::Repaired, "done");
    state.attempts = 1;
    state.standing = Standing::Between;
    EXPECT_EQ(next_act(state).act, RunAct::Apply);

    state.attempts = 2;
    EXPECT_EQ(next_act(state).act, RunAct::RollBack);
}

TEST(NextAct, RepairsWhatALimitKilledWhenItIsTakenUpByAnother) {
    for (const RunPhase phase : {RunPhase::Applied, RunPhase::RolledBack}) {
        RunState state = at(phase, "timed_out");
        EXPECT_NE(next_act(state).act, RunAct::Repair);
        state.resumed = true;
        EXPECT_EQ(next_act(state).act, RunAct::Repair);
    }
}

TEST(NextAct, DoesNotCallAnUncleanHostDone) {
    RunState state = at(RunPhase::Applied, "done");
    state.standing = Standing::After;
    state.clean = false;

    EXPECT_EQ(next_act(state).act, RunAct::RollBack);
    state.roll_back_on_failure = false;
    EXPECT_EQ(next_act(state).result, RunResult::Failed);
}

TEST(NextAct, DoesNotRollBackWhatNeverChanged) {
    EXPECT_EQ(next_act(at(RunPhase::Applied, "refused")).result, RunResult::Unchanged);
    EXPECT_EQ(next_act(at(RunPhase::Applied, "locked")).result, RunResult::Skipped);
}

TEST(NextAct, LooksAtTheHostWhenThePackageManagerWentBackByItself) {
    for (const char* word : {"no_space", "failed", "timed_out", "done"}) {
        EXPECT_EQ(next_act(at(RunPhase::Applied, word)).act, RunAct::ExamineBack) << word;
    }
    RunState repaired = at(RunPhase::Repaired, "done");
    repaired.attempts = 1;
    EXPECT_EQ(next_act(repaired).act, RunAct::ExamineBack);

    RunState state = at(RunPhase::ExaminedBack, "healthy");
    state.ending = "failed";
    state.found = "x.service stopped";
    EXPECT_EQ(next_act(state).result, RunResult::Unchanged);
    for (const char* word : {"unhealthy", "unknown"}) {
        state.word = word;
        EXPECT_EQ(next_act(state).result, RunResult::Failed);
        EXPECT_NE(next_act(state).why.find("x.service stopped"), std::string::npos);
        EXPECT_NE(next_act(state).why.find("ended: failed"), std::string::npos);
    }
    state.clean = false;
    EXPECT_EQ(next_act(state).act, RunAct::RollBack) << "somebody was at it meanwhile";
}

TEST(NextAct, CallsNothingHealthyThatNobodyCouldLookAt) {
    RunState state = at(RunPhase::Examined, "not_looked_at");
    state.standing = Standing::After;
    EXPECT_EQ(next_act(state).result, RunResult::Applied);
    EXPECT_EQ(
        next_act(state).why,
        "every step is done; health: not looked at: no service manager, no probe");

    state = at(RunPhase::ExaminedBack, "not_looked_at");
    state.ending = "failed";
    EXPECT_EQ(next_act(state).result, RunResult::Unchanged);
    EXPECT_NE(next_act(state).why.find("health: not looked at"), std::string::npos);
    state.backward = true;
    EXPECT_EQ(next_act(state).result, RunResult::RolledBack);
    EXPECT_EQ(
        next_act(state).why,
        "the versions before are back; health: not looked at: no service manager, no probe");
}

TEST(NextAct, DoesNotSayThatNoCheckFailedWhereAProbeTellsNothing) {
    RunState state = at(RunPhase::Examined, "healthy");
    state.standing = Standing::After;
    EXPECT_EQ(next_act(state).why, "every step is done and no check failed");
    state.doubt = "probe web fails";
    EXPECT_EQ(next_act(state).result, RunResult::Applied);
    EXPECT_EQ(next_act(state).why, "every step is done; probe web fails");

    state = at(RunPhase::ExaminedBack, "healthy");
    state.doubt = "probe web fails";
    EXPECT_TRUE(next_act(state).why.ends_with("; probe web fails")) << "unchanged";
    state.backward = true;
    EXPECT_EQ(next_act(state).why, "the versions before are back; probe web fails");
}

TEST(NextAct, TakesBackWhatIsUnhealthyWhenThePlanSaysSo) {
    RunState state = at(RunPhase::Examined, "unhealthy");
    state.standing = Standing::After;
    EXPECT_EQ(next_act(state).act, RunAct::RollBack);
    state.roll_back_on_failure = false;
    EXPECT_EQ(next_act(state).result, RunResult::FailedHealth);
}

TEST(NextAct, SaysSoWhenTheWayBackFails) {
    RunState state = at(RunPhase::RolledBack, "failed");
    state.backward = true;
    state.standing = Standing::Between;
    state.returns = 1;
    EXPECT_EQ(next_act(state).act, RunAct::RollBack);
    state.returns = 2;
    EXPECT_EQ(next_act(state).result, RunResult::RollbackFailed);
}

TEST(NextAct, SetsUpWhatIsHalfDoneAtTheVersionsBefore) {
    for (const char* word : {"done", "failed", "no_space"}) {
        RunState state = at(RunPhase::RolledBack, word);
        state.backward = true;
        state.clean = false;
        state.unclean = "libc-bin is not fully installed";
        state.returns = 1;
        EXPECT_EQ(next_act(state).act, RunAct::Repair) << word;
        state.phase = RunPhase::Repaired;
        EXPECT_EQ(next_act(state).act, RunAct::RollBack) << "to be tried once more";
        state.returns = 2;
        EXPECT_EQ(next_act(state).result, RunResult::RollbackFailed);
        EXPECT_TRUE(next_act(state).why.ends_with(": libc-bin is not fully installed"));
        state.phase = RunPhase::RolledBack;
        EXPECT_EQ(next_act(state).act, RunAct::Repair) << "it may succeed the second time";
    }
}

TEST(NextAct, SetsUpWhatItCanWhereOnePackageDoesNotGoBack) {
    RunState state = at(RunPhase::RolledBack, "failed");
    state.backward = true;
    state.clean = false;
    state.standing = Standing::Between;
    state.returns = 2;
    EXPECT_EQ(next_act(state).act, RunAct::Repair);
    state.phase = RunPhase::Repaired;
    state.clean = true;
    state.not_back = "curl";
    EXPECT_EQ(next_act(state).result, RunResult::RollbackFailed);
    EXPECT_EQ(next_act(state).why, "the versions before could not be brought back: of curl");
}

TEST(NextAct, LooksAtTheHostAfterAWayBackAndSaysWhatItFound) {
    RunState state = at(RunPhase::RolledBack, "done");
    state.backward = true;
    state.returns = 1;
    EXPECT_EQ(next_act(state).act, RunAct::ExamineBack);
    state.resumed = true;
    EXPECT_EQ(next_act(state).act, RunAct::ExamineBack)
        << "killed before the look, which is made up for";

    state.phase = RunPhase::ExaminedBack;
    state.word = "healthy";
    EXPECT_EQ(next_act(state).result, RunResult::RolledBack);
    EXPECT_EQ(next_act(state).why, "the versions before are back");
    state.word = "unhealthy";
    state.found = "x.service failed";
    EXPECT_NE(
        next_act(state).why.find("not all is as it was: x.service failed"), std::string::npos);
    state.word = "unknown";
    EXPECT_NE(next_act(state).why.find("is not known: x.service failed"), std::string::npos);
}

TEST(NextAct, BelievesTheVersionsMoreThanAnOlderLookAtTheHost) {
    RunState state = at(RunPhase::ExaminedBack, "healthy");
    state.resumed = true;
    state.backward = true;
    state.returns = 1;
    state.standing = Standing::Between;
    EXPECT_EQ(next_act(state).act, RunAct::RollBack);
    state.returns = 2;
    EXPECT_EQ(next_act(state).result, RunResult::RollbackFailed);
}

TEST(NextAct, DependsOnThePackagesWhereItIsSaidToAlone) {
    for (int number = 0; number <= 2 * static_cast<int>(RunPhase::Ended) + 1; ++number) {
        const auto phase = static_cast<RunPhase>(number / 2);
        bool depends = false;
        for (const char* word : {"", "done", "failed", "locked", "healthy", "unhealthy"}) {
            RunState well = at(phase, word);
            well.attempts = 1;
            well.resumed = number % 2 == 1;
            RunState other = well;
            other.standing = Standing::After;
            RunState unclean = well;
            unclean.clean = false;
            depends =
                depends || next_act(well) != next_act(other) || next_act(well) != next_act(unclean);
        }
        EXPECT_EQ(depends_on_packages(phase, number % 2 == 1), depends) << run_phase_name(phase);
    }
}

/// What an act does to the state, with the world's answer taken from `dice`.
void play(RunState& state, RunAct act, std::uint32_t dice) {
    state.resumed = (dice & 1U) != 0;
    state.standing = static_cast<Standing>((dice >> 1U) % 3);
    state.clean = (dice & 8U) != 0;
    const bool cut = (dice & 16U) != 0;  // killed after the entry that comes before the act
    const auto ending = static_cast<TransactionEnding>((dice >> 5U) % 7);
    state.word = std::string(transaction_ending_name(ending));
    switch (act) {
        case RunAct::Check: state.phase = RunPhase::Checked; break;
        case RunAct::Observe: state.phase = RunPhase::Observed; break;
        case RunAct::Prepare: state.phase = RunPhase::Ready; break;
        case RunAct::Apply:
            ++state.attempts;
            state.phase = cut ? RunPhase::Applying : RunPhase::Applied;
            break;
        case RunAct::Repair: state.phase = cut ? RunPhase::Repairing : RunPhase::Repaired; break;
        case RunAct::Examine:
            state.phase = RunPhase::Examined;
            state.word = (dice & 4U) != 0 ? "healthy" : "unhealthy";
            break;
        case RunAct::RollBack:
            ++state.returns;
            state.backward = true;
            state.phase = cut ? RunPhase::RollingBack : RunPhase::RolledBack;
            break;
        case RunAct::ExamineBack:
            state.phase = RunPhase::ExaminedBack;
            state.word = (dice & 4U) != 0 ? "healthy" : "unhealthy";
            break;
        case RunAct::End: break;
    }
}

TEST(NextAct, AlwaysEndsAndNeverCallsAnUncleanHostWell) {
    EXPECT_TRUE(rc::check([](const std::vector<std::uint32_t>& dice) {
        RunState state;
        state.roll_back_on_failure = dice.size() % 2 == 0;
        std::size_t at = 0;
        for (int acts = 0; acts < 1000; ++acts) {
            const NextAct next = next_act(state);
            if (next.act == RunAct::End) {
                if (next.result == RunResult::RolledBack) {
                    RC_ASSERT(state.clean && state.standing == Standing::Before);
                }
                if (next.result == RunResult::Unchanged && state.phase == RunPhase::ExaminedBack) {
                    RC_ASSERT(state.word == "healthy");
                }
                RC_ASSERT(state.attempts <= 2U);
                RC_ASSERT(state.returns <= 3U);
                return;
            }
            // A world that is worn out no longer kills us.
            const std::uint32_t die = at < dice.size() ? dice[at++] : (dice.size() * 32U) & ~17U;
            play(state, next.act, die);
        }
        RC_FAIL("the run does not end");
    }));
}

TEST(Standing, TellsBeforeAfterAndBetween) {
    const model::Plan plan = small_plan();

    EXPECT_EQ(
        standing_of(
            plan.steps,
            std::vector<PackageVersion>{{"libx1", "amd64", "1-1"}, {"oldx", "amd64", "1-1"}}),
        Standing::Before);
    EXPECT_EQ(
        standing_of(
            plan.steps,
            std::vector<PackageVersion>{{"libx-data", "amd64", "1-2"}, {"libx1", "amd64", "1-2"}}),
        Standing::After);
    EXPECT_EQ(
        standing_of(
            plan.steps,
            std::vector<PackageVersion>{{"libx1", "amd64", "1-2"}, {"oldx", "amd64", "1-1"}}),
        Standing::Between);
}

TEST(Standing, KnowsThatKernelsStandSideBySide) {
    model::PlannedStep kernel;
    kernel.change = model::PlannedChange::Install;
    kernel.name = "kernel";
    kernel.architecture = "x86_64";
    kernel.to_version = "6-1";
    const std::vector<model::PlannedStep> steps{kernel};
    const PackageVersion old{"kernel", "x86_64", "5-1"};
    const PackageVersion fresh{"kernel", "x86_64", "6-1"};

    EXPECT_EQ(standing_of(steps, std::vector{old}), Standing::Before);
    EXPECT_EQ(standing_of(steps, std::vector{old, fresh}), Standing::After);
    std::swap(kernel.from_version, kernel.to_version);
    kernel.change = model::PlannedChange::Remove;
    const std::vector<model::PlannedStep> back{kernel};
    EXPECT_EQ(standing_of(back, std::vector{old}), Standing::After);
    EXPECT_EQ(standing_of(back, std::vector{old, fresh}), Standing::Before);
}

TEST(RunWords, ReadBackAsWritten) {
    EXPECT_EQ(run_phase_named("rolling_back"), RunPhase::RollingBack);
    EXPECT_EQ(run_result_named("failed_health"), RunResult::FailedHealth);
    EXPECT_EQ(transaction_ending_named("timed_out"), TransactionEnding::TimedOut);
    EXPECT_EQ(run_phase_named("x"), std::nullopt);
}

}  // namespace
}  // namespace thimble::apply
