#include "thimble/cli/run_words.hpp"

#include "thimble/apply/plan_run.hpp"
#include "thimble/base/json_members.hpp"
#include "thimble/base/lines.hpp"
#include "thimble/base/terminal_lines.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/cli/patch_folders.hpp"
#include "thimble/model/loaded_at_boot.hpp"
#include "thimble/model/plan_command.hpp"
#include "thimble/verify/health.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace thimble::cli {
namespace {

using apply::RunPhase;
using Words = std::pair<std::string_view, std::string_view>;

constexpr std::array<Words, 11> kResults{{
    {"applied", "Every package is at the version of the plan, and no check after it failed."},
    {"skipped", "A check before the transaction refused it; nothing was changed."},
    {"unchanged",
     "It failed or was interrupted; what is installed is as before the run, and no check failed."},
    {"rolled_back", "The versions before are back."},
    {"failed",
     "The packages are neither as before nor as planned, not all are set up, or something does not "
     "work any more: somebody has to look."},
    {"failed_health",
     "The new versions are there, but something does not work any more; they were left as they "
     "are."},
    {"rollback_failed", "The versions before did not come back, or not all of them were set up."},
    {"unfinished", "It goes on, or its process is gone: thimble patch resume takes it up."},
    {"not_begun", "It has not taken its first step; nothing was changed."},
    {"damaged", "Its record cannot be read."},
    {"lost", "Its folder was removed; what it took back stays blocked."},
}};

/// What is left of the sentences above that say that no check failed where a probe fails as it did before.
constexpr std::array<Words, 2> kDoubtful{{
    {"applied", "Every package is at the version of the plan"},
    {"unchanged", "It failed or was interrupted; what is installed is as before the run"},
}};

constexpr std::array<Words, 7> kEndings{{
    {"done", "it did all of its steps"},
    {"failed", "it failed"},
    {"timed_out", "it took too long and was ended"},
    {"prompted", "it asked a question that nobody could answer, and was ended"},
    {"refused", "it was refused before the package manager changed anything"},
    {"locked", "somebody else was using the package manager"},
    {"no_space", "the disk was full"},
}};

template <std::size_t Count>
std::string_view words_for(const std::array<Words, Count>& table, std::string_view name) {
    const auto* const found = std::ranges::find(table, name, &Words::first);
    return found == table.end() ? std::string_view() : found->second;
}

std::string ended(std::string_view what, std::string_view word) {
    const std::string_view how = words_for(kEndings, word);
    return std::string(what)
        + (how.empty() ? " has ended." : " has ended: " + std::string(how) + ".");
}

constexpr std::string_view kNotLookedAt = "Health: not looked at: no service manager, no probe.";

/// What a look at the host could see, and what it could not. Of a document that is not ours: neither.
struct Sight {
    std::string seen;
    std::string warned;  ///< no failure, and not as it should be
    std::string unseen;
    std::string doubt;   ///< probes that fail as they failed before, as doubt_words has them
    bool tells = false;  ///< something but these says whether what runs is well

