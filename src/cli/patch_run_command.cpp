#include "thimble/cli/patch_run_command.hpp"

#include "thimble/apply/plan_file.hpp"
#include "thimble/apply/plan_run.hpp"
#include "thimble/apply/read_prechecks.hpp"
#include "thimble/apply/run_cause.hpp"
#include "thimble/apply/run_lock.hpp"
#include "thimble/apply/whole_file.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/base/lines.hpp"
#include "thimble/base/terminal_lines.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/cli/aimed_commands.hpp"
#include "thimble/cli/applied_plan.hpp"
#include "thimble/cli/blocked_patches.hpp"
#include "thimble/cli/bounded_log.hpp"
#include "thimble/cli/complain.hpp"
#include "thimble/cli/exit_status.hpp"
#include "thimble/cli/finished_run.hpp"
#include "thimble/cli/kept_rehearsal.hpp"
#include "thimble/cli/patch_approval.hpp"
#include "thimble/cli/patch_folders.hpp"
#include "thimble/cli/patch_health.hpp"
#include "thimble/cli/patch_host.hpp"
#include "thimble/cli/patch_progress.hpp"
#include "thimble/cli/patch_snapshot.hpp"
#include "thimble/cli/prune_command.hpp"
#include "thimble/cli/run_words.hpp"
#include "thimble/cli/state_room.hpp"
#include "thimble/cli/verify_command.hpp"
#include "thimble/cli/way_back_refusals.hpp"
#include "thimble/host/shutdown_hold.hpp"
#include "thimble/host/system_clock.hpp"
#include "thimble/verify/old_files.hpp"
#include "thimble/verify/volatile_evidence.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <optional>
#include <span>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace thimble::cli {
namespace {

/// What one run is about.
struct RunOrder {
    model::Plan plan;
    std::filesystem::path folder;
    std::optional<std::vector<apply::KeptArchive>> taken_back;
    std::string kept;        ///< folder of the archives of the versions before
    std::string reason;      ///< of a new run
    std::string baseline;    ///< of a rollback: how the host was before the run that it takes back
    std::string takes_back;  ///< of a rollback: that run

    /// The same of two orders for the same: the run that is taken back, else the digest of the plan.
    [[nodiscard]] std::string subject() const {
        return taken_back ? takes_back : apply::plan_digest(plan);
    }
};

/// A transaction must not end because a terminal was closed or ^C was typed: it cannot be interrupted
/// safely. The package manager has a session of its own, and heeds signals; killing us leaves a run that is taken up.
void ignore_interruptions() {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) {
        std::signal(signal, SIG_IGN);
    }
}

/// How long logind and the service manager may take to answer.
constexpr std::chrono::seconds kLogindPatience{5};

/// On account of a system in a directory nobody is asked to hold off a shutdown of this machine.
host::ShutdownHold hold_machine(const PatchOptions& options) {
    return options.root.empty()
        ? host::ShutdownHold::take(
              host::shutdown_hold_command(), host::ShutdownQuestions(), kLogindPatience)
        : host::ShutdownHold();
}

apply::PrecheckFacts look_before(
    const PatchOptions& options, const PatchHost& host, const model::Plan& plan) {
    apply::PrecheckFacts facts =
        apply::read_prechecks(*host.host, root_of(options), *host.packages, plan.steps);
    apply::note_initial_files(*host.host, plan.steps, host.places.archives, facts.space);
    if (options.root.empty()) {
        facts.going_down = host::going_down(host::ShutdownQuestions(), kLogindPatience);
    }
    return facts;
}

/// @return whether apt is kept from what is to be kept from it, and from nothing else; if not, that is said
bool settle_pins_aloud(
    const PatchOptions& options, std::span<const KeptRun> runs, std::ostream& err) {
    const auto settled = settle_host_pins(options, runs, err);
    if (!settled) {
        err << "thimble: what apt is kept from is not what was taken back: "
            << printable(settled.error().text()) << " [" << settled.error().code << "]\n";
    }
    return settled.has_value();
}

void remember_aloud(const PatchOptions& options, std::span<const KeptRun> runs, std::ostream& err) {
    if (runs.empty()) {
        return;
    }
    if (const auto kept = remember_taken_back(patch_state(options), runs); !kept) {
        err << "thimble: a scan will not know what was taken back: "
            << printable(kept.error().text()) << '\n';
    }
}

/// Nothing else is to be seen meanwhile.
void tell_of_wait(const apply::LockHolder& holder, std::chrono::seconds most, std::ostream& err) {
    err << format_instant(host::SystemClock().now()) << "  waiting, at most " << most.count()
        << " s, for process " << holder.pid << " (" << printable(holder.command, 100)
        << "), which holds " << printable(holder.lock, 200) << '\n'
        << std::flush;
}

