#include "thimble/apply/plan_run_trial_test.hpp"
#include "thimble/apply/run_cause.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace thimble::apply {
namespace {

TEST(PlanRun, AppliesAPlanOnAHealthyHost) {
    Trial trial;

    EXPECT_EQ(trial.drive().result, RunResult::Applied);
    EXPECT_EQ(trial.standing(), Standing::After);
    EXPECT_EQ(trial.drive().result, RunResult::Applied) << "an ended run stays ended";
    EXPECT_EQ(trial.host.transactions, 1);
    const auto journal = RunJournal::open(trial.folder + "/journal");
    EXPECT_EQ(journal->entries().front().detail, "asked for");
}

TEST(PlanRun, RecordsWhatIsLeftBesideTheConfiguration) {
    Trial trial;
    std::filesystem::create_directories(trial.folder + "/etc");
    trial.host.beside = trial.folder + "/etc/libx.conf.dpkg-dist";

    EXPECT_EQ(trial.drive().result, RunResult::Applied);

    EXPECT_EQ(
        files_left_beside(trial.folder).value(),
        std::vector<std::string>{"/etc/libx.conf.dpkg-dist"});
    const auto journal = RunJournal::open(trial.folder + "/journal");
    const JournalEntry* applied = last_entry(journal->entries(), RunPhase::Applied);
    ASSERT_NE(applied, nullptr);
    EXPECT_NE(applied->detail.find("left beside: /etc/libx.conf.dpkg-dist"), std::string::npos);
}

TEST(PlanRun, WaitsForWhoeverElseUsesThePackageManager) {
    Trial trial;
    trial.host.locked_looks = 10;

    EXPECT_EQ(trial.drive().result, RunResult::Applied);

    EXPECT_EQ(trial.waited_for, std::vector<std::string>{"apt-get 60"});
}

TEST(PlanRun, NamesWhoDidNotLetThePackageManagerGoInTime) {
    Trial trial;
    trial.plan.policy.lock_timeout = std::chrono::seconds(2);
    trial.host.locked_looks = 11;

    const RunReport report = trial.drive();

    EXPECT_EQ(report.result, RunResult::Skipped);
    EXPECT_NE(report.why.find("process 12 (apt-get) holds /a/lock"), std::string::npos)
        << report.why;
    EXPECT_EQ(trial.waited_for, std::vector<std::string>{"apt-get 2"});
    EXPECT_EQ(trial.host.locked_looks, 1) << "ten pauses of 200 ms";
    EXPECT_EQ(trial.host.transactions, 0);
}

TEST(PlanRun, SaysWhichDiskWasFull) {
    Trial trial;
    trial.host.endings = {TransactionEnding::NoSpace};
    trial.space_at_end = {
        {.folder = "/usr", .free_bytes = std::uint64_t{3} << 30U, .file_system = 1},
        {.folder = "/var", .free_bytes = 3 << 20, .file_system = 2}};

    EXPECT_EQ(trial.drive().result, RunResult::Unchanged);

    const auto journal = RunJournal::open(trial.folder + "/journal");
    const JournalEntry* applied = last_entry(journal->entries(), RunPhase::Applied);
    ASSERT_NE(applied, nullptr);
    EXPECT_EQ(applied->word, "no_space");
    EXPECT_TRUE(applied->detail.starts_with("the disk of /var is full (3 MiB free)\n"))
        << applied->detail;
}

/// What a full disk leaves where dpkg unpacked nothing new, and had a trigger to run.
void fill_disk(Trial& trial) {
    trial.host.endings = {TransactionEnding::NoSpace};
    trial.host.pending = "libc-bin";
    trial.space_at_end = {{.folder = "/usr", .free_bytes = 0, .file_system = 1}};
}

TEST(PlanRun, SetsUpWhatIsHalfDoneWhereAllVersionsAreThoseBefore) {
    Trial trial;
    fill_disk(trial);
    trial.host.repairs = {TransactionEnding::NoSpace};  // the disk is full still

    const RunReport report = trial.drive();

    EXPECT_EQ(report.result, RunResult::RolledBack) << report.why;
    EXPECT_EQ(report.why, "the versions before are back");
    EXPECT_EQ(trial.host.pending, "");
    const auto journal = RunJournal::open(trial.folder + "/journal");
    const JournalEntry* repaired = last_entry(journal->entries(), RunPhase::Repaired);
    ASSERT_NE(repaired, nullptr);
    EXPECT_EQ(repaired->word, "done");
    EXPECT_EQ(run_cause(journal->entries()), RunCause::NoSpace);
}

TEST(PlanRun, NamesWhatIsNotSetUpAfterAWayBackAndRollsBackOnceItCanBe) {
    Trial trial;
    fill_disk(trial);
    trial.host.repairs = {TransactionEnding::Failed, TransactionEnding::Failed};

    const RunReport report = trial.drive();

    EXPECT_EQ(report.result, RunResult::RollbackFailed);
    EXPECT_EQ(
        report.why,
        "the versions before are installed, but not all is set up (run `dpkg --configure -a`, or "
        "the package manager's own repair, then roll back again): libc-bin is not fully "
        "installed");
    const auto journal = RunJournal::open(trial.folder + "/journal");
    const JournalEntry* repaired = last_entry(journal->entries(), RunPhase::Repaired);
    ASSERT_NE(repaired, nullptr);
    EXPECT_TRUE(repaired->detail.contains("dpkg: unrecoverable fatal error")) << repaired->detail;

    const auto kept = parse_kept(last_entry(journal->entries(), RunPhase::Ready)->detail);
    ASSERT_TRUE(kept.has_value());
    std::filesystem::remove(trial.folder + "/journal");
    trial.taken_back = *kept;
    EXPECT_EQ(trial.drive().result, RunResult::RolledBack) << "there is space again";
    EXPECT_EQ(trial.host.pending, "");
}

TEST(PlanRun, BelievesNoFullDiskThatIsNotMeasured) {
    for (const bool is_asked : {true, false}) {
        Trial trial;
        trial.host.endings = {TransactionEnding::NoSpace};
        if (is_asked) {
            trial.space_at_end = {
                {.folder = "/usr", .free_bytes = std::uint64_t{60} << 30U, .file_system = 1}};
        }

        EXPECT_NE(trial.drive().result, RunResult::Applied);

        const auto journal = RunJournal::open(trial.folder + "/journal");
        const JournalEntry* applied = last_entry(journal->entries(), RunPhase::Applied);
        ASSERT_NE(applied, nullptr);
        EXPECT_EQ(applied->word, "failed");
        EXPECT_TRUE(applied->detail.contains("no disk is full")) << applied->detail;
        EXPECT_EQ(run_cause(journal->entries()), RunCause::Patch);
    }
}

TEST(PlanRun, SkipsWithTheReasonAndTouchesNothing) {
    Trial trial;
    trial.facts.host_state = "changed";

    const RunReport report = trial.drive();

    EXPECT_EQ(report.result, RunResult::Skipped);
    EXPECT_NE(report.why.find("apply.stale_plan"), std::string::npos);
    EXPECT_EQ(trial.host.transactions, 0);
}

TEST(PlanRun, TakesBackWhatFailsOrIsUnhealthy) {
    Trial failing;
    failing.host.endings = {TransactionEnding::Failed};
    EXPECT_EQ(failing.drive().result, RunResult::RolledBack);
    EXPECT_EQ(failing.standing(), Standing::Before);

    Trial unhealthy;
    unhealthy.health.healthy = false;
    const RunReport report = unhealthy.drive();
    EXPECT_EQ(report.result, RunResult::RolledBack);
    EXPECT_NE(report.why.find("x.service failed"), std::string::npos) << "it fails still";
    EXPECT_EQ(unhealthy.standing(), Standing::Before);
}

TEST(PlanRun, NamesTheProbeThatFailsAsItDidBefore) {
    Trial trial;
    trial.health.document =
        R"({"checks":[{"name":"probe web","verdict":"warn","summary":"fails, and failed before"}]})";

    const RunReport report = trial.drive();

    EXPECT_EQ(report.result, RunResult::Applied);
    EXPECT_EQ(
        report.why,
        "every step is done; probe web fails, as it failed before: nothing is known of it");
}

TEST(DoubtWords, AreOfProbesThatFailAsBefore) {
    const std::string checks =
        R"({"checks":[{"name":"services","verdict":"warn","summary":"1 unit had failed before"},)"
        R"({"name":"probe db","verdict":"warn"},{"name":"probe mail","verdict":"pass"},)"
        R"({"name":"probe dns","verdict":"unknown"},{"name":"probe web","verdict":"warn"}]})";
    const std::string words =
        "probe db, probe web fail, as they failed before: nothing is known of them";
    EXPECT_EQ(doubt_words(checks), words);
    EXPECT_EQ(doubt_words(format_findings("", checks)), words);
    EXPECT_EQ(doubt_words("{}"), "");
    EXPECT_EQ(doubt_words("systemctl does not answer"), "");
}

TEST(PlanRun, MakesUpForTheLookAfterAWayBackThatAKillPrevented) {
    Trial trial;
    trial.health.healthy = false;
    trial.health.kill_when_back = true;
    EXPECT_THROW(trial.drive(), Killed);

    const RunReport report = trial.drive();

    EXPECT_EQ(report.result, RunResult::RolledBack);
    EXPECT_NE(report.why.find("not all is as it was: x.service failed"), std::string::npos);
    const auto journal = RunJournal::open(trial.folder + "/journal");
    const JournalEntry* looked = last_entry(journal->entries(), RunPhase::ExaminedBack);
    ASSERT_NE(looked, nullptr);
    EXPECT_EQ(looked->word, "unhealthy");
    EXPECT_EQ(parse_findings(looked->detail).value_or(""), "x.service failed");
}

TEST(PlanRun, SaysWhatTheLookAfterAWayBackFoundThoughItWasKilledThen) {
    Trial trial;
    trial.health.healthy = false;
    constexpr std::size_t kLooked = 10;  // the number of the entry "examined_back"
    EXPECT_THROW(trial.drive(kLooked), Killed);
    trial.health.healthy = true;  // nobody looks again

    const RunReport report = trial.drive();

    EXPECT_EQ(trial.health.looks, 2);
    EXPECT_NE(report.why.find("not all is as it was: x.service failed"), std::string::npos);
}

TEST(PlanRun, LeavesUnhealthyVersionsWhereThePlanSaysSo) {
    Trial trial;
    trial.plan.policy.roll_back_on_failure = false;
    trial.health.healthy = false;

    EXPECT_EQ(trial.drive().result, RunResult::FailedHealth);
    EXPECT_EQ(trial.standing(), Standing::After);
}

TEST(PlanRun, EndsUnchangedWhenTheGateRefuses) {
    Trial trial;
    trial.host.endings = {TransactionEnding::Refused};

    EXPECT_EQ(trial.drive().result, RunResult::Unchanged);
    EXPECT_EQ(trial.standing(), Standing::Before);
}

TEST(PlanRun, TouchesNothingWithoutTheSnapshotThatIsRequired) {
    Trial trial;
    trial.snapshot = []() -> Result<void> {
        return failure(ErrorKind::Unavailable, "apply.no_snapshot", "the volume group is full");
    };

    const RunReport report = trial.drive();

    EXPECT_EQ(report.result, RunResult::Unchanged);
    EXPECT_NE(report.why.find("the volume group is full"), std::string::npos);
    EXPECT_EQ(trial.host.transactions, 0);
}

TEST(PlanRun, TakesAnEarlierRunBack) {
    Trial trial;
    ASSERT_EQ(trial.drive().result, RunResult::Applied);
    const auto journal = RunJournal::open(trial.folder + "/journal");
    const auto kept = parse_kept(last_entry(journal->entries(), RunPhase::Ready)->detail);
    ASSERT_TRUE(kept.has_value());
    std::filesystem::remove(trial.folder + "/journal");
    trial.taken_back = *kept;
    // What the first run has broken is no reason not to go back, and not what the host is measured by.
    trial.facts.health->unfinished = {{"libx1", "amd64", "1-1"}};
    trial.baseline = trial.health.expected = "before the first run";

    EXPECT_EQ(trial.drive().result, RunResult::RolledBack);
    EXPECT_EQ(trial.standing(), Standing::Before);
    EXPECT_EQ(trial.health.looks, 2);
}

TEST(PlanRun, TakesNothingFromWhoeverBroughtALaterVersionSince) {
    for (const bool back : {false, true}) {
        Trial trial;
        trial.host.endings = {back ? TransactionEnding::Failed : TransactionEnding::Done};
        trial.host.kill_after = back ? -1 : 1;
        EXPECT_THROW(trial.drive(back ? 7 : 1000), Killed);
        trial.host.bring("libx1", "1-3");
        const int transactions = trial.host.transactions;

        const RunReport report = trial.drive();

        EXPECT_EQ(report.result, RunResult::Failed);
        EXPECT_TRUE(report.why.starts_with("libx1 came to 1-3: somebody else")) << report.why;
        EXPECT_EQ(trial.host.transactions, transactions);
    }
}

TEST(PlanRun, BringsBackWhatAKilledTransactionHadTakenAwayForAMoment) {
    Trial trial;
    trial.host.kill_after = 1;
    EXPECT_THROW(trial.drive(), Killed);
    trial.host.bring("libx1", "");

    EXPECT_EQ(trial.drive().result, RunResult::Applied);
    EXPECT_EQ(trial.standing(), Standing::After);
}

TEST(PlanRun, LeavesALaterVersionAloneThatCameWhileItLooked) {
    Trial trial;
    trial.health.healthy = false;
    trial.health.on_look = [&] {
        trial.host.bring("libx1", "1-3");
    };

    EXPECT_EQ(trial.drive().result, RunResult::Failed);
    EXPECT_EQ(trial.host.transactions, 1);
}

TEST(PlanRun, EndsUnchangedWhenARollbackIsRefused) {
    Trial trial;
    ASSERT_EQ(trial.drive().result, RunResult::Applied);
    const auto journal = RunJournal::open(trial.folder + "/journal");
    trial.taken_back = parse_kept(last_entry(journal->entries(), RunPhase::Ready)->detail).value();
    std::filesystem::remove(trial.folder + "/journal");
    trial.host.endings = {TransactionEnding::Refused};

    EXPECT_EQ(trial.drive().result, RunResult::Unchanged);
    EXPECT_EQ(trial.standing(), Standing::After);
    EXPECT_EQ(trial.host.transactions, 2);
}

TEST(PlanRun, RefusesADamagedKeptArchive) {
    Trial trial;
    trial.host.endings = {TransactionEnding::Failed};
    trial.plan.policy.probes.clear();
    // The archive is damaged between keeping and going back.
    EXPECT_THROW(trial.drive(5), Killed);
    ASSERT_TRUE(write_whole_file(trial.folder + "/libx1_old.deb", "evil").has_value());
    trial.host.endings = {TransactionEnding::Failed, TransactionEnding::Failed};

    const RunReport report = trial.drive();

    EXPECT_NE(report.result, RunResult::RolledBack);
}

TEST(PlanRun, FinishesNoInterruptedRunWithADamagedArchive) {
    Trial trial;
    trial.host.kill_after = 1;
    EXPECT_THROW(trial.drive(), Killed);
    trial.host.kill_after = -1;
    const std::string archive = trial.plan.steps[0].archive->file_name;
    ASSERT_TRUE(write_whole_file(trial.folder + "/" + archive, "evil").has_value());

    const RunReport report = trial.drive();

    EXPECT_NE(report.result, RunResult::Applied);
    EXPECT_EQ(trial.standing(), Standing::Before);
}

TEST(PlanRun, PutsConfigurationBackAfterAKillAtTheEndOfTheWayBack) {
    Trial trial;
    std::filesystem::create_directories(trial.folder + "/etc");
    trial.host.beside = trial.folder + "/etc/libx.conf.dpkg-dist";
    trial.health.healthy = false;
    trial.host.kill_when_back = true;
    EXPECT_THROW(trial.drive(), Killed);
    ASSERT_TRUE(std::filesystem::exists(trial.host.beside));

    EXPECT_EQ(trial.drive().result, RunResult::RolledBack);
    EXPECT_FALSE(std::filesystem::exists(trial.host.beside));
}

TEST(PlanRun, PutsBackWhatTheRepairOfAKilledWayBackLeft) {
    Trial trial;
    std::filesystem::create_directories(trial.folder + "/etc");
    const std::string beside = trial.folder + "/etc/libx.conf.dpkg-dist";
    trial.host.endings = {TransactionEnding::Failed};
    constexpr std::size_t kRollingBack = 7;  // the number of that entry: nothing is decided yet
    EXPECT_THROW(trial.drive(kRollingBack), Killed);
    trial.host.repair_beside = beside;

    EXPECT_EQ(trial.drive().result, RunResult::RolledBack);
    EXPECT_FALSE(std::filesystem::exists(beside));
}

TEST(PlanRun, PutsBackWhatTheRepairOfATransactionLeft) {
    Trial trial;
    std::filesystem::create_directories(trial.folder + "/etc");
    const std::string beside = trial.folder + "/etc/libx.conf.dpkg-dist";
    trial.plan.steps.resize(1);
    trial.host.endings = {TransactionEnding::TimedOut};
    trial.health.healthy = false;
    constexpr std::size_t kApplied = 6;
    EXPECT_THROW(trial.drive(kApplied), Killed);
    trial.host.repair_beside = beside;

    EXPECT_EQ(trial.drive().result, RunResult::RolledBack);
    EXPECT_EQ(trial.health.looks, 2) << "the repair finished it, and it was unhealthy";
    EXPECT_FALSE(std::filesystem::exists(beside));
}

TEST(PlanRun, KeepsAnEditThatAnInterruptedRunPutsBack) {
    Trial trial;
    std::filesystem::create_directories(trial.folder + "/etc");
    const std::string path = trial.folder + "/etc/libx.conf";
    ASSERT_TRUE(write_whole_file(path, "before").has_value());
    trial.host.kill_after = 1;
    EXPECT_THROW(trial.drive(), Killed);
    ASSERT_TRUE(write_whole_file(path, "edited since").has_value());
    trial.health.healthy = false;

    const RunReport report = trial.drive();

    constexpr std::size_t kMost = 64;
    EXPECT_EQ(report.result, RunResult::RolledBack);
    EXPECT_EQ(read_whole_file(path, kMost).value(), "before");
    const auto replaced = parse_configuration(
        read_whole_file(trial.folder + "/configuration-replaced.json", 4096).value());
    ASSERT_TRUE(replaced.has_value());
    ASSERT_EQ(replaced->size(), 1U);
    EXPECT_EQ(replaced->front().path, "/etc/libx.conf");
    EXPECT_EQ(
        read_whole_file(trial.folder + "/" + replaced->front().sha256, kMost).value(),
        "edited since");
}

TEST(PlanRun, TakesAwayWhatTheNewVersionBroughtBeforeTheOldOneComes) {
    for (const TransactionEnding ending : {TransactionEnding::Done, TransactionEnding::Failed}) {
        Trial trial;
        std::filesystem::create_directories(trial.folder + "/etc");
        trial.host.beside = trial.folder + "/etc/libx.conf";
        trial.host.endings = {TransactionEnding::Done, ending, ending};
        trial.health.healthy = false;
        bool was_there = true;
        trial.host.on_run = [&] {
            was_there = std::filesystem::exists(trial.host.beside);
        };

        const RunReport report = trial.drive();

        const bool is_back = ending == TransactionEnding::Done;
        EXPECT_EQ(report.result, is_back ? RunResult::RolledBack : RunResult::RollbackFailed);
        EXPECT_FALSE(was_there) << "the package manager would remember it";
        EXPECT_EQ(std::filesystem::exists(trial.host.beside), !is_back)
            << "new versions that stayed want theirs";
    }
}

TEST(PlanRun, ForgetsWhatItBroughtUnlessSomebodyHasChangedItSince) {
    for (const bool is_edited : {false, true}) {
        Trial trial;
        std::filesystem::create_directories(trial.folder + "/etc");
        trial.host.beside = trial.folder + "/etc/libx.conf";
        trial.health.healthy = false;
        trial.health.on_look = [&] {
            if (is_edited && trial.health.looks == 1) {
                EXPECT_TRUE(write_whole_file(trial.host.beside, "edited").has_value());
            }
        };

        EXPECT_EQ(trial.drive().result, RunResult::RolledBack);
        const auto journal = RunJournal::open(trial.folder + "/journal");
        ASSERT_TRUE(journal.has_value());
        const auto back =
            std::ranges::find(journal->entries(), RunPhase::RolledBack, &JournalEntry::phase);
        ASSERT_NE(back, journal->entries().end());
        const std::string told = is_edited ? "left as somebody has changed it since: /etc/libx.conf"
                                           : "taken away: /etc/libx.conf";
        EXPECT_TRUE(back->detail.contains(told)) << back->detail;
        EXPECT_EQ(std::filesystem::exists(trial.host.beside), is_edited);
        EXPECT_EQ(trial.host.forgotten.empty(), is_edited)
            << "to forget a package purges its files";
    }
}

TEST(PlanRun, ReturnsNothingThatAnEarlierWayBackTookAway) {
    Trial trial;
    std::filesystem::create_directories(trial.folder + "/etc");
    trial.host.beside = trial.folder + "/etc/libx.conf";
    trial.health.healthy = false;
    EXPECT_EQ(trial.drive().result, RunResult::RolledBack);
    std::filesystem::remove(trial.folder + "/journal");
    for (const model::PlannedStep& step : trial.plan.steps) {
        trial.host.bring(step.name, step.to_version);
    }
    trial.host.endings = {TransactionEnding::Failed, TransactionEnding::Failed};
    std::filesystem::remove(trial.folder + "/configuration-after.json");  // it was interrupted
    trial.taken_back = *trial.host.keep_current(trial.plan.steps, trial.folder);

    EXPECT_NE(trial.drive().result, RunResult::RolledBack);
    EXPECT_FALSE(std::filesystem::exists(trial.host.beside)) << "the owner may have left it out";
}

TEST(PlanRun, ReturnsWhatSteppedAsideWhereTheWayBackIsNotGoneOnWith) {
    Trial trial;
    std::filesystem::create_directories(trial.folder + "/etc");
    trial.host.beside = trial.folder + "/etc/libx.conf";
    trial.health.healthy = false;
    trial.host.on_run = [&] {
        if (trial.host.transactions == 2) {
            EXPECT_FALSE(std::filesystem::exists(trial.host.beside));
            throw Killed{};
        }
    };
    EXPECT_THROW(trial.drive(), Killed);
    trial.host.bring("libx1", "1-3");

    EXPECT_EQ(trial.drive().result, RunResult::Failed) << "somebody else has gone on";
    EXPECT_TRUE(std::filesystem::exists(trial.host.beside));
}

TEST(PlanRun, TellsTheTruthAfterAKillAtEveryEntry) {
    for (std::size_t kill_at = 1; kill_at <= 7; ++kill_at) {
        Trial trial;
        EXPECT_THROW(trial.drive(kill_at), Killed) << kill_at;

        const RunReport report = trial.drive();

        EXPECT_TRUE((*trial.host.health()).is_clean()) << kill_at;
        EXPECT_EQ(
            trial.standing(),
            report.result == RunResult::Applied ? Standing::After : Standing::Before)
            << kill_at;
    }
}

TEST(PlanRun, TellsTheTruthWhateverFailsAndWhereverItIsKilled) {
    EXPECT_TRUE(rc::check([](const std::vector<std::uint8_t>& endings, bool roll_back) {
        Trial trial;
        trial.plan.policy.roll_back_on_failure = roll_back;
        for (const std::uint8_t ending : endings) {
            trial.host.endings.push_back(static_cast<TransactionEnding>(ending % 7));
        }
        const auto kills = *rc::gen::container<std::vector<int>>(3, rc::gen::inRange(-1, 4));
        trial.health.healthy = *rc::gen::arbitrary<bool>();
        RunReport report;
        for (std::size_t life = 0;; ++life) {
            trial.host.kill_after = life < kills.size() ? kills[life] : -1;
            const auto kill_at =
                life < kills.size() ? *rc::gen::inRange<std::size_t>(1, 20) : std::size_t{1000};
            try {
                report = trial.drive(kill_at);
                break;
            } catch (const Killed&) {}
        }
        const bool clean = (*trial.host.health()).is_clean();
        switch (report.result) {
            case RunResult::Applied:
            case RunResult::FailedHealth:
                RC_ASSERT(clean && trial.standing() == Standing::After);
                break;
            case RunResult::Skipped:
            case RunResult::Unchanged:
            case RunResult::RolledBack:
                RC_ASSERT(clean && trial.standing() == Standing::Before);
                break;
            case RunResult::Failed:
            case RunResult::RollbackFailed: break;  // says so, and a person looks
        }
    }));
}

TEST(IsEndOfWayBack, KnowsTheRepairOfAWayBack) {
    const auto journal = [](const std::vector<RunPhase>& phases) {
        std::vector<JournalEntry> entries;
        for (const RunPhase phase : phases) {
            entries.push_back({.phase = phase, .at = {}, .word = {}, .detail = {}});
        }
        return entries;
    };
    using enum RunPhase;

    EXPECT_TRUE(is_end_of_way_back(journal({Begun, RollingBack, RolledBack})));
    EXPECT_TRUE(is_end_of_way_back(journal({Begun, RollingBack, Repairing, Repaired})));
    EXPECT_FALSE(is_end_of_way_back(journal({})));
    EXPECT_FALSE(is_end_of_way_back(journal({Begun, Applying, Repairing, Repaired})));
    EXPECT_FALSE(is_end_of_way_back(journal({Begun, RollingBack})));
    EXPECT_FALSE(is_end_of_way_back(journal({Begun, RollingBack, RolledBack, ExaminedBack})));
}

}  // namespace
}  // namespace thimble::apply
