#include "thimble/apply/plan_run.hpp"

#include "thimble/apply/plan_builder_test.hpp"
#include "thimble/apply/whole_file.hpp"
#include "thimble/base/digest.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace thimble::apply {
namespace {

/// The process is killed here.
struct Killed {};

class StillClock final : public Clock {
public:
    [[nodiscard]] Instant now() const override {
        return Instant(std::chrono::seconds(1'790'000'000));
    }
};

/// A host in memory whose transactions can break off after any step. It keeps the one promise of a
/// package database that matters here: what is unfinished is marked.
class MemoryHost final : public PackageManager {
public:
    explicit MemoryHost(const model::Plan& plan) {
        for (const model::PlannedStep& step : plan.steps) {
            set(step, step.from_version);
        }
    }

    std::vector<TransactionEnding> endings;  ///< of the transactions to come, then Done
    int kill_after = -1;                     ///< steps until the process is killed; -1: never
    bool kill_when_back = false;  ///< kills the process when a way back has done all its steps
    std::string beside;  ///< a file that a transaction forward leaves beside a configuration file
    std::string repair_beside;  ///< the same of a repair

    [[nodiscard]] std::string_view name() const override { return "memory"; }
    Result<Resolution> resolve(const Resolving& /*wanted*/) override { return Resolution{}; }
    Result<void> fetch(
        std::span<const model::PlannedStep> /*steps*/,
        const std::string& /*folder*/,
        const Progress& /*progress*/) override {
        return {};
    }
    Result<std::vector<model::PlannedConffile>> predict_conffiles(
        std::span<const model::PlannedStep> /*steps*/, const std::string& /*folder*/) override {
        return std::vector<model::PlannedConffile>{};
    }
    Result<std::vector<std::string>> configuration_files(
        std::span<const model::PlannedStep> /*steps*/, const std::string& /*folder*/) override {
        return std::vector<std::string>{"/etc/libx.conf"};
    }
    Result<std::vector<KeptArchive>> keep_current(
        std::span<const model::PlannedStep> steps, const std::string& folder) override {
        std::vector<KeptArchive> kept;
        for (model::PlannedStep step : steps) {
            std::swap(step.from_version, step.to_version);
            step.change = step.to_version.empty() ? model::PlannedChange::Remove
                                                  : model::PlannedChange::Downgrade;
            step.archive.reset();
            if (!step.to_version.empty()) {
                const std::string file = step.name + "_old.deb";
                THIMBLE_TRY(write_whole_file(folder + "/" + file, step.to_version));
                step.archive = model::PlannedArchive{
                    .file_name = file,
                    .uri = "",
                    .sha256 = sha256_of(step.to_version),
                    .size = step.to_version.size()};
            }
            kept.push_back({step, "repacked"});
        }
        return kept;
    }
    Result<TransactionReport> run(const Transaction& transaction) override {
        ++transactions;
        if (on_run) {
            on_run();
        }
        TransactionReport report;
        report.ending = TransactionEnding::Done;
        if (!endings.empty()) {
            report.ending = endings.front();
            endings.erase(endings.begin());
        }
        if (report.ending == TransactionEnding::Refused
            || report.ending == TransactionEnding::Locked
            || report.ending == TransactionEnding::NoSpace) {
            return report;
        }
        const bool back = transactions > 1;
        if (!back && !beside.empty()) {
            THIMBLE_TRY(write_whole_file(beside, "shipped"));
        }
        for (const model::PlannedStep& step : transaction.steps) {
            unfinished_ = step.name;
            if (kill_after == 0) {
                kill_after = -1;
                throw Killed{};
            }
            kill_after -= kill_after > 0 ? 1 : 0;
            set(step, step.to_version);
            if (report.ending != TransactionEnding::Done) {
                return report;  // the first package's script failed
            }
            unfinished_.clear();
        }
        if (back && std::exchange(kill_when_back, false)) {
            throw Killed{};
        }
        return report;
    }
    Result<PackageHealth> health() override {
        PackageHealth health;
        if (!unfinished_.empty()) {
            health.unfinished.push_back({unfinished_, "amd64", ""});
        }
        return health;
    }
    Result<TransactionReport> repair(const Transaction& /*limits*/) override {
        unfinished_.clear();
        if (!repair_beside.empty()) {
            THIMBLE_TRY(write_whole_file(std::exchange(repair_beside, {}), "shipped"));
        }
        TransactionReport report;
        report.ending = TransactionEnding::Done;
        return report;
    }
    Result<std::optional<LockHolder>> lock_holder() override { return std::optional<LockHolder>{}; }
    Result<std::vector<PackageVersion>> installed() override {
        std::vector<PackageVersion> packages;
        for (const auto& [name, version] : versions_) {
            packages.push_back({name, "amd64", version});
        }
        return packages;
    }
    Result<std::string> host_state() override { return small_plan().host_state; }

    int transactions = 0;
    std::function<void()> on_run;  ///< when a transaction begins; may be empty

private:
    void set(const model::PlannedStep& step, const std::string& version) {
        if (version.empty()) {
            versions_.erase(step.name);
        } else {
            versions_[step.name] = version;
        }
    }

    std::map<std::string, std::string> versions_;
    std::string unfinished_;
};

class MemoryHealth final : public HealthExaminer {
public:
    bool healthy = true;
    int looks = 0;  ///< after the baseline
    std::string expected = "baseline";
    bool kill_when_back = false;  ///< kills the process within the second look
    Result<std::string> observe() override { return std::string("baseline"); }
    Result<HealthVerdict> examine(const std::string& baseline) override {
        if (++looks == 2 && std::exchange(kill_when_back, false)) {
            throw Killed{};
        }
        EXPECT_EQ(baseline, expected);
        return HealthVerdict{.healthy = healthy, .summary = "x.service failed", .document = "{}"};
    }
};

model::Plan good_plan() {
    model::Plan plan = small_plan();
    plan.problems.clear();
    return plan;
}

PrecheckFacts good_facts() {
    PrecheckFacts facts;
    facts.machine_id = small_plan().machine_id;
    facts.host_state = small_plan().host_state;
    facts.health = PackageHealth{};
    facts.lock_known = true;
    return facts;
}

/// One run's folder and world.
class Trial {
public:
    Trial() : host(plan) {
        std::string pattern = testing::TempDir() + "thimble-run-XXXXXX";
        THIMBLE_CHECK(::mkdtemp(pattern.data()) != nullptr);
        folder = pattern;
    }
    ~Trial() { std::filesystem::remove_all(folder); }
    Trial(const Trial&) = delete;
    Trial& operator=(const Trial&) = delete;
    Trial(Trial&&) = delete;
    Trial& operator=(Trial&&) = delete;

    /// Runs until the end, or until entry number `kill_at` is on disk.
    RunReport drive(std::size_t kill_at = 1000) {
        auto report = try_drive(kill_at);
        THIMBLE_CHECK(report.has_value());
        return *report;
    }

    Result<RunReport> try_drive(std::size_t kill_at = 1000) {
        auto journal = RunJournal::open(folder + "/journal");
        THIMBLE_CHECK(journal.has_value());
        PlanRun run(
            plan,
            {folder, folder, folder, folder, folder},
            RunPorts{
                .packages = host,
                .health = health,
                .clock = clock,
                .wait = [](std::chrono::milliseconds) {},
                .look = [this] { return facts; },
                .snapshot = snapshot,
                .hold = hold,
                .progress = {},
                .output = {},
                .wrote =
                    [&](const JournalEntry&) {
                        if (journal->entries().size() == kill_at) {
                            throw Killed{};
                        }
                    }},
            {.taken_back = taken_back, .reason = "asked for", .baseline = baseline});
        return run.drive(*journal);
    }

    [[nodiscard]] Standing standing() { return standing_of(plan.steps, *host.installed()); }

    model::Plan plan = good_plan();
    MemoryHost host;
    MemoryHealth health;
    StillClock clock;
    PrecheckFacts facts = good_facts();
    std::optional<std::vector<KeptArchive>> taken_back;
    std::string baseline;
    std::function<Result<void>()> snapshot;
    std::function<host::ShutdownHold()> hold;
    std::string folder;
};

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