/// What keeps the record from being written ends us in the middle of the run: whoever reads that must learn it.
Error unfinished(const std::string& run, const PatchOptions& options, Error why) {
    if (why.code == "apply.going_down") {
        return why;  // says so itself
    }
    return because(
        "run " + run
            + " has not ended, and packages may be half changed; when the cause is mended, it goes on with "
              "thimble patch resume"
            + same_host(options),
        std::move(why));
}

Result<FinishedRun> drive(const PatchOptions& options, const RunOrder& order, std::ostream& err) {
    ignore_interruptions();
    THIMBLE_TRY(PatchHost host, open_patch_host(options, Opening::Change, order.kept));
    THIMBLE_TRY(
        apply::RunJournal journal, apply::RunJournal::open((order.folder / "journal").string()));
    const host::SystemClock clock;
    PatchHealth health(*host.host, order.plan.policy, wait_here);
    PatchProgress progress;
    BoundedLog log((order.folder / "output.log").string());
    const bool told = !options.json;
    apply::PlanRun run(
        order.plan,
        host.places,
        apply::RunPorts{
            .packages = *host.packages,
            .health = health,
            .clock = clock,
            .wait = wait_here,
            .look = [&] { return look_before(options, host, order.plan); },
            .space = [&] { return apply::read_space(*host.host, order.plan.steps); },
            .waits =
                [&](const apply::LockHolder& holder, std::chrono::seconds most) {
                    if (told) {
                        tell_of_wait(holder, most, err);
                    }
                },
            .snapshot = [&] { return snapshot_before(options, order.folder, err); },
            .hold = [&] { return hold_machine(options); },
            .progress = progress.listener(),
            .output = [&](std::string_view bytes) { log.add(bytes); },
            .wrote =
                [&](const apply::JournalEntry& entry) {
                    if (apply::is_end_of_way_back(journal.entries())) {
                        // Others could install it now; the look at the host may take minutes.
                        settle_pins_aloud(options, list_runs(patch_state(options)), err);
                    }
                    if (told && entry.phase != apply::RunPhase::Ended) {
                        err << entry_line(entry, 0);
                    }
                }},
        {.taken_back = order.taken_back, .reason = order.reason, .baseline = order.baseline});
    auto driven = run.drive(journal);
    if (!driven) {
        return unfinished(order.folder.filename().string(), options, std::move(driven).error());
    }
    apply::RunReport report = *std::move(driven);
    report.why = aimed_commands(report.why, host_words(options));
    const std::vector<KeptRun> runs = list_runs(patch_state(options));
    remember_aloud(options, runs, err);
    const std::string id = order.folder.filename().string();
    const auto kept = std::ranges::find(runs, id, &KeptRun::id);
    return FinishedRun{
        .run = id,
        .subject = order.subject(),
        .report = std::move(report),
        .is_rollback = order.taken_back.has_value(),
        .pins_are_settled = settle_pins_aloud(options, runs, err),
        .cause = kept == runs.end() ? apply::RunCause::Patch : cause_of(*kept, runs),
        .holder = apply::lock_words(journal.entries())};
}

/// What an order to take a run back rests on; plan and folder are the caller's.
/// @error NotFound "apply.nothing_kept"
Result<RunOrder> order_to_take_back(const KeptRun& taken) {
    const apply::JournalEntry* ready = apply::last_entry(taken.entries, apply::RunPhase::Ready);
    if (ready == nullptr || ready->word != "kept") {
        return failure(
            ErrorKind::NotFound,
            "apply.nothing_kept",
            "run " + taken.id + " kept no archives of the versions before");
    }
    if (const auto pruned_at = archives_pruned_at(taken.folder)) {
        return failure(
            ErrorKind::NotFound,
            "apply.nothing_kept",
            "the archives of the versions before run " + taken.id + " were removed at "
                + format_instant(*pruned_at) + ", when it was old enough; see thimble patch prune");
    }
    const apply::JournalEntry* observed =
        apply::last_entry(taken.entries, apply::RunPhase::Observed);
    RunOrder order;
    order.kept = (taken.folder / "kept").string();
    order.takes_back = taken.id;
    order.baseline = observed == nullptr ? std::string() : observed->detail;
    THIMBLE_TRY(order.taken_back, apply::parse_kept(ready->detail));
    return order;
}