    /// Where a check with that verdict is named; null: the doubt names it.
    std::string* of(std::string_view verdict, std::string_view name) {
        if (verdict == "unknown") {
            return &unseen;
        }
        if (verdict != "warn") {
            return &seen;
        }
        return name.starts_with("probe ") ? nullptr : &warned;
    }
};

Sight sight_of(const std::string& detail) {
    Sight sight;
    sight.doubt = apply::doubt_words(detail);
    const auto document = parse_json(detail);
    if (!document) {
        return sight;
    }
    // After a way back they stand within what was found.
    const JsonValue* found = member_of(*document, "found");
    JsonMembers members(found == nullptr ? *document : *found);
    for (const JsonValue& value : members.array("checks")) {
        JsonMembers check(value);
        const std::string name = check.text("name");
        if (std::string* names = sight.of(check.text("verdict"), name)) {
            *names += (names->empty() ? "" : ", ") + name;
            sight.tells =
                sight.tells || (names != &sight.unseen && verify::tells_of_what_runs(name));
        }
    }
    return sight;
}

std::string healthy_sentence(const Sight& sight) {
    const bool is_plain = sight.warned.empty() && sight.doubt.empty();
    std::string said =
        sight.doubt.empty() ? "No check failed" : "No check failed that passed before";
    said += sight.warned.empty() ? "" : ", but " + sight.warned + " gave a warning";
    said += sight.doubt.empty() ? "" : "; " + sight.doubt;
    if (!sight.seen.empty()) {
        said += (is_plain ? ": " : "; well: ") + sight.seen;
    } else if (is_plain) {
        said += ": none is recorded";
    }
    return said + (sight.unseen.empty() ? "" : "; not looked at: " + sight.unseen) + ".";
}

std::string found_sentence(const apply::JournalEntry& entry) {
    if (entry.word == "not_looked_at") {
        return std::string(kNotLookedAt);
    }
    if (entry.word == "healthy") {
        return healthy_sentence(sight_of(entry.detail));
    }
    return entry.word == "unhealthy"
        ? "Something that worked before does not work any more."
        : "Whether services, sockets, mounts, routes and probes are as before could not be told.";
}

/// The word of an entry; of a look that knows of nothing but probes that failed before, what these say.
std::string look_words(const apply::JournalEntry& entry) {
    const bool is_look = entry.phase == RunPhase::Examined || entry.phase == RunPhase::ExaminedBack;
    std::string word = spoken(entry.word);
    if (!is_look || entry.word != "healthy") {
        return word;
    }
    const Sight sight = sight_of(entry.detail);
    if (sight.doubt.empty()) {
        return word;
    }
    return !sight.tells ? sight.doubt : word + ", but " + sight.doubt;
}

/// How a transaction ended, and the first that was said of it. Which disk was full, and how full, is said in place of that one was.
std::string ending_words(const apply::JournalEntry& ended) {
    constexpr std::size_t kMostOfIt = 300;
    Lines lines(ended.detail);
    std::string_view first;
    lines.next(first);
    std::string said(first.substr(0, kMostOfIt));
    if (first.starts_with(apply::kFullDisk)) {
        return said;
    }
    return std::string(words_for(kEndings, ended.word)) + (said.empty() ? said : ": " + said);
}

Result<std::string> read_failures(const std::string& checks) {
    THIMBLE_TRY(const JsonValue document, parse_json(checks));
    JsonMembers members(document);
    std::string text;
    for (const JsonValue& value : members.array("checks")) {
        JsonMembers check(value);
        const std::string name = check.text("name");
        const std::string summary = check.text("summary");
        if (check.text("verdict") == "fail") {
            text.append(text.empty() ? "" : "; ").append(name).append(": ").append(summary);
        }
        THIMBLE_TRY(check.done());
    }
    THIMBLE_TRY(members.done());
    return text;
}

}  // namespace

std::string_view result_sentence(std::string_view result) {
    return words_for(kResults, result);
}

namespace {

/// What failed, and what a probe found that failed before already.
std::string failing_now(const JsonValue& found) {
    std::string text;
    JsonMembers members(found);
    for (const JsonValue& value : members.array("checks")) {
        JsonMembers check(value);
        const std::string name = check.text("name");
        const std::string verdict = check.text("verdict");
        if (verdict == "fail" || (verdict == "warn" && name.starts_with("probe "))) {
            text += (text.empty() ? "" : "; ") + name + ": " + check.text("summary");
        }
    }
    return text;
}

}  // namespace

std::string wrong_after_way_back(const std::vector<apply::JournalEntry>& entries) {
    const bool is_back = !entries.empty()
        && entries.back().word == apply::run_result_name(apply::RunResult::RolledBack);
    const apply::JournalEntry* look = apply::last_entry(entries, RunPhase::ExaminedBack);
    if (!is_back || look == nullptr) {
        return {};
    }
    const auto document = parse_json(look->detail);
    const JsonValue* found = document ? member_of(*document, "found") : nullptr;
    std::string wrong = found == nullptr ? std::string() : failing_now(*found);
    if (!wrong.empty() || look->word == "healthy" || look->word == "not_looked_at") {
        return wrong;
    }
    const auto summary = apply::parse_findings(look->detail);
    return "whether its services are well is not known"
        + (summary && !summary->empty() ? ": " + *summary : std::string());
}

namespace {

/// Of the last look at the host; empty: all probes tell, or nobody has looked.
std::string doubt_of(const std::vector<apply::JournalEntry>& entries) {
    const apply::JournalEntry* back = apply::last_entry(entries, RunPhase::ExaminedBack);
    const apply::JournalEntry* look =
        back == nullptr ? apply::last_entry(entries, RunPhase::Examined) : back;
    return look == nullptr ? std::string() : apply::doubt_words(look->detail);
}

}  // namespace

std::string run_sentence(std::string_view result, const std::vector<apply::JournalEntry>& entries) {
    const std::string wrong =
        result == "rolled_back" ? wrong_after_way_back(entries) : std::string();
    if (!wrong.empty()) {
        return "The versions before are back, but not all is well: " + wrong + ".";
    }
    const std::string doubt = doubt_of(entries);
    if (const auto known = words_for(kDoubtful, result); !doubt.empty() && !known.empty()) {
        return std::string(known) + "; " + doubt + ".";
    }
    const std::string sentence(result_sentence(result));
    const bool is_unseen = std::ranges::any_of(entries, [](const apply::JournalEntry& entry) {
        return (entry.phase == RunPhase::Examined || entry.phase == RunPhase::ExaminedBack)
            && entry.word == "not_looked_at";
    });
    return is_unseen ? sentence + " " + std::string(kNotLookedAt) : sentence;
}

