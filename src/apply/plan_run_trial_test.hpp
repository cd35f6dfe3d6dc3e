#pragma once
/// @file A run of a plan on a host in memory, which can be killed, for tests.

#include "thimble/apply/plan_builder_test.hpp"
#include "thimble/apply/plan_run.hpp"
#include "thimble/apply/whole_file.hpp"
#include "thimble/base/digest.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::apply {

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
    std::string
        pending;  ///< a package beside the plan's that waits until a repair sets it up; empty: none
    std::vector<TransactionEnding> repairs;  ///< endings of the repairs to come, then Done

    /// As somebody else does; empty: removes it.
    void bring(const std::string& name, const std::string& version) {
        if (version.empty()) {
            versions_.erase(name);
        } else {
            versions_[name] = version;
        }
    }

    [[nodiscard]] std::string_view name() const override { return "memory"; }
    Result<Resolution> resolve(const Resolving& /*wanted*/) override { return Resolution{}; }
    Result<void> fetch(
        std::span<const model::PlannedStep> steps,
        const std::string& folder,
        const Progress& /*progress*/) override {
        for (const model::PlannedStep& step : steps) {
            if (step.archive) {
                THIMBLE_TRY(write_whole_file(
                    folder + "/" + step.archive->file_name, step.archive->file_name));
            }
        }
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
        held = transaction.held;
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
        if (!pending.empty()) {
            health.unfinished.push_back({pending, "amd64", "1-1"});
        }
        return health;
    }
    Result<TransactionReport> repair(const Transaction& limits) override {
        held = limits.held;
        TransactionReport report;
        report.ending = TransactionEnding::Done;
        if (!repairs.empty()) {
            report.ending = repairs.front();
            report.detail = "dpkg: unrecoverable fatal error";
            repairs.erase(repairs.begin());
            return report;
        }
        unfinished_.clear();
        pending.clear();
        if (!repair_beside.empty()) {
            THIMBLE_TRY(write_whole_file(std::exchange(repair_beside, {}), "shipped"));
        }
        return report;
    }
    Result<std::vector<std::string>> forget(
        std::span<const model::PlannedStep> added,
        std::span<const std::string> /*files*/) override {
        for (const model::PlannedStep& step : added) {
            forgotten.push_back(step.name);
        }
        return std::vector<std::string>{};
    }
    Result<std::optional<LockHolder>> lock_holder() override {
        return locked_looks > 0
            ? std::optional(LockHolder{.pid = 12, .command = "apt-get", .lock = "/a/lock"})
            : std::nullopt;
    }
    Result<std::vector<PackageVersion>> installed() override {
        std::vector<PackageVersion> packages;
        for (const auto& [name, version] : versions_) {
            packages.push_back({name, "amd64", version});
        }
        return packages;
    }
    Result<std::string> host_state() override { return small_plan().host_state; }

    int locked_looks = 0;  ///< times to wait until somebody else lets the lock go
    int transactions = 0;
    int held = -1;                       ///< what the last transaction or repair was handed
    std::vector<std::string> forgotten;  ///< packages
    std::function<void()> on_run;        ///< when a transaction begins; may be empty

private:
    void set(const model::PlannedStep& step, const std::string& version) {
        bring(step.name, version);
    }

    std::map<std::string, std::string> versions_;
    std::string unfinished_;
};

class MemoryHealth final : public HealthExaminer {
public:
    bool healthy = true;
    int looks = 0;  ///< after the baseline
    std::string expected = "baseline";
    std::string document = "{}";
    bool kill_when_back = false;    ///< kills the process within the second look
    std::function<void()> on_look;  ///< may be empty
    Result<std::string> observe() override { return std::string("baseline"); }
    Result<HealthVerdict> examine(const std::string& baseline) override {
        if (++looks == 2 && std::exchange(kill_when_back, false)) {
            throw Killed{};
        }
        EXPECT_EQ(baseline, expected);
        if (on_look) {
            on_look();
        }
        return HealthVerdict{
            .healthy = healthy, .summary = "x.service failed", .document = document};
    }
};

inline model::Plan good_plan() {
    model::Plan plan = small_plan();
    plan.problems.clear();
    return plan;
}

inline PrecheckFacts good_facts() {
    PrecheckFacts facts;
    facts.host.machine_id = small_plan().machine_id;
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
        for (model::PlannedStep& step : plan.steps) {
            if (step.archive) {  // as MemoryHost fetches it
                step.archive->sha256 = sha256_of(step.archive->file_name);
                step.archive->size = step.archive->file_name.size();
            }
        }
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
                .wait = [this](std::chrono::milliseconds) { host.locked_looks -= 1; },
                .look =
                    [this] {
                        PrecheckFacts now = facts;
                        now.lock_holder = host.lock_holder().value();
                        return now;
                    },
                .space = [this] { return space_at_end; },
                .waits =
                    [this](const LockHolder& holder, std::chrono::seconds most) {
                        waited_for.push_back(holder.command + " " + std::to_string(most.count()));
                    },
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
    std::vector<FreeSpace> space_at_end;  ///< of a transaction
    std::vector<std::string> waited_for;  ///< command and seconds
    std::string folder;
};

}  // namespace thimble::apply
