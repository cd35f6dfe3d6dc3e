#include "thimble/cli/patch_rehearse_command.hpp"

#include "thimble/apply/configuration.hpp"
#include "thimble/apply/plan_file.hpp"
#include "thimble/apply/prechecks.hpp"
#include "thimble/apply/read_prechecks.hpp"
#include "thimble/apply/run_lock.hpp"
#include "thimble/apply/whole_file.hpp"
#include "thimble/base/shell_word.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/cli/aimed_commands.hpp"
#include "thimble/cli/complain.hpp"
#include "thimble/cli/exit_status.hpp"
#include "thimble/cli/finished_run.hpp"
#include "thimble/cli/kept_rehearsal.hpp"
#include "thimble/cli/nearest_word.hpp"
#include "thimble/cli/patch_folders.hpp"
#include "thimble/cli/patch_host.hpp"
#include "thimble/cli/patch_progress.hpp"
#include "thimble/cli/run_words.hpp"
#include "thimble/cli/state_room.hpp"
#include "thimble/host/host.hpp"
#include "thimble/host/system_clock.hpp"
#include "thimble/rehearse/rehearsal_file.hpp"
#include "thimble/rehearse/rehearse.hpp"
#include "thimble/rehearse/service_trial.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace thimble::cli {
namespace {

/// A host in the middle of a run is neither what was planned nor what it will be.
/// @error Conflict "cli.run_open": with the step that ends it
Result<void> refuse_open_run(const PatchOptions& options) {
    const auto open = open_runs(list_runs(patch_state(options)), root_of(options));
    if (open.empty()) {
        return {};
    }
    const OpenRun& run = open.front();
    const auto refuse = [](const std::string& message) {
        return failure(ErrorKind::Conflict, "cli.run_open", message);
    };
    if (!run.problem.empty()) {
        return refuse(
            "run " + run.run + " may not have ended, since its record cannot be read ("
            + run.problem + "); thimble doctor says what to do");
    }
    if (const auto carrier = apply::RunLock::carrier(root_of(options))) {
        return refuse(
            "run " + run.run + " is at work on this host: process " + std::to_string(carrier->pid)
            + " (" + carrier->command + "); rehearse when it has ended");
    }
    return refuse(
        "run " + run.run
        + " has not ended, and packages may be half changed; it goes on with thimble patch resume"
        + same_host(options) + ", then rehearse again");
}

/// No transaction can pass on a host with something unfinished, and none is begun there.
/// @error Conflict "apply.interrupted", "apply.locked": with its cure
Result<void> refuse_unfinished(const PatchOptions& options, apply::PackageManager& packages) {
    THIMBLE_TRY(const apply::PackageHealth health, packages.health());
    const auto holder = packages.lock_holder();
    const auto unfinished =
        apply::unfinished_refusal(health, holder ? *holder : std::optional<apply::LockHolder>());
    if (!unfinished) {
        return {};
    }
    const auto failed = unfinished->code == apply::kInterrupted
        ? failed_return(list_runs(patch_state(options)), root_of(options))
        : std::optional<FailedReturn>();
    return failure(
        ErrorKind::Conflict,
        unfinished->code,
        unfinished->detail + ". "
            + (failed ? step_after_failed_return(*failed, same_host(options)) : unfinished->next));
}

std::optional<std::uint64_t> free_in_boot(
    host::Host& host, std::span<const model::PlannedStep> steps) {
    const std::vector<apply::FreeSpace> space = apply::read_space(host, steps);
    const auto boot = std::ranges::find(space, "/boot", &apply::FreeSpace::folder);
    return boot == space.end() ? std::nullopt : std::optional(boot->free_bytes);
}

/// A service that nobody has would be "failed before" of every rehearsal, and its probe with it.
/// @error NotFound "rehearse.no_unit": with the nearest there is; Invalid "rehearse.bad_unit"
Result<void> refuse_unknown_units(
    const PatchOptions& options, const model::Plan& plan, host::Host& host) {
    const bool may_bring_one = std::ranges::any_of(
        plan.steps, [](const model::PlannedStep& step) { return step.from_version.empty(); });
    for (const std::string& unit : options.start_units) {
        const auto known = rehearse::check_unit(host, unit);
        const bool is_missing = !known && known.error().code == "rehearse.no_unit";
        const bool is_sure =
            is_missing ? !may_bring_one : !known && known.error().code == "rehearse.bad_unit";
        if (!is_sure) {
            continue;  // one that cannot be started is a trial that fails
        }
        const std::string near =
            is_missing ? nearest_word(unit, rehearse::service_names(host)) : std::string();
        return failure(
            known.error().kind,
            known.error().code,
            "--start " + unit + ": " + known.error().message
                + (near.empty() ? "" : "; nearest is " + near));
    }
    return {};
}

Result<rehearse::RehearsalResult> carry_out(const PatchOptions& options, PatchProgress& progress) {
    THIMBLE_TRY(model::Plan plan, read_plan(options.plan));
    THIMBLE_TRY(refuse_problems(plan));
    THIMBLE_TRY(const PatchHost host, open_patch_host(options, Opening::Look, ""));
    THIMBLE_TRY(refuse_plan_of_other(options, plan, host));
    THIMBLE_TRY(refuse_unknown_units(options, plan, *host.host));
    THIMBLE_TRY(refuse_open_run(options));
    THIMBLE_TRY(refuse_unfinished(options, *host.packages));
    THIMBLE_TRY(const host::Descriptor alone, keep_rehearsals_out(options));
    // What was fetched for the plan may have been lost or altered since.
    THIMBLE_TRY(host.packages->fetch(
        plan.steps, host.places.archives, [&](std::uint32_t per_mille, std::string_view what) {
            progress.show_within("fetch", per_mille, what);
        }));
    THIMBLE_TRY(
        const auto configuration,
        host.packages->configuration_files(plan.steps, host.places.archives));
    rehearse::RehearsalRequest request;
    request.configuration = apply::look_at_configuration(root_of(options), configuration);
    request.plan_digest = apply::plan_digest(plan);
    request.plan = std::move(plan);
    request.archives = archives_in_clone();
    request.units = options.start_units;
    request.now = host::SystemClock().now();
    request.keep_clone = options.keep_clone;
    request.boot_free_bytes = free_in_boot(*host.host, request.plan.steps);
    request.plan.policy.transaction_timeout = std::min(
        request.plan.policy.transaction_timeout, std::chrono::seconds(options.time_limit_seconds));
    return rehearse::rehearse(
        request,
        {.open_clone = [&] { return open_clone(options); },
         .package_manager =
             [&](host::Enclosure& clone) { return packages_in_clone(options, clone); },
         .phase = [&](std::string_view name) { progress.show_phase(name); },
         .output = {},
         .progress =
             [&](std::uint32_t per_mille, std::string_view what) {
                 progress.show_within("transaction", per_mille, what);
             }});
}

/// What it says when the plan is gone meanwhile is not worth an error.
RehearsalQuestion question_of(const PatchOptions& options) {
    RehearsalQuestion question;
    question.plan = options.plan;
    if (const auto plan = read_plan(options.plan)) {
        question.request = model::request_of(*plan);
    }
    return question;
}

}  // namespace

