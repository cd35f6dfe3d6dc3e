#pragma once
/// @file The life of a run as a table: what is written before each act, and what follows. Pure.

#include "thimble/apply/package_manager.hpp"
#include "thimble/base/instant.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace thimble::apply {

/// What the journal holds. The entry for an act that changes the host is on disk before the act.
enum class RunPhase : std::uint8_t {
    Begun,
    Checked,       ///< pre-checks passed
    Observed,      ///< the baseline of health is kept
    Ready,         ///< the plan's archives and those of the versions before are here and right
    Applying,      ///< the transaction is about to change the host
    Applied,       ///< it has ended; word: how
    Repairing,     ///< what was interrupted is about to be finished
    Repaired,      ///< word: how that ended
    Examined,      ///< post-checks; word: "healthy", "unhealthy", "not_looked_at"
    RollingBack,   ///< the way back is about to change the host
    RolledBack,    ///< it has ended; word: how
    ExaminedBack,  ///< the checks where the versions before are installed again, or still: the package manager had gone
                   ///< back by itself; word: "healthy", "unhealthy", "not_looked_at", "unknown"
    Ended,         ///< word: the result
};

std::string_view run_phase_name(RunPhase phase);
std::optional<RunPhase> run_phase_named(std::string_view name);

/// How a run ended.
enum class RunResult : std::uint8_t {
    Applied,  ///< every step is done and no check failed
    Skipped,  ///< a pre-check refused; nothing changed
    Unchanged,  ///< it failed or was interrupted; what is installed is as before the run, and no check failed
    RolledBack,  ///< the versions before are back
    Failed,  ///< the host is neither before nor after, not clean, or at the versions before and not as well: a
    ///< person has to look
    FailedHealth,  ///< all versions are those of the plan, but a post-check failed; not taken back
    RollbackFailed,  ///< the way back did not get there
};

std::string_view run_result_name(RunResult result);
std::optional<RunResult> run_result_named(std::string_view name);
std::string_view transaction_ending_name(TransactionEnding ending);
std::optional<TransactionEnding> transaction_ending_named(std::string_view name);

/// Where the host's packages stand between the versions before and those of the plan.
enum class Standing : std::uint8_t { Before, After, Between };

/// Compares what is installed with both ends of the steps.
/// @param installed  sorted
Standing standing_of(
    std::span<const model::PlannedStep> steps, std::span<const PackageVersion> installed);

/// All that the next act depends on.
struct RunState {
    RunPhase phase = RunPhase::Begun;
    std::string word;       ///< of the last entry
    std::string found;      ///< of ExaminedBack: what is not as it was
    std::string doubt;      ///< of Examined, ExaminedBack: see doubt_words
    std::string ending;     ///< of ExaminedBack: how the transaction had ended; empty: interrupted
    bool resumed = false;   ///< the process that wrote the last entry is gone
    bool backward = false;  ///< the way back was begun, or this run is a rollback
    std::uint32_t attempts = 0;  ///< forward transactions begun
    std::uint32_t returns = 0;   ///< transactions back begun
    bool roll_back_on_failure = true;
    Standing standing = Standing::Before;  ///< fresh; where depends_on_packages says so
    bool clean = true;                     ///< fresh: the package database has nothing unfinished
    std::string unclean;   ///< fresh: what is not, as a clause; empty: nothing, or it is not known
    std::string not_back;  ///< fresh: packages that are not at their version before
    /// Fresh: a package that is at neither end of its step, which a transaction would take from whoever brought it
    /// there; empty: there is none.
    std::string moved;
};

enum class RunAct : std::uint8_t {
    Check,
    Observe,
    Prepare,
    Apply,
    Repair,
    Examine,
    RollBack,
    ExamineBack,
    End,
};

struct NextAct {
    RunAct act = RunAct::End;
    RunResult result = RunResult::Unchanged;  ///< when act is End
    std::string why;                          ///< for the record
    bool operator==(const NextAct&) const = default;
};

/// Whether what follows a phase depends on `standing`, `clean` and `moved`.
bool depends_on_packages(RunPhase phase, bool resumed);

/// The next act of a run. Total: every state has one, and no state leads back to itself for ever: at
/// most two transactions forward and two back.
NextAct next_act(const RunState& state);

}  // namespace thimble::apply
