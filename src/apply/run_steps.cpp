#include "thimble/apply/run_steps.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace thimble::apply {
namespace {

template <class Enum>
using Name = std::pair<Enum, std::string_view>;

constexpr std::array<Name<RunPhase>, 13> kPhases{{
    {RunPhase::Begun, "begun"},
    {RunPhase::Checked, "checked"},
    {RunPhase::Observed, "observed"},
    {RunPhase::Ready, "ready"},
    {RunPhase::Applying, "applying"},
    {RunPhase::Applied, "applied"},
    {RunPhase::Repairing, "repairing"},
    {RunPhase::Repaired, "repaired"},
    {RunPhase::Examined, "examined"},
    {RunPhase::RollingBack, "rolling_back"},
    {RunPhase::RolledBack, "rolled_back"},
    {RunPhase::ExaminedBack, "examined_back"},
    {RunPhase::Ended, "ended"},
}};

constexpr std::array<Name<RunResult>, 7> kResults{{
    {RunResult::Applied, "applied"},
    {RunResult::Skipped, "skipped"},
    {RunResult::Unchanged, "unchanged"},
    {RunResult::RolledBack, "rolled_back"},
    {RunResult::Failed, "failed"},
    {RunResult::FailedHealth, "failed_health"},
    {RunResult::RollbackFailed, "rollback_failed"},
}};

constexpr std::array<Name<TransactionEnding>, 7> kEndings{{
    {TransactionEnding::Done, "done"},
    {TransactionEnding::Failed, "failed"},
    {TransactionEnding::TimedOut, "timed_out"},
    {TransactionEnding::Prompted, "prompted"},
    {TransactionEnding::Refused, "refused"},
    {TransactionEnding::Locked, "locked"},
    {TransactionEnding::NoSpace, "no_space"},
}};

template <class Enum, std::size_t Count>
std::string_view name_in(const std::array<Name<Enum>, Count>& names, Enum value) {
    const auto found = std::ranges::find(names, value, &Name<Enum>::first);
    return found == names.end() ? std::string_view() : found->second;
}

template <class Enum, std::size_t Count>
std::optional<Enum> named_in(const std::array<Name<Enum>, Count>& names, std::string_view name) {
    const auto found = std::ranges::find(names, name, &Name<Enum>::second);
    return found == names.end() ? std::nullopt : std::optional{found->first};
}

constexpr std::uint32_t kMostAttempts = 2;

NextAct act(RunAct what) {
    return {.act = what, .result = RunResult::Unchanged, .why = {}};
}

NextAct end(RunResult result, std::string why) {
    return {.act = RunAct::End, .result = result, .why = std::move(why)};
}

constexpr std::string_view kNotLookedAt = "not_looked_at";

/// Where nothing could be looked at, or a probe tells nothing, nobody may read that all is well.
std::string unseen_health(const RunState& state) {
    if (state.word == kNotLookedAt) {
        return "; health: not looked at: no service manager, no probe";
    }
    return state.doubt.empty() ? std::string() : "; " + state.doubt;
}

/// Whether the package manager may have begun: it may have run scripts, which stop services, and gone back by itself.
bool may_have_begun(std::string_view ending) {
    return ending != transaction_ending_name(TransactionEnding::Refused)
        && ending != transaction_ending_name(TransactionEnding::Locked);
}

/// Something went wrong on the way forward, and nothing of ours runs any more.
NextAct give_up_forward(const RunState& state, std::string why) {
    if (state.clean && state.standing == Standing::Before) {
        return may_have_begun(state.word) ? act(RunAct::ExamineBack)
                                          : end(RunResult::Unchanged, std::move(why));
    }
    if (state.roll_back_on_failure) {
        return act(RunAct::RollBack);
    }
    return end(RunResult::Failed, std::move(why));
}

/// All versions are those before, so that a transaction back has nothing left to do, and some are not set up.
bool is_half_done(const RunState& state) {
    return state.standing == Standing::Before && !state.clean;
}

std::string failed_return_words(const RunState& state) {
    std::string words = "the versions before could not be brought back";
    words += state.not_back.empty() ? "" : ": of " + state.not_back;
    return words + (state.unclean.empty() ? "" : "; not all is set up: " + state.unclean);
}

NextAct go_back_again(const RunState& state) {
    if (state.returns < kMostAttempts) {
        return act(RunAct::RollBack);
    }
    // One package that does not go back keeps no other from being set up.
    if (state.phase == RunPhase::RolledBack && !state.clean) {
        return act(RunAct::Repair);
    }
    return end(
        RunResult::RollbackFailed,
        is_half_done(state) ? "the versions before are installed, but not all is set up (run "
                              "`dpkg --configure -a`, or the package manager's own repair, then "
                              "roll back again): "
                + state.unclean
                            : failed_return_words(state));
}

bool is_back(const RunState& state) {
    return state.standing == Standing::Before && state.clean;
}

/// Where the way back is all that was asked for, and the package manager refuses it as a whole, nothing has changed.
bool is_refused_rollback(const RunState& state) {
    return state.attempts == 0 && state.clean && state.standing == Standing::After
        && state.word == transaction_ending_name(TransactionEnding::Refused);
}

NextAct after_return(const RunState& state) {
    if (is_refused_rollback(state)) {
        return end(RunResult::Unchanged, "the way back was refused, and nothing has changed");
    }
    if (state.phase == RunPhase::RolledBack && is_half_done(state)) {
        return act(RunAct::Repair);
    }
    return is_back(state) && state.word == "done" ? act(RunAct::ExamineBack) : go_back_again(state);
}

/// The package manager went back by itself. That the versions are those before does not say that the services are.
NextAct after_examination_of_unchanged(const RunState& state) {
    const std::string why = state.ending.empty()
        ? std::string("interrupted, and the versions before are installed")
        : "the transaction ended: " + state.ending + ", and the versions before are installed";
    if (!is_back(state)) {
        return state.roll_back_on_failure ? act(RunAct::RollBack) : end(RunResult::Failed, why);
    }
    if (state.word == "healthy" || state.word == kNotLookedAt) {
        return end(RunResult::Unchanged, why + unseen_health(state));
    }
    return end(
        RunResult::Failed,
        why
            + (state.word == "unhealthy" ? ", but not all is as it was: "
                                         : ", but whether its services are well is not known: ")
            + state.found);
}

/// The versions before bring no service back that the patch made fail and nobody has started since; that
/// is said, and is no reason to try again.
NextAct after_examination_back(const RunState& state) {
    if (!state.backward) {
        return after_examination_of_unchanged(state);
    }
    if (!is_back(state)) {
        return go_back_again(state);
    }
    std::string why = "the versions before are back";
    if (state.word == "unhealthy") {
        why += ", but not all is as it was: " + state.found;
    } else if (state.word != "healthy" && state.word != kNotLookedAt) {
        why += ", but whether its services are well is not known: " + state.found;
    }
    return end(RunResult::RolledBack, why + unseen_health(state));
}

NextAct after_repair(const RunState& state) {
    if (state.backward) {
        return after_return(state);
    }
    if (state.standing == Standing::After && state.clean) {
        return act(RunAct::Examine);
    }
    if (state.standing == Standing::Before && state.clean) {
        return act(RunAct::ExamineBack);
    }
    if (state.attempts < kMostAttempts) {
        return act(RunAct::Apply);
    }
    return give_up_forward(state, "the transaction could not be finished");
}

NextAct after_transaction(const RunState& state) {
    const auto ending = transaction_ending_named(state.word);
    const bool arrived = state.standing == Standing::After && state.clean;
    if (arrived && ending == TransactionEnding::Done) {
        return act(RunAct::Examine);
    }
    if (ending == TransactionEnding::Locked && state.standing == Standing::Before && state.clean) {
        return end(RunResult::Skipped, "the package manager is held by somebody else");
    }
    return give_up_forward(state, "the transaction ended: " + state.word);
}

NextAct after_examination(const RunState& state) {
    if (state.word == kNotLookedAt || state.word == "healthy") {
        const std::string unseen = unseen_health(state);
        return end(
            RunResult::Applied,
            "every step is done" + (unseen.empty() ? " and no check failed" : unseen));
    }
    return state.roll_back_on_failure
        ? act(RunAct::RollBack)
        : end(RunResult::FailedHealth, "a check after the transaction failed");
}

/// Of a transaction that a limit killed only the process that killed it knows how far it came within a package.
bool is_unknown_how_far(const RunState& state) {
    return state.resumed && state.word == transaction_ending_name(TransactionEnding::TimedOut);
}

NextAct unless_resumed(const RunState& state, RunAct next) {
    return state.resumed ? end(RunResult::Unchanged, "interrupted before anything changed")
                         : act(next);
}

/// An entry that says that a transaction is about to begin, and is the last, is cut off when it is damaged: the packages tell.
NextAct after_preparation(const RunState& state) {
    if (state.resumed && !state.backward && !is_back(state)) {
        return end(
            RunResult::Failed,
            "interrupted before anything changed, as its record says, but the packages are not "
            "known to be those before");
    }
    return unless_resumed(state, state.backward ? RunAct::RollBack : RunAct::Apply);
}

/// By the run alone.
NextAct act_of_run(const RunState& state) {
    switch (state.phase) {
        case RunPhase::Begun: return unless_resumed(state, RunAct::Check);
        case RunPhase::Checked: return unless_resumed(state, RunAct::Observe);
        case RunPhase::Observed: return unless_resumed(state, RunAct::Prepare);
        case RunPhase::Ready: return after_preparation(state);
        case RunPhase::Applying:
        case RunPhase::RollingBack:
        case RunPhase::Repairing: return act(RunAct::Repair);
        case RunPhase::Repaired: return after_repair(state);
        case RunPhase::Applied:
            return is_unknown_how_far(state) ? act(RunAct::Repair) : after_transaction(state);
        case RunPhase::Examined: return after_examination(state);
        case RunPhase::RolledBack:
            return is_unknown_how_far(state) ? act(RunAct::Repair) : after_return(state);
        case RunPhase::ExaminedBack: return after_examination_back(state);
        case RunPhase::Ended:
            return end(
                run_result_named(state.word).value_or(RunResult::Failed), "the run has ended");
    }
    return end(RunResult::Failed, "unknown phase");
}

}  // namespace