std::string entry_line(const apply::JournalEntry& entry, std::size_t blanks) {
    const std::string line = std::string(blanks, ' ') + format_instant(entry.at) + "  "
        + spoken(apply::run_phase_name(entry.phase));
    const std::string words = printable(look_words(entry));
    return words.empty()
        ? line + "\n"
        : wrapped_text(words, {.first = line + "  ", .further = std::string(blanks + 4, ' ')});
}

std::string entry_sentence(const apply::JournalEntry& entry) {
    switch (entry.phase) {
        case RunPhase::Begun:
            return entry.word == "rollback" ? "It began: an earlier run is to be taken back."
                                            : "It began: a plan is to be applied.";
        case RunPhase::Checked:
            return "What must hold before a transaction holds: the plan fits, nothing is held or "
                   "unfinished.";
        case RunPhase::Observed:
            return "What works now was written down, to be compared afterwards.";
        case RunPhase::Ready:
            return entry.word == "kept"
                ? "All archives are here and right, those of the versions before too."
                : "All archives are here and right, but there are none of the versions before.";
        case RunPhase::Applying:
            return "The package manager is about to change " + entry.word
                + (entry.word == "1" ? " package." : " packages.");
        case RunPhase::Applied: return ended("The transaction", entry.word);
        case RunPhase::Repairing:
            return "What was interrupted is about to be finished by the package manager's own "
                   "means.";
        case RunPhase::Repaired: return ended("The repair", entry.word);
        case RunPhase::Examined:
        case RunPhase::ExaminedBack: return found_sentence(entry);
        case RunPhase::RollingBack: return "The versions before are about to be brought back.";
        case RunPhase::RolledBack: return ended("The way back", entry.word);
        case RunPhase::Ended: return std::string(result_sentence(entry.word));
    }
    return {};
}

std::string unseen_words(const std::vector<apply::JournalEntry>& entries) {
    const apply::JournalEntry* back = apply::last_entry(entries, RunPhase::ExaminedBack);
    const apply::JournalEntry* look =
        back == nullptr ? apply::last_entry(entries, RunPhase::Examined) : back;
    if (look == nullptr || look->word != "healthy") {
        return {};
    }
    const std::string unseen = sight_of(look->detail).unseen;
    return unseen.empty() ? unseen : "not looked at: " + unseen;
}

namespace {

/// How the last transaction back has ended, or the repair that followed it; null: there was none.
const apply::JournalEntry* end_of_way_back(const std::vector<apply::JournalEntry>& entries) {
    if (entries.empty()) {
        return nullptr;
    }
    const apply::JournalEntry* end = apply::last_entry(entries, RunPhase::RolledBack);
    const apply::JournalEntry* repaired = apply::last_entry(entries, RunPhase::Repaired);
    // Without one back before it, it is the repair of a transaction forward.
    const bool is_repaired = end != nullptr && repaired != nullptr && repaired > end;
    // A repair that set up what there was has not brought back what did not come.
    const bool has_failed = entries.back().phase == RunPhase::Ended
        && entries.back().word == apply::run_result_name(apply::RunResult::RollbackFailed);
    return is_repaired && !(has_failed && repaired->word == "done") ? repaired : end;
}

}  // namespace

std::string why_failed(const std::vector<apply::JournalEntry>& entries) {
    const apply::JournalEntry* examined = apply::last_entry(entries, RunPhase::Examined);
    const bool is_rollback = !entries.empty() && entries.front().word == "rollback";
    const apply::JournalEntry* back = end_of_way_back(entries);
    const apply::JournalEntry* ended =
        is_rollback ? back : apply::last_entry(entries, RunPhase::Applied);
    if (examined != nullptr) {
        return why_taken_back(entries);
    }
    if (ended == nullptr || (is_rollback && ended->word == "done")) {
        return {};
    }
    const bool failed_back = !is_rollback && back != nullptr && back->word != "done";
    return ending_words(*ended) + (failed_back ? "; the way back: " + ending_words(*back) : "");
}

bool answers_order(apply::RunResult result) {
    return result != apply::RunResult::Skipped && result != apply::RunResult::Unchanged;
}