int run_patch_rehearse(const PatchOptions& options, std::ostream& out, std::ostream& err) {
    Result<rehearse::RehearsalResult> result = [&] {
        PatchProgress progress;
        return carry_out(options, progress);
    }();
    if (!result) {
        const Error error = blaming_state(result.error(), patch_state(options));
        // As apply refuses them.
        const bool is_refusal =
            error.code == "apply.other_host" || error.code == "apply.plan_refused";
        return is_refusal ? complain_of_refusal(err, error) : complain(err, error);
    }
    const rehearse::Rehearsal& rehearsal = result->rehearsal;
    const std::string text = rehearse::format_rehearsal(rehearsal);
    const std::string file =
        (patch_state(options) / "rehearsals" / (rehearsal.plan_digest + ".json")).string();
    if (const auto kept = apply::write_whole_file(file, text + "\n"); !kept) {
        return complain_unwritten(err, blaming_state(kept.error(), patch_state(options)));
    }
    if (options.json) {
        out << text << "\n";
    } else {
        out << rehearse::rehearsal_text(rehearsal);
        if (!result->kept.empty()) {
            out << "\n  the clone's changes are kept in " << printable(result->kept) << "\n";
        }
        const bool fails = rehearsal.verdict == rehearse::CheckVerdict::Fail;
        out << "\nNext: "
            << aimed_commands(
                   fails ? step_after_failed_rehearsal(rehearsal, question_of(options))
                         : "thimble patch apply " + shell_word(printable(options.plan)),
                   host_words(options))
            << "\n";
    }
    switch (rehearsal.verdict) {
        case rehearse::CheckVerdict::Pass: return kNothingDue;
        case rehearse::CheckVerdict::Warn: return options.strict ? kSomethingDue : kNothingDue;
        case rehearse::CheckVerdict::Fail: return kSomethingDue;
    }
    return kInternal;
}

}  // namespace thimble::cli
