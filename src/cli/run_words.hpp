#pragma once
/// @file The journal of a run in sentences for people. Pure.

#include "thimble/apply/run_cause.hpp"
#include "thimble/apply/run_journal.hpp"
#include "thimble/apply/run_steps.hpp"
#include "thimble/model/plan.hpp"
#include "thimble/model/plan_command.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::cli {

struct FailedReturn;

/// One sentence on how a run ended, or that it has not: of a result's name, "unfinished", "damaged", "lost".
std::string_view result_sentence(std::string_view result);

/// What is not as it was although the versions before are back, or that this is not known: "probe web: passed before, fails now: exit
/// status 1". Without a full stop; empty: all is, as far as it was looked at, or the run has not gone back.
std::string wrong_after_way_back(const std::vector<apply::JournalEntry>& entries);

/// The same of a run: it says, too, where nothing told whether the host is well, which probes tell nothing, and what is not although
/// its versions are back.
std::string run_sentence(std::string_view result, const std::vector<apply::JournalEntry>& entries);

/// An entry as it is written and in the history: its instant, phase and word, safe to show. "healthy" alone is said where nothing has
/// failed: a probe that fails as it failed before is told with it, or instead where nothing else was looked at.
/// @param blanks  that its lines begin with
std::string entry_line(const apply::JournalEntry& entry, std::size_t blanks);

/// One sentence on an entry of the journal.
std::string entry_sentence(const apply::JournalEntry& entry);

/// What no check could look at when others found nothing wrong: "not looked at: services". Empty: all could.
std::string unseen_words(const std::vector<apply::JournalEntry>& entries);

/// What the package manager said of a transaction that did not end well, or which checks failed after it. Without a full stop;
/// empty: nothing of that is recorded.
std::string why_failed(const std::vector<apply::JournalEntry>& entries);

/// Why a run took its patches back: the reason that somebody gave, the checks that failed, or how its
/// transaction ended. Without a full stop.
/// @param entries  of a run that has ended
std::string why_taken_back(const std::vector<apply::JournalEntry>& entries);

/// Whether an interrupted run that was taken up has done what its order, given once more, asks for, or what keeps it from being done
/// again: that is its answer. Not where it ended with nothing changed.
bool answers_order(apply::RunResult result);

/// What is left to do by hand where a run that carried a kernel was taken back; empty: it carried none. We do not choose what is
/// booted: which entry that is is known to the boot loader and its owner alone.
std::string kernel_way_back(const model::Plan& plan);

/// What to do about a run of the history; empty: what its result asks for was said when it ended.
/// @param result  as of result_sentence
/// @param takes_back  of a rollback: the run that it takes back
/// @param request  of its plan
/// @param host  what else says which host it is of
std::string step_of_history(
    std::string_view result,
    const std::string& run,
    const std::string& takes_back,
    const model::PlanRequest& request,
    const std::string& host);

/// What to do after a run that its surroundings ended, and which is at the versions before.
/// @param holder  of a lock: who held it; may be empty
/// @param then    what is to be done once the cause is out of the way
std::string step_after_surroundings(
    apply::RunCause cause, const std::string& holder, const std::string& then);

/// What to do after a way back that did not get there.
/// @param host  what else says which host it is of
std::string step_after_failed_return(const FailedReturn& failed, const std::string& host);

/// What to do after a run; of a way back that did not get there see step_after_failed_return.
/// @param run  its id, and what else says which host it is of
std::string step_after_run(apply::RunResult result, bool is_rollback, const std::string& run);

}  // namespace thimble::cli
