#include "thimble/cli/way_back_refusals.hpp"

#include "thimble/apply/plan_run.hpp"
#include "thimble/apply/run_steps.hpp"
#include "thimble/apply/way_back.hpp"
#include "thimble/base/error.hpp"
#include "thimble/base/shell_word.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/cli/prune_command.hpp"
#include "thimble/model/plan_command.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace thimble::cli {
namespace {

/// A run whose record has lost the root is of nobody knows which.
Error of_another_root(const KeptRun& taken) {
    std::string message = "run " + taken.id + " is of another host";
    if (taken.root == "/") {
        message += ": it changed this machine; take it back without --root";
    } else if (!taken.root.empty()) {
        message += ": it changed " + printable(taken.root) + "; thimble patch rollback " + taken.id
            + " --root " + shell_word(printable(taken.root)) + " takes it back";
    }
    return failure(ErrorKind::Conflict, "apply.other_host", std::move(message));
}

Result<void> not_back_yet(const KeptRun& taken, std::span<const KeptRun> runs) {
    for (const KeptRun& run : runs) {
        const bool is_back = run.has_ended()
            && run.entries.back().word == apply::run_result_name(apply::RunResult::RolledBack);
        if (is_back && (run.id == taken.id || run.takes_back == taken.id)) {
            return failure(
                ErrorKind::Conflict,
                "cli.already_back",
                "run " + taken.id + " was taken back already"
                    + (run.id == taken.id ? "" : " by run " + run.id)
                    + ", and the versions before came back; thimble verify " + taken.id
                    + " tells what does not work all the same");
        }
    }
    return {};
}

bool has_changed_nothing(const KeptRun& run) {
    const auto result = run.has_ended() ? apply::run_result_named(run.entries.back().word)
                                        : std::optional<apply::RunResult>();
    return result == apply::RunResult::Skipped || result == apply::RunResult::Unchanged;
}

/// The last run after `taken` that brought the package to where it is, and can be taken back itself.
const KeptRun* later_run(
    const KeptRun& taken, std::span<const KeptRun> runs, const apply::MovedOn& moved) {
    const KeptRun* later = nullptr;
    for (const KeptRun& run : runs) {
        const bool has_brought_it =
            std::ranges::any_of(run.plan.steps, [&](const model::PlannedStep& step) {
                return step.name == moved.name && step.architecture == moved.architecture
                    && step.to_version == moved.installed;
            });
        if (run.id > taken.id && has_brought_it && !has_changed_nothing(run)
            && !archives_pruned_at(run.folder)
            && refuse_to_take_back(run, runs, taken.root).has_value()) {
            later = &run;
        }
    }
    return later;
}

}  // namespace

Result<void> refuse_to_take_back(
    const KeptRun& taken, std::span<const KeptRun> runs, const std::string& root) {
    if (!taken.is_of(root)) {
        return of_another_root(taken);
    }
    if (taken.entries.empty()) {
        return failure(
            ErrorKind::NotFound,
            "apply.nothing_kept",
            "run " + taken.id + " was killed before it began: there is nothing to take back");
    }
    if (taken.entries.front().word == "rollback") {
        return failure(
            ErrorKind::Invalid,
            "cli.is_rollback",
            "run " + taken.id + " is a rollback itself; to have its patches after all: "
                + model::plan_command(model::request_of(taken.plan), " --retry"));
    }
    // One that was interrupted and taken up just now may have ended so, too.
    if (apply::last_entry(taken.entries, apply::RunPhase::Applying) == nullptr
        || has_changed_nothing(taken)) {
        return failure(
            ErrorKind::NotFound,
            "apply.nothing_kept",
            "run " + taken.id + " changed nothing: there is nothing to take back");
    }
    return not_back_yet(taken, runs);
}

Result<void> refuse_moved_on(
    const KeptRun& taken,
    std::span<const KeptRun> runs,
    std::span<const apply::PackageVersion> installed) {
    const std::vector<apply::MovedOn> moved = apply::moved_on(taken.plan.steps, installed);
    if (moved.empty()) {
        return {};
    }
    const apply::MovedOn& first = moved.front();
    const KeptRun* later = later_run(taken, runs, first);
    const std::string others =
        moved.size() == 1 ? "" : ", and " + std::to_string(moved.size() - 1) + " more like it";
    return failure(
        ErrorKind::Conflict,
        "cli.moved_on",
        "run " + taken.id + " cannot be taken back: " + printable(first.name)
            + (first.installed.empty() ? " is not installed any more"
                                       : " came to " + printable(first.installed) + " since")
            + others + ", which would be lost. "
            + (later == nullptr
                   ? "Bring the package to the version that you want by hand"
                   : "Take run " + later->id + " back first: thimble patch rollback " + later->id));
}

}  // namespace thimble::cli
