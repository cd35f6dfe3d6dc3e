#include "thimble/apply/run_cause.hpp"

#include "thimble/apply/run_steps.hpp"

#include <algorithm>
#include <optional>

namespace thimble::apply {
namespace {

/// What one entry says of the patch; nothing: nothing.
std::optional<RunCause> cause_in(const JournalEntry& entry) {
    switch (entry.phase) {
        case RunPhase::Begun:
            return entry.word == "rollback" ? std::optional(RunCause::Patch) : std::nullopt;
        case RunPhase::Examined:
        case RunPhase::ExaminedBack: {
            const bool is_well = entry.word == "healthy" || entry.word == "not_looked_at";
            return is_well ? std::nullopt : std::optional(RunCause::Patch);
        }
        case RunPhase::Applied:
        case RunPhase::Repaired:
        case RunPhase::RolledBack: {
            const auto ending = transaction_ending_named(entry.word);
            if (ending == TransactionEnding::Done) {
                return std::nullopt;
            }
            return ending && is_of_surroundings(*ending) ? RunCause::Surroundings : RunCause::Patch;
        }
        case RunPhase::Checked:
        case RunPhase::Observed:
        case RunPhase::Ready:
        case RunPhase::Applying:
        case RunPhase::Repairing:
        case RunPhase::RollingBack:
        case RunPhase::Ended: return std::nullopt;
    }
    return RunCause::Patch;
}

}  // namespace

bool is_of_surroundings(TransactionEnding ending) {
    switch (ending) {
        case TransactionEnding::Locked:
        case TransactionEnding::NoSpace: return true;
        case TransactionEnding::Done:
        case TransactionEnding::Failed:
        case TransactionEnding::TimedOut:
        case TransactionEnding::Prompted:
        case TransactionEnding::Refused: return false;
    }
    return false;
}

RunCause run_cause(std::span<const JournalEntry> entries) {
    const auto says = [](RunCause cause) {
        return [cause](const JournalEntry& entry) {
            return cause_in(entry) == cause;
        };
    };
    const bool is_known = std::ranges::any_of(entries, says(RunCause::Surroundings));
    const bool is_patch = std::ranges::any_of(entries, says(RunCause::Patch));
    return is_known && !is_patch ? RunCause::Surroundings : RunCause::Patch;
}

}  // namespace thimble::apply
