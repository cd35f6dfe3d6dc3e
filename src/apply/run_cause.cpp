#include "thimble/apply/run_cause.hpp"

#include "thimble/apply/prechecks.hpp"
#include "thimble/apply/run_steps.hpp"
#include "thimble/base/lines.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

namespace thimble::apply {
namespace {

/// Of a transaction or repair that did not get there.
RunCause cause_of(TransactionEnding ending) {
    switch (ending) {
        case TransactionEnding::Locked: return RunCause::Locked;
        case TransactionEnding::NoSpace: return RunCause::NoSpace;
        case TransactionEnding::Done:
        case TransactionEnding::Failed:
        case TransactionEnding::TimedOut:
        case TransactionEnding::Prompted:
        case TransactionEnding::Refused: return RunCause::Patch;
    }
    return RunCause::Patch;
}

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
            // A full disk keeps a transaction from beginning, too.
            const bool is_full =
                ending == TransactionEnding::Refused && entry.detail.starts_with(kFullDisk);
            if (is_full) {
                return RunCause::NoSpace;
            }
            return ending ? cause_of(*ending) : RunCause::Patch;
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

auto says(RunCause cause) {
    return [cause](const JournalEntry& entry) {
        return cause_in(entry) == cause;
    };
}

}  // namespace

bool is_of_surroundings(TransactionEnding ending) {
    return is_of_surroundings(cause_of(ending));
}

bool is_of_surroundings(RunCause cause) {
    return cause != RunCause::Patch;
}

RunCause run_cause(std::span<const JournalEntry> entries) {
    if (std::ranges::any_of(entries, says(RunCause::Patch))) {
        return RunCause::Patch;
    }
    if (std::ranges::any_of(entries, says(RunCause::NoSpace))) {
        return RunCause::NoSpace;
    }
    return std::ranges::any_of(entries, says(RunCause::Locked)) ? RunCause::Locked
                                                                : RunCause::Patch;
}

RunCause run_cause(std::span<const JournalEntry> entries, std::span<const JournalEntry> taken) {
    if (entries.empty() || entries.front().word != "rollback") {
        return run_cause(entries);
    }
    const bool has_ended = !taken.empty() && taken.back().phase == RunPhase::Ended;
    if (!has_ended || taken.back().word == run_result_name(RunResult::Applied)) {
        return RunCause::Patch;
    }
    const bool is_patch = std::ranges::any_of(entries.subspan(1), says(RunCause::Patch));
    return is_patch ? RunCause::Patch : run_cause(taken);
}

std::string_view run_cause_name(RunCause cause) {
    switch (cause) {
        case RunCause::Patch: return "patch";
        case RunCause::NoSpace: return "no_space";
        case RunCause::Locked: return "locked";
    }
    return {};
}

std::string lock_words(std::span<const JournalEntry> entries) {
    std::string words;
    for (const JournalEntry& entry : entries) {
        if (cause_in(entry) == RunCause::Locked) {
            Lines lines(entry.detail);
            std::string_view first;
            words = lines.next(first) ? std::string(first) : std::string();
        }
    }
    return words;
}

}  // namespace thimble::apply