/// The order to take up a run from its folder.
Result<RunOrder> order_of(const std::filesystem::path& state, const KeptRun& run) {
    RunOrder order;
    order.kept = (run.folder / "kept").string();
    if (!run.entries.empty() && run.entries.front().word == "rollback") {
        THIMBLE_TRY(
            const std::string earlier,
            apply::read_whole_file((run.folder / "takes_back").string(), 256));
        THIMBLE_TRY(const KeptRun taken, find_run(state, earlier));
        THIMBLE_TRY(order, order_to_take_back(taken));
    }
    order.plan = run.plan;
    order.folder = run.folder;
    return order;
}

struct Resumed {
    std::vector<FinishedRun> runs;
    bool pins_are_settled = true;
};

/// Whoever reads how a run ended must learn which check it failed, why its versions are back, or what the package manager said; and,
/// where nothing failed, what nobody could look at.
void name_failure(
    const std::filesystem::path& state, const std::string& run, apply::RunReport& report) {
    const auto kept = find_run(state, run);
    if (!kept) {
        return;
    }
    const bool is_applied = report.result == apply::RunResult::Applied;
    const std::string wrong = is_applied ? std::string() : why_failed(kept->entries);
    const std::string unseen = unseen_words(kept->entries);
    report.why += wrong.empty() ? "" : ": " + wrong;
    report.why += unseen.empty() ? "" : "; " + unseen;
}

/// Goes on with what a dead process left. The lock is held.
Result<Resumed> resume_all(const PatchOptions& options, std::ostream& err) {
    const std::filesystem::path state = patch_state(options);
    Resumed resumed;
    for (const KeptRun& run : list_runs(state)) {
        // Killed before its first entry: nothing was begun, whatever else is missing.
        if (run.has_ended() || !run.may_be_of(root_of(options)) || !run.was_begun) {
            continue;
        }
        if (run.is_lost || (!run.problem.empty() && run.unblocked)) {
            continue;  // there is nothing to take up, or somebody has looked at the host
        }
        if (!run.problem.empty()) {
            return failure(
                ErrorKind::Corrupt,
                "cli.damaged_run",
                "run " + run.id + " did not end and cannot be taken up: " + run.problem
                    + "; look at the host and at " + run.folder.string()
                    + ", then: thimble patch unblock " + run.id + " --reason TEXT"
                    + same_host(options));
        }
        if (run.entries.empty()) {
            continue;  // killed before its first entry: nothing was begun
        }
        THIMBLE_TRY(const RunOrder order, order_of(state, run));
        err << "thimble: run " << run.id << " was interrupted; it goes on" << '\n';
        THIMBLE_TRY(FinishedRun finished, drive(options, order, err));
        name_failure(state, finished.run, finished.report);
        resumed.runs.push_back(std::move(finished));
    }
    // A run may have been killed between its last entry and this.
    const std::vector<KeptRun> runs = list_runs(state);
    remember_aloud(options, runs, err);
    resumed.pins_are_settled = settle_pins_aloud(options, runs, err);
    return resumed;
}

Result<std::filesystem::path> write_begin(
    const PatchOptions& options, const model::Plan& plan, const std::string& rehearsal) {
    THIMBLE_TRY(
        std::filesystem::path folder, make_run(patch_state(options), host::SystemClock().now()));
    THIMBLE_TRY(apply::write_whole_file((folder / "root").string(), root_of(options)));
    THIMBLE_TRY(apply::write_whole_file((folder / "plan.json").string(), apply::format_plan(plan)));
    if (!rehearsal.empty()) {
        THIMBLE_TRY(apply::write_whole_file((folder / "rehearsal.json").string(), rehearsal));
    }
    return folder;
}

/// A new run's folder with all that it rests on.
/// @error blames the state directory, where that is the cause
Result<std::filesystem::path> begin_run(
    const PatchOptions& options, const model::Plan& plan, const std::string& rehearsal) {
    auto folder = write_begin(options, plan, rehearsal);
    if (!folder) {
        return blaming_state(std::move(folder).error(), patch_state(options));
    }
    return folder;
}

/// The rehearsal's document; empty: a reason stands for it.
/// @error Conflict "apply.not_rehearsed", Invalid "cli.bad_option"
Result<std::string> permission(
    const PatchOptions& options, const model::Plan& plan, const PatchHost& host) {
    if (options.without_rehearsal) {
        if (options.reason.empty()) {
            return failure(
                ErrorKind::Invalid,
                "cli.bad_option",
                "--without-rehearsal needs --reason TEXT, which is recorded");
        }
        return std::string();
    }
    THIMBLE_TRY(const RehearsalQuestion question, rehearsal_question(options, plan, host));
    return passing_rehearsal(patch_state(options), question);
}

