#include "thimble/cli/finished_run.hpp"

#include "thimble/apply/configuration_return.hpp"
#include "thimble/apply/run_journal.hpp"
#include "thimble/base/terminal_lines.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/cli/blocked_patches.hpp"
#include "thimble/cli/complain.hpp"
#include "thimble/cli/exit_status.hpp"
#include "thimble/cli/patch_folders.hpp"
#include "thimble/cli/patch_host.hpp"
#include "thimble/cli/run_words.hpp"
#include "thimble/model/plan_command.hpp"

#include <algorithm>
#include <utility>

namespace thimble::cli {
namespace {

constexpr std::size_t kMostOfWhy = 8192;
constexpr std::size_t kMostOfHolder = 300;

std::string next_step(const FinishedRun& finished, const PatchOptions& options) {
    const apply::RunResult result = finished.report.result;
    const bool is_skipped = result == apply::RunResult::Skipped;
    const bool is_as_before = result == apply::RunResult::RolledBack
        || (!finished.is_rollback && (is_skipped || result == apply::RunResult::Unchanged));
    if (is_as_before && apply::is_of_surroundings(finished.cause)) {
        const auto run = find_run(patch_state(options), finished.run);
        return step_after_surroundings(
            finished.cause,
            printable(finished.holder, kMostOfHolder),
            is_skipped ? "apply again"
                       : model::plan_command(
                             run ? model::request_of(run->plan) : model::PlanRequest(),
                             same_host(options)));
    }
    if (result == apply::RunResult::RollbackFailed) {
        return step_after_failed_return(
            {.run = finished.run,
             .taken = finished.is_rollback ? finished.subject : finished.run,
             .cause = finished.cause},
            same_host(options));
    }
    return step_after_run(result, finished.is_rollback, finished.run + same_host(options));
}

/// Prose of a run, below its first line.
std::string indented(std::string_view text) {
    return wrapped_text(text, {.first = "  ", .further = "  "});
}

/// What stays out because of a run, for whom, and how it is allowed again.
void show_blocked(const PatchOptions& options, const std::string& run, std::ostream& out) {
    for (const BlockedRun& blocked :
         blocked_runs(list_runs(patch_state(options)), root_of(options))) {
        if (blocked.run == run) {
            out << indented("blocked: " + printable(blocked_words(blocked, 1000)))
                << indented(printable(block_reach(blocked)))
                << "  to allow it again:\n    thimble patch unblock " << run << " --reason TEXT"
                << same_host(options) << "\n";
        }
    }
}

/// What became of configuration files on the way back, as far as it is not just as before.
void show_configuration(const KeptRun& run, std::ostream& out) {
    constexpr std::size_t kMostOfWords = 2000;
    for (const apply::JournalEntry& entry : run.entries) {
        const bool is_back =
            entry.phase == apply::RunPhase::RolledBack || entry.phase == apply::RunPhase::Repaired;
        const std::string_view words =
            is_back ? apply::configuration_words_in(entry.detail) : std::string_view();
        if (!words.empty()) {
            out << indented("configuration files: " + printable(words, kMostOfWords));
        }
    }
}

}  // namespace

int status_of(const FinishedRun& finished) {
    const int well = finished.pins_are_settled ? kNothingDue : kSomethingDue;
    switch (finished.report.result) {
        case apply::RunResult::Applied: return well;
        case apply::RunResult::Skipped: return kSkipped;
        case apply::RunResult::RolledBack: return finished.is_rollback ? well : kSomethingDue;
        case apply::RunResult::Unchanged:
        case apply::RunResult::Failed:
        case apply::RunResult::FailedHealth:
        case apply::RunResult::RollbackFailed: return kSomethingDue;
    }
    return kInternal;
}

int complain_of_refusal(std::ostream& err, const Error& error) {
    const int status = complain(err, error);
    const bool is_refused = error.kind == ErrorKind::Conflict && error.code != "apply.run_active";
    return is_refused ? kSkipped : status;
}

void write_finished(JsonWriter& json, const FinishedRun& finished, const PatchOptions& options) {
    json.member("run", finished.run)
        .member("result", apply::run_result_name(finished.report.result))
        .member("reason", finished.report.why);
    const bool is_told = finished.report.result != apply::RunResult::Applied
        && apply::is_of_surroundings(finished.cause);
    json.member_or_null("cause", is_told ? apply::run_cause_name(finished.cause) : "");
    json.member("next", next_step(finished, options));
}

void show(const PatchOptions& options, const FinishedRun& finished, std::ostream& out) {
    if (options.json) {
        std::string text;
        JsonWriter json(text);
        json.open_object();
        write_finished(json, finished, options);
        json.close_object();
        out << text << "\n";
        return;
    }
    const apply::RunReport& report = finished.report;
    out << "run " << finished.run << ": " << spoken(apply::run_result_name(report.result)) << "\n"
        << indented(printable(report.why, kMostOfWhy));
    show_blocked(options, finished.run, out);
    if (report.result == apply::RunResult::RolledBack) {
        const auto run = find_run(patch_state(options), finished.run);
        if (run) {
            show_configuration(*run, out);
        }
        const std::string kernel = run ? kernel_way_back(run->plan) : std::string();
        out << (kernel.empty() ? kernel : indented(printable(kernel, 1000)));
    }
    out << "\nNext: " << next_step(finished, options) << "\n";
}

const FinishedRun* answer_of(std::span<const FinishedRun> resumed, const std::string& subject) {
    const auto found = std::ranges::find_if(resumed, [&](const FinishedRun& finished) {
        return finished.subject == subject && answers_order(finished.report.result);
    });
    return found == resumed.end() ? nullptr : &*found;
}

FinishedRun as_answer(FinishedRun finished) {
    finished.report.why =
        "its interrupted run was taken up, no other was begun: " + finished.report.why;
    return finished;
}

void tell_resumed(
    std::span<const FinishedRun> resumed,
    const FinishedRun* answer,
    const PatchOptions& options,
    std::ostream& err) {
    for (const FinishedRun& finished : resumed) {
        if (&finished == answer) {
            continue;
        }
        err << "thimble: run " << finished.run << ": "
            << spoken(apply::run_result_name(finished.report.result)) << ": "
            << printable(finished.report.why, kMostOfWhy)
            << "; next: " << next_step(finished, options) << '\n';
    }
}

}  // namespace thimble::cli