std::string_view run_phase_name(RunPhase phase) {
    return name_in(kPhases, phase);
}
std::optional<RunPhase> run_phase_named(std::string_view name) {
    return named_in(kPhases, name);
}
std::string_view run_result_name(RunResult result) {
    return name_in(kResults, result);
}
std::optional<RunResult> run_result_named(std::string_view name) {
    return named_in(kResults, name);
}
std::string_view transaction_ending_name(TransactionEnding ending) {
    return name_in(kEndings, ending);
}
std::optional<TransactionEnding> transaction_ending_named(std::string_view name) {
    return named_in(kEndings, name);
}

Standing standing_of(
    std::span<const model::PlannedStep> steps, std::span<const PackageVersion> installed) {
    // Of a kernel several versions are there at once: a step without a version before has begun when its
    // own version is there, and one without a version after is done when its own is gone.
    const auto has = [&](const model::PlannedStep& step,
                         const std::string& version,
                         const std::string& opposite) {
        const auto is_there = [&](const std::string& one) {
            const auto named =
                std::ranges::equal_range(installed, step.name, {}, &PackageVersion::name);
            return std::ranges::any_of(named, [&](const PackageVersion& package) {
                return package.version == one
                    && model::is_architecture_of_step(step, package.architecture);
            });
        };
        return version.empty() ? !is_there(opposite) : is_there(version);
    };
    bool before = true;
    bool after = true;
    for (const model::PlannedStep& step : steps) {
        before = before && has(step, step.from_version, step.to_version);
        after = after && has(step, step.to_version, step.from_version);
    }
    if (after) {
        return Standing::After;
    }
    return before ? Standing::Before : Standing::Between;
}

bool depends_on_packages(RunPhase phase, bool resumed) {
    switch (phase) {
        case RunPhase::Ready: return resumed;
        case RunPhase::Applied:
        case RunPhase::Repaired:
        case RunPhase::RolledBack:
        case RunPhase::ExaminedBack: return true;
        case RunPhase::Begun:
        case RunPhase::Checked:
        case RunPhase::Observed:
        case RunPhase::Applying:
        case RunPhase::Repairing:
        case RunPhase::Examined:
        case RunPhase::RollingBack:
        case RunPhase::Ended: return false;
    }
    return true;
}

NextAct next_act(const RunState& state) {
    NextAct next = act_of_run(state);
    const bool changes = next.act == RunAct::Apply || next.act == RunAct::RollBack;
    if (changes && !state.moved.empty()) {
        return end(
            RunResult::Failed,
            state.moved
                + ": somebody else has changed it since, and nothing is taken from whoever did. With it at its "
                  "version before, or at the plan's, the run can be rolled back");
    }
    return next;
}

}  // namespace thimble::apply