std::string kernel_way_back(const model::Plan& plan) {
    std::string kernels;
    for (const model::PlannedStep& step : plan.steps) {
        if (model::is_kernel_package(step.name)) {
            kernels += (kernels.empty() ? "" : ", ") + step.name + " "
                + (step.to_version.empty() ? step.from_version : step.to_version);
        }
    }
    return kernels.empty()
        ? kernels
        : "a kernel was taken back (" + kernels
            + "): boot the one before; if the boot loader would choose another, tell it first "
              "(grub-reboot ENTRY, or its menu)";
}

std::string why_taken_back(const std::vector<apply::JournalEntry>& entries) {
    if (entries.empty()) {
        return "nothing is recorded";
    }
    if (entries.front().word == "rollback") {
        const std::string& reason = entries.front().detail;
        return "somebody asked for it" + (reason.empty() ? std::string() : ": " + reason);
    }
    const apply::JournalEntry* examined = apply::last_entry(entries, RunPhase::Examined);
    if (examined != nullptr && examined->word == "unhealthy") {
        const auto failures = read_failures(examined->detail);
        // The detail is no document when the host could not be looked at.
        return "a check after the transaction failed: " + (failures ? *failures : examined->detail);
    }
    const apply::JournalEntry* applied = apply::last_entry(entries, RunPhase::Applied);
    if (applied == nullptr || applied->word == "done"
        || words_for(kEndings, applied->word).empty()) {
        return "the transaction could not be finished";
    }
    return "the transaction ended: " + ending_words(*applied);
}

namespace {

/// Of a run that takes another back, `taken`.
std::string step_of_rollback(
    std::string_view result,
    const std::string& taken,
    const model::PlanRequest& request,
    const std::string& host) {
    if (result == "rolled_back") {
        return "when what made it necessary is mended: "
            + model::plan_command(request, " --retry" + host);
    }
    return "mend the reason, then thimble patch rollback " + taken + host;
}

}  // namespace

std::string step_of_history(
    std::string_view result,
    const std::string& run,
    const std::string& takes_back,
    const model::PlanRequest& request,
    const std::string& host) {
    std::string plan_again = model::plan_command(request, host);
    const bool has_ended_early = result == "skipped" || result == "unchanged";
    if (!takes_back.empty() && (has_ended_early || result == "rolled_back")) {
        return step_of_rollback(result, takes_back, request, host);
    }
    if (result == "unfinished") {
        return "thimble patch resume" + host;
    }
    if (result == "not_begun") {
        return plan_again;
    }
    if (result == "damaged" || result == "lost") {
        return "look at the host, then thimble patch unblock " + run + " --reason TEXT" + host;
    }
    if (result == "rolled_back") {
        return "when what failed is mended: thimble patch unblock " + run + " --reason TEXT" + host
            + ", then " + plan_again;
    }
    if (has_ended_early) {
        return "mend the reason, then " + plan_again;
    }
    if (result == "failed" || result == "failed_health") {
        return "mend what differs, or thimble patch rollback " + run + host;
    }
    if (result == "applied") {
        return "thimble verify " + run + host;
    }
    return "thimble doctor" + host;
}

std::string step_after_surroundings(
    apply::RunCause cause, const std::string& holder, const std::string& then) {
    switch (cause) {
        case apply::RunCause::NoSpace: return "free some space there, then " + then;
        case apply::RunCause::Locked:
            return "wait until the package manager is free, or look at what holds it"
                + (holder.empty() ? std::string() : " (" + holder + ")") + ", then " + then;
        case apply::RunCause::Patch: break;
    }
    return "mend the reason, then " + then;
}

std::string step_after_failed_return(const FailedReturn& failed, const std::string& host) {
    const std::string first = failed.cause == apply::RunCause::NoSpace
        ? "free some space on the disk that is full"
        : "mend what thimble history " + failed.run + host + " names";
    return first + ", then thimble patch rollback " + failed.taken + host;
}

std::string step_after_run(apply::RunResult result, bool is_rollback, const std::string& run) {
    switch (result) {
        case apply::RunResult::Applied: return "thimble verify " + run;
        case apply::RunResult::Skipped:
            return is_rollback ? "mend the reason, then roll back again"
                               : "mend the reason, then apply again";
        case apply::RunResult::Unchanged:
            return is_rollback ? "mend the reason, then roll back again; thimble history " + run
                               : "thimble history " + run;
        case apply::RunResult::RolledBack:
        case apply::RunResult::RollbackFailed: return "thimble history " + run;
        case apply::RunResult::FailedHealth: return "thimble patch rollback " + run;
        case apply::RunResult::Failed:
            return "look at the host, with thimble history " + run
                + "; the way back: thimble patch rollback " + run;
    }
    return {};
}

}  // namespace thimble::cli
