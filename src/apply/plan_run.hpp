#pragma once
/// @file Carries out one plan on one host, entry by entry of its journal, from wherever that stands.

#include "thimble/apply/configuration_return.hpp"
#include "thimble/apply/package_manager.hpp"
#include "thimble/apply/prechecks.hpp"
#include "thimble/apply/run_journal.hpp"
#include "thimble/apply/run_steps.hpp"
#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/shutdown_hold.hpp"
#include "thimble/model/plan.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::apply {

/// What the post-checks found.
struct HealthVerdict {
    bool healthy = false;
    std::string summary;   ///< one sentence
    std::string document;  ///< JSON with every check, for the record
    bool looked =
        true;  ///< false: there was nothing to look at, neither a service manager nor a probe
};

/// Looks at what the host does, before and after. Implemented over the room verify.
class HealthExaminer {
public:
    HealthExaminer() = default;
    HealthExaminer(const HealthExaminer&) = delete;
    HealthExaminer& operator=(const HealthExaminer&) = delete;
    HealthExaminer(HealthExaminer&&) = delete;
    HealthExaminer& operator=(HealthExaminer&&) = delete;
    virtual ~HealthExaminer() = default;

    /// The baseline, as a document that `examine` understands.
    virtual Result<std::string> observe() = 0;
    /// Compares the host with a baseline, giving services time to settle.
    virtual Result<HealthVerdict> examine(const std::string& baseline) = 0;
};

/// Folders of one run. Those of the host are the same ones as the host sees them: a root directory
/// sees them elsewhere than we do.
struct RunPlaces {
    std::string root;           ///< the host's root on this machine
    std::string archives;       ///< the plan's archives
    std::string kept;           ///< archives of the versions before
    std::string host_archives;  ///< `archives`, as the host sees it
    std::string host_kept;
};

/// The world of a run.
struct RunPorts {
    PackageManager& packages;
    HealthExaminer& health;
    const Clock& clock;
    std::function<void(std::chrono::milliseconds)> wait;  ///< lets a lock be released
    std::function<PrecheckFacts()> look;                  ///< for the pre-checks
    std::function<std::vector<FreeSpace>()>
        space;  ///< where a disk was full; empty: nobody believes that it was
    /// Before it waits for whoever holds the package manager, and how long at most; may be empty.
    std::function<void(const LockHolder&, std::chrono::seconds)> waits;
    std::function<Result<void>()>
        snapshot;  ///< the last before a transaction forward; may be empty
    /// Keeps the machine up while a transaction or a repair lasts; may be empty.
    std::function<host::ShutdownHold()> hold;
    Progress progress;                               ///< may be empty
    std::function<void(std::string_view)> output;    ///< of the package manager; may be empty
    std::function<void(const JournalEntry&)> wrote;  ///< after each entry; may be empty
};

/// Why there is this run.
struct RunOrigin {
    /// Of a rollback: what the run that is taken back had kept, in places.kept; the plan is that run's.
    std::optional<std::vector<KeptArchive>> taken_back;
    std::string reason;    ///< in the words of whoever asked for it; goes into the record
    std::string baseline;  ///< of a rollback: how the host was before that run; empty: as it is now
};

/// How a run ended, for whoever asked for it.
struct RunReport {
    RunResult result = RunResult::Unchanged;
    std::string why;
};

/// A run of a plan, forward or back.
class PlanRun {
public:
    PlanRun(const model::Plan& plan, RunPlaces places, RunPorts ports, RunOrigin origin = {})
        : plan_(plan),
          places_(std::move(places)),
          ports_(std::move(ports)),
          origin_(std::move(origin)) {}

    /// Goes on from where the journal stands until the run has ended. The journal is empty for a new
    /// run; otherwise its process is gone, and what it left is repaired first.
    /// @error what keeps the journal from being written; Unavailable "apply.going_down": the machine goes down, or to sleep, where the
    ///        next thing would change the host again: the run is left to be taken up. Everything else is in the report
    Result<RunReport> drive(RunJournal& journal);

private:
    Result<void> note(RunJournal& journal, RunPhase phase, std::string word, std::string detail);
    Result<void> conclude(RunJournal& journal, RunResult result, const std::string& why);
    Result<void> perform(RunJournal& journal, const NextAct& next);
    Result<void> check(RunJournal& journal);
    Result<void> observe(RunJournal& journal);
    Result<void> prepare(RunJournal& journal);
    Result<void> settle_archives();
    Result<void> set_rooms_aside();
    bool give_rooms_back();
    Result<void> transact(RunJournal& journal, Direction direction);
    Result<void> repair(RunJournal& journal);
    Result<void> give_way(RunJournal& journal, const std::string& obstacle);
    void wait_for_lock(std::chrono::seconds most);
    [[nodiscard]] model::Plan rest_of_way_back() const;
    void name_full_disk(TransactionReport& report, Direction direction) const;
    [[nodiscard]] host::ShutdownHold hold_machine() const;
    [[nodiscard]] ConfigurationReturn configuration_return();
    [[nodiscard]] TransactionReport with_configuration_back(TransactionReport report);
    [[nodiscard]] TransactionReport with_configuration_of_now(TransactionReport report);
    [[nodiscard]] bool are_versions_before();
    void look_at_configuration_after(TransactionReport& report);
    Result<TransactionReport> run_forward(const Transaction& wanted);
    Result<TransactionReport> run_back(const Transaction& wanted);
    Result<void> examine(RunJournal& journal);
    Result<void> examine_back(RunJournal& journal);
    [[nodiscard]] RunState state_of(const RunJournal& journal, bool resumed);
    void look_at_packages(RunState& state);
    [[nodiscard]] Result<Transaction> transaction(const RunJournal& journal, Direction direction);
    Result<void> aim_forward(const RunJournal& journal, Transaction& transaction);
    Result<void> aim_back(const RunJournal& journal, Transaction& transaction) const;

    const model::Plan& plan_;
    RunPlaces places_;
    RunPorts ports_;
    RunOrigin origin_;
};

/// The kept archives, as the entry `Ready` holds them.
std::string format_kept(const std::vector<KeptArchive>& kept);
/// @error Corrupt "apply.bad_journal"
Result<std::vector<KeptArchive>> parse_kept(std::string_view text);

/// What the checks after a way back found, as the entry `ExaminedBack` holds it.
/// @param summary  what is not as it was, or why that is not known
/// @param checks   JSON; empty: there is none
std::string format_findings(const std::string& summary, const std::string& checks);
/// @return the summary
/// @error Corrupt "apply.bad_journal"
Result<std::string> parse_findings(std::string_view text);

/// Of which probes nothing is known, for they fail as they did before: "probe web fails, as it failed before: nothing is known of it".
/// @param looked  the detail of an entry `Examined` or `ExaminedBack`
/// @return empty: of none, or it is no record of checks
std::string doubt_words(std::string_view looked);

/// Whether the last entry is that a transaction back, or the repair of one, has just ended, however it did.
bool is_end_of_way_back(const std::vector<JournalEntry>& entries);

/// The last entry of a phase; null: there is none.
const JournalEntry* last_entry(const std::vector<JournalEntry>& entries, RunPhase phase);

}  // namespace thimble::apply