/// Keeps what the patch would wipe away, where a row of the directive asks for it: no evidence, no patch.
Result<void> keep_evidence(
    host::Host& host,
    const model::Plan& plan,
    const std::filesystem::path& folder,
    std::ostream& err) {
    if (std::ranges::none_of(plan.patches, &model::PlannedPatch::evidence_first)) {
        return {};
    }
    err << "thimble: collecting volatile evidence before the patch (BOD 26-04)" << '\n';
    std::vector<verify::PackageName> packages;
    packages.reserve(plan.steps.size());
    for (const model::PlannedStep& step : plan.steps) {
        if (!step.from_version.empty()) {
            packages.push_back({step.name, step.architecture});
        }
    }
    const auto evidence = verify::collect_evidence(host, packages, host::SystemClock().now());
    return apply::write_whole_file(
        (folder / "evidence.json").string(), verify::format_evidence(evidence));
}

/// Keeps where the files of the versions before lie: verify has to know them when no package lists them any more.
Result<void> keep_old_files(
    host::Host& host, const model::Plan& plan, const std::filesystem::path& folder) {
    return apply::write_whole_file(
        (folder / verify::kOldFiles).string(),
        verify::format_old_files(verify::read_old_files(host, plan)));
}

/// What old runs have left must not fill the disk; that it cannot be removed is no failure of this run.
void prune_after(const PatchOptions& options, std::ostream& err) {
    const auto pruned = prune_state(
        patch_state(options), pruned_host(options), options.retention, host::SystemClock().now());
    if (!pruned) {
        err << "thimble: " << printable(pruned.error().text()) << " [" << pruned.error().code
            << "]\n";
        return;
    }
    complain_of_what_stays(*pruned, err);
    for (const std::string& run : pruned->missing) {
        err << "thimble: the snapshot before run " << printable(run) << " was gone already\n";
    }
    if (!pruned->archives.empty()) {
        err << "thimble: " << pruned->archives.size()
            << " old runs cannot be taken back any more: their archives were removed\n";
    }
}

Result<FinishedRun> apply_plan(const PatchOptions& options, std::ostream& err) {
    THIMBLE_TRY(const model::Plan plan, read_plan(options.plan));
    THIMBLE_TRY(refuse_problems(plan));
    THIMBLE_TRY(
        const apply::RunLock lock,
        apply::RunLock::take(root_of(options), apply::LockPurpose::Runs));
    THIMBLE_TRY(const Resumed resumed, resume_all(options, err));
    const FinishedRun* answer = answer_of(resumed.runs, apply::plan_digest(plan));
    tell_resumed(resumed.runs, answer, options, err);
    if (answer != nullptr) {
        return as_answer(*answer);
    }
    THIMBLE_TRY(PatchHost looked_at, open_patch_host(options, Opening::Look, ""));
    THIMBLE_TRY(refuse_plan_of_other(options, plan, looked_at));
    const std::vector<KeptRun> runs = list_runs(patch_state(options));
    THIMBLE_TRY(refuse_unread(plan, runs, root_of(options)));
    THIMBLE_TRY(apply::refuse_taken_back(
        plan, apply::plan_digest(plan), block_history(runs, root_of(options))));
    const KeptRun* applied = run_that_applied(runs, root_of(options), apply::plan_digest(plan));
    if (applied != nullptr) {
        THIMBLE_TRY(const auto installed, looked_at.packages->installed());
        THIMBLE_TRY(refuse_applied(*applied, installed));
    }
    THIMBLE_TRY(const std::string rehearsal, permission(options, plan, looked_at));
    THIMBLE_TRY(
        const std::string approval, check_approvals(options, plan, host::SystemClock().now()));
    THIMBLE_TRY(const std::filesystem::path folder, begin_run(options, plan, rehearsal));
    if (!approval.empty()) {
        THIMBLE_TRY(apply::write_whole_file((folder / "approval.json").string(), approval));
    }
    THIMBLE_TRY(keep_evidence(*looked_at.host, plan, folder, err));
    THIMBLE_TRY(keep_old_files(*looked_at.host, plan, folder));
    RunOrder order;
    order.plan = plan;
    order.folder = folder;
    order.kept = (folder / "kept").string();
    order.reason = options.reason;
    THIMBLE_TRY(FinishedRun finished, drive(options, order, err));
    name_failure(patch_state(options), finished.run, finished.report);
    prune_after(options, err);
    return finished;
}

