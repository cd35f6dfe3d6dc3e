#include "thimble/apply/plan_run_trial_test.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <string>
#include <vector>

namespace thimble::apply {
namespace {

/// A hold that is refused since the machine goes down.
host::ShutdownHold refused_hold() {
    return host::ShutdownHold::take(
        {"no-such-program"},
        {.preparing = {"printf", "b true\\nb false\\n"}, .state = {}},
        std::chrono::seconds(20));
}

TEST(PlanRun, IsSkippedWhereTheMachineGoesDownBeforeTheTransaction) {
    Trial trial;
    trial.hold = refused_hold;

    const RunReport report = trial.drive();

    EXPECT_EQ(report.result, RunResult::Skipped);
    EXPECT_NE(report.why.find("the machine is going down"), std::string::npos) << report.why;
    EXPECT_EQ(trial.host.transactions, 0);
}

TEST(PlanRun, IsLeftToBeTakenUpWhereTheMachineGoesDownBeforeTheWayBack) {
    Trial trial;
    trial.health.healthy = false;
    int holds = 0;
    trial.hold = [&] {
        return ++holds == 2 ? refused_hold() : host::ShutdownHold();
    };

    const auto broken_off = trial.try_drive();

    ASSERT_FALSE(broken_off.has_value());
    EXPECT_EQ(broken_off.error().code, "apply.going_down");
    EXPECT_EQ(trial.host.transactions, 1);
    EXPECT_EQ(trial.drive().result, RunResult::RolledBack) << "with the next start";
}

TEST(PlanRun, RepairsNothingOnAMachineThatGoesDown) {
    Trial trial;
    constexpr std::size_t kApplying = 5;  // the number of the entry "applying"
    EXPECT_THROW(trial.drive(kApplying), Killed);
    trial.hold = refused_hold;

    const auto broken_off = trial.try_drive();

    ASSERT_FALSE(broken_off.has_value());
    EXPECT_EQ(broken_off.error().code, "apply.going_down");
    trial.hold = {};
    trial.drive();
    const auto journal = RunJournal::open(trial.folder + "/journal");
    EXPECT_EQ(journal->entries().back().phase, RunPhase::Ended);
}

/// Whether the holder of the machine, which has written its number into `file`, still runs.
bool is_held_by(const std::string& file) {
    const std::string number = read_whole_file(file, 64).value_or("");
    return !number.empty() && ::kill(std::stoi(number), 0) == 0;
}

TEST(PlanRun, KeepsTheMachineUpForEachTransactionAndNoLonger) {
    Trial trial;
    trial.health.healthy = false;  // so that there is a way back
    const std::string file = trial.folder + "/holder";
    int holds = 0;
    trial.hold = [&] {
        ++holds;
        return host::ShutdownHold::take(
            {"sh", "-c", "echo $$ > \"$0\"; exec cat", file},
            {.preparing = {}, .state = {}},
            std::chrono::seconds(20));
    };
    std::vector<bool> held;
    trial.host.on_run = [&] {
        held.push_back(is_held_by(file));
    };

    EXPECT_EQ(trial.drive().result, RunResult::RolledBack);

    EXPECT_EQ(holds, 2);
    EXPECT_EQ(held, (std::vector{true, true}));
    EXPECT_FALSE(is_held_by(file));
    EXPECT_GE(trial.host.held, 0) << "who changes packages keeps it up after us";
    const auto journal = RunJournal::open(trial.folder + "/journal");
    for (const RunPhase phase : {RunPhase::Applying, RunPhase::RollingBack}) {
        const JournalEntry* entry = last_entry(journal->entries(), phase);
        ASSERT_NE(entry, nullptr);
        EXPECT_NE(entry->detail.find("is asked to hold off"), std::string::npos) << entry->detail;
    }
}

TEST(PlanRun, GoesOnWhereNothingHoldsTheMachineAndSaysSo) {
    Trial trial;
    trial.hold = [] {
        return host::ShutdownHold::take(
            {"no-such-program"}, {.preparing = {}, .state = {}}, std::chrono::seconds(20));
    };

    EXPECT_EQ(trial.drive().result, RunResult::Applied);

    const auto journal = RunJournal::open(trial.folder + "/journal");
    const JournalEntry* applying = last_entry(journal->entries(), RunPhase::Applying);
    ASSERT_NE(applying, nullptr);
    EXPECT_NE(applying->detail.find("nothing holds off"), std::string::npos) << applying->detail;
}

}  // namespace
}  // namespace thimble::apply