Result<FinishedRun> roll_back(const PatchOptions& options, std::ostream& err) {
    const std::filesystem::path state = patch_state(options);
    THIMBLE_TRY(
        const apply::RunLock lock,
        apply::RunLock::take(root_of(options), apply::LockPurpose::Runs));
    THIMBLE_TRY(const Resumed resumed, resume_all(options, err));
    const FinishedRun* answer = answer_of(resumed.runs, options.run);
    tell_resumed(resumed.runs, answer, options, err);
    if (answer != nullptr) {
        return as_answer(*answer);
    }
    THIMBLE_TRY(const KeptRun taken, find_run(state, options.run));
    const std::vector<KeptRun> runs = list_runs(state);
    THIMBLE_TRY(refuse_to_take_back(taken, runs, root_of(options)));
    THIMBLE_TRY(RunOrder order, order_to_take_back(taken));
    THIMBLE_TRY(PatchHost looked_at, open_patch_host(options, Opening::Look, ""));
    THIMBLE_TRY(const auto installed, looked_at.packages->installed());
    THIMBLE_TRY(refuse_moved_on(taken, runs, installed));
    model::Plan plan = taken.plan;
    // The host has changed since: that is what is taken back.
    THIMBLE_TRY(plan.host_state, looked_at.packages->host_state());
    if (plan.machine_id.empty()) {
        // The run is of this root by its record; it may have been moved since, with all that is in it.
        plan.root = apply::read_signs(*looked_at.host, root_of(options)).place;
    }
    plan.download_bytes = 0;
    plan.growth_bytes = -plan.growth_bytes;
    THIMBLE_TRY(const std::filesystem::path folder, begin_run(options, plan, ""));
    THIMBLE_TRY(apply::write_whole_file((folder / "takes_back").string(), taken.id));
    order.plan = plan;
    order.folder = folder;
    order.reason = options.reason;
    THIMBLE_TRY(FinishedRun finished, drive(options, order, err));
    name_failure(state, finished.run, finished.report);
    return finished;
}

/// One document: how the run ended, and what its verification says.
int verify_into(
    const FinishedRun& finished,
    const PatchOptions& verifying,
    std::ostream& out,
    std::ostream& err) {
    std::ostringstream verification;
    const int status = run_verify(verifying, verification, err);
    std::string text;
    JsonWriter json(text);
    json.open_object();
    write_finished(json, finished, verifying);
    json.key("verification");
    verification.view().empty() ? json.null() : json.written(trimmed(verification.view()));
    json.close_object();
    out << text << "\n";
    return status;
}

}  // namespace

int run_patch_apply(const PatchOptions& options, std::ostream& out, std::ostream& err) {
    const auto finished = apply_plan(options, err);
    if (!finished) {
        return complain_of_refusal(err, finished.error());
    }
    const bool verifies =
        options.restart_services && finished->report.result == apply::RunResult::Applied;
    if (!verifies || !options.json) {
        show(options, *finished, out);
    }
    if (verifies) {
        PatchOptions verifying = options;
        verifying.run = finished->run;
        const int status = options.json ? verify_into(*finished, verifying, out, err)
                                        : run_verify(verifying, out, err);
        return status == kNothingDue ? status_of(*finished) : status;
    }
    return status_of(*finished);
}

int run_patch_rollback(const PatchOptions& options, std::ostream& out, std::ostream& err) {
    const auto finished = roll_back(options, err);
    if (!finished) {
        // Where the run was taken back, or its packages have moved on, its patches are not what they were: nobody is to take that
        // for a host that was left alone.
        return finished.error().code == "apply.other_host"
            ? complain_of_refusal(err, finished.error())
            : complain(err, finished.error());
    }
    show(options, *finished, out);
    return status_of(*finished);
}

int run_patch_resume(const PatchOptions& options, std::ostream& out, std::ostream& err) {
    const auto lock = apply::RunLock::take(root_of(options), apply::LockPurpose::Runs);
    if (!lock) {
        return complain(err, lock.error());
    }
    const auto resumed = resume_all(options, err);
    if (!resumed) {
        return complain(err, resumed.error());
    }
    if (options.json) {
        std::string text;
        JsonWriter json(text);
        json.open_object().key("resumed").open_array();
        for (const FinishedRun& finished : resumed->runs) {
            json.open_object();
            write_finished(json, finished, options);
            json.close_object();
        }
        json.close_array().close_object();
        out << text << "\n";
    } else if (resumed->runs.empty()) {
        out << "No run of this host is unfinished.\n";
    }
    for (const FinishedRun& finished : resumed->runs) {
        if (!options.json) {
            show(options, finished, out);
        }
    }
    int status = resumed->pins_are_settled ? kNothingDue : kSomethingDue;
    for (const FinishedRun& finished : resumed->runs) {
        status = status == kSomethingDue ? status : status_of(finished);
    }
    return status;
}

}  // namespace thimble::cli
