#include "thimble/cli/verify_command.hpp"

#include "thimble/apply/plan_file.hpp"
#include "thimble/apply/plan_run.hpp"
#include "thimble/apply/run_lock.hpp"
#include "thimble/apply/whole_file.hpp"
#include "thimble/base/shell_word.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/cli/complain.hpp"
#include "thimble/cli/exit_status.hpp"
#include "thimble/cli/kept_rehearsal.hpp"
#include "thimble/cli/patch_folders.hpp"
#include "thimble/cli/patch_health.hpp"
#include "thimble/cli/patch_host.hpp"
#include "thimble/cli/run_words.hpp"
#include "thimble/cli/verify_report.hpp"
#include "thimble/host/local_host.hpp"
#include "thimble/host/system_clock.hpp"
#include "thimble/inventory/proc_maps.hpp"
#include "thimble/inventory/read_inventory.hpp"
#include "thimble/model/loaded_at_boot.hpp"
#include "thimble/model/plan_command.hpp"
#include "thimble/verify/boot_facts.hpp"
#include "thimble/verify/old_files.hpp"
#include "thimble/verify/package_files.hpp"
#include "thimble/verify/processes_of_root.hpp"
#include "thimble/verify/read_health.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace thimble::cli {
namespace {

/// What is verified, and against what.
struct Subject {
    std::optional<model::Plan> plan;
    std::string
        baseline;  ///< of the run, of a plan the last one's, else from before our restarts; empty: none
    std::filesystem::path folder;  ///< of the run; empty: none
    std::filesystem::path
        record;  ///< folder of the run that the plan was last carried out by; empty: none
    std::vector<std::string> left_files;  ///< of the run
};

std::string baseline_of(const KeptRun& run) {
    const apply::JournalEntry* observed = apply::last_entry(run.entries, apply::RunPhase::Observed);
    return observed == nullptr ? std::string() : observed->detail;
}

/// @param runs  all of the state directory
Subject subject_of(const KeptRun& run, const std::vector<KeptRun>& runs) {
    return {
        .plan = run.plan,
        .baseline = baseline_of(run),
        .folder = run.folder,
        .record = run.folder,
        .left_files = left_files(run, runs)};
}

/// The last run that carried a plan out and tells how the host was before; none: there is no such one.
const KeptRun* last_run_of(
    const PatchOptions& options, const model::Plan& plan, const std::vector<KeptRun>& runs) {
    const std::string digest = apply::plan_digest(plan);
    const auto newest = std::find_if(runs.rbegin(), runs.rend(), [&](const KeptRun& run) {
        return run.problem.empty() && run.is_of(root_of(options))
            && apply::plan_digest(run.plan) == digest && !baseline_of(run).empty();
    });
    return newest == runs.rend() ? nullptr : &*newest;
}

/// Where the files of the versions before lay, as the run kept it before its transaction. One of before kept nothing.
Result<std::vector<verify::OldFiles>> old_files(const Subject& subject) {
    constexpr std::size_t kMostBytes = std::size_t{64} << 20;
    const auto text = subject.record.empty()
        ? Result<std::string>(std::string())
        : apply::read_whole_file((subject.record / verify::kOldFiles).string(), kMostBytes);
    if (!text && text.error().kind != ErrorKind::NotFound) {
        return text.error();
    }
    return text && !text->empty() ? verify::parse_old_files(*text)
                                  : std::vector<verify::OldFiles>();
}

Result<Subject> find_subject(const PatchOptions& options, const std::vector<KeptRun>& runs) {
    if (!options.plan.empty()) {
        THIMBLE_TRY(model::Plan plan, read_plan(options.plan));
        const KeptRun* last = last_run_of(options, plan, runs);
        return Subject{
            .plan = std::move(plan),
            .baseline = last == nullptr ? std::string() : baseline_of(*last),
            .folder = {},
            .record = last == nullptr ? std::filesystem::path() : last->folder,
            .left_files = {}};
    }
    if (!options.run.empty()) {
        THIMBLE_TRY(const KeptRun run, find_run(patch_state(options), options.run));
        if (!run.is_of(root_of(options))) {
            return failure(
                ErrorKind::Invalid,
                "cli.other_root",
                "run " + run.id + " changed " + printable(run.root)
                    + (run.root == "/" ? ": verify it without --root"
                                       : ": add --root " + printable(run.root)));
        }
        return subject_of(run, runs);
    }
    const auto newest = std::find_if(runs.rbegin(), runs.rend(), [&](const KeptRun& run) {
        return run.has_ended() && run.problem.empty() && run.is_of(root_of(options))
            && run.entries.back().word != "skipped" && run.entries.back().word != "unchanged";
    });
    return newest == runs.rend() ? Subject{} : subject_of(*newest, runs);
}

verify::PackageFiles files_of(host::Host& host, const verify::PackageName& package) {
    auto files = verify::check_package_files(host, package);
    if (files) {
        return *std::move(files);
    }
    verify::PackageFiles unread;
    unread.package = package.name;
    unread.architecture = package.architecture;
    unread.unread = files.error().text();
    return unread;
}

void read_files(host::Host& host, const model::Plan& plan, verify::VerifyFacts& facts) {
    for (const model::PlannedStep& step : plan.steps) {
        if (step.change == model::PlannedChange::Remove) {
            continue;
        }
        const verify::PackageName package{step.name, step.architecture};
        verify::PackageFiles files = files_of(host, package);
        if (verify::depends_on_time(step, files)) {
            files.unpacked_at = verify::unpacked_at(host, package);
        }
        const bool boots =
            facts.runs && !facts.inventory.kernel.container && host.local_root() == "/";
        if (boots && model::is_boot_loader(step.source_name, step.name)) {
            facts.boot_loaders.push_back(
                verify::look_at_boot_loader(host, facts.inventory.os.id, files));
        }
        facts.files.push_back(std::move(files));
    }
    for (const verify::PackageName& left : verify::packages_left(plan, facts.inventory)) {
        facts.files.push_back(files_of(host, left));
    }
}

/// What runs of this host took back, with what they say of why.
std::vector<verify::WayBack> ways_back(const std::string& root, const std::vector<KeptRun>& runs) {
    std::vector<verify::WayBack> ways;
    for (const apply::TakenBack& one : apply::taken_back_patches(earlier_runs(runs, root))) {
        const auto run = std::ranges::find(runs, one.run, &KeptRun::id);
        const bool is_read = run != runs.end() && run->problem.empty();
        ways.push_back(
            {.source = one.source,
             .to_version = one.version,
             .run = one.run,
             .at = one.at,
             .why = is_read ? why_taken_back(run->entries) : "the record of the run cannot be read",
             .arrived = is_read
                 && run->entries.back().word
                     == apply::run_result_name(apply::RunResult::RolledBack)});
    }
    return ways;
}

std::vector<model::HealthProbe> probes_of(const Subject& subject) {
    return subject.plan ? subject.plan->policy.probes : std::vector<model::HealthProbe>();
}

/// The service that we run in; empty: none.
std::string own_unit(host::Host& host) {
    constexpr std::size_t kMaxText = std::size_t{256} << 10;
    const auto groups = host.read_file("/proc/self/cgroup", kMaxText);
    inventory::UnitMembership membership =
        groups ? inventory::unit_of(*groups) : inventory::UnitMembership{};
    return membership.kind == "service" ? std::move(membership.unit) : std::string();
}

/// Against a baseline; where a service was started anew since, with another look, in which that must not go on.
std::vector<verify::HealthCheck> compared_twice(
    const verify::HealthSnapshot& before,
    host::Host& host,
    const std::vector<model::HealthProbe>& probes,
    verify::Since what) {
    const verify::HealthSnapshot now = verify::read_health(host, probes);
    auto checks = verify::compare_health(before, now, what);
    if (auto since = verify::check_restarts_since(before, now)) {
        wait_here(verify::kFirstSteps);
        verify::HealthCheck meanwhile =
            verify::check_restarts(before, now, verify::read_unit_health(host));
        checks.push_back(
            meanwhile.verdict == verify::CheckVerdict::Fail ? std::move(meanwhile)
                                                            : *std::move(since));
    }
    return checks;
}

/// A system in a directory, entered as for the checks after a transaction, while no run is at work there.
class EnteredRoot {
public:
    /// Only commands are asked from within.
    EnteredRoot(const PatchOptions& options, const std::vector<model::HealthProbe>& probes)
        : is_this_machine_(options.root.empty()) {
        const bool has_command =
            std::ranges::find(probes, model::ProbeKind::Command, &model::HealthProbe::kind)
            != probes.end();
        if (is_this_machine_ || !has_command) {
            return;
        }
        if (auto entered = enter(options); !entered) {
            why_closed_ = entered.error().text();
        }
    }
    /// Then nothing was to be entered.
    [[nodiscard]] bool is_this_machine() const { return is_this_machine_; }

    /// @param host  that is asked from without
    [[nodiscard]] verify::ProbeResult ask(host::Host& host, const model::HealthProbe& probe) const {
        verify::ProbeResult result =
            verify::ask_probe(root_.host == nullptr ? host : *root_.host, probe);
        if (!result.asked && !why_closed_.empty()) {
            result.detail = why_closed_;
        }
        return result;
    }

private:
    Result<void> enter(const PatchOptions& options) {
        THIMBLE_TRY(lock_, apply::RunLock::take(root_of(options), apply::LockPurpose::Other));
        THIMBLE_TRY(root_, open_patch_host(options, Opening::Change, ""));
        return {};
    }

    bool is_this_machine_;
    std::optional<apply::RunLock> lock_;
    PatchHost root_;
    std::string why_closed_;
};

/// The probes, and on a running host all else that its baseline tells of; what was broken before is no failure.
std::vector<verify::HealthCheck> compared_with(
    const std::optional<verify::HealthSnapshot>& before,
    host::Host& host,
    const EnteredRoot& root,
    const std::vector<model::HealthProbe>& probes,
    verify::Since what) {
    if (root.is_this_machine() && before) {
        return compared_twice(*before, host, probes, what);
    }
    std::vector<verify::ProbeResult> now;
    now.reserve(probes.size());
    for (const model::HealthProbe& probe : probes) {
        now.push_back(root.ask(host, probe));
    }
    return verify::compare_probes(
        before ? before->probes : std::vector<verify::ProbeResult>(), now);
}

/// The probes of a plan or of a run's are asked wherever it is. Of a plan: as often and as long as it gives what is started, maybe
/// by a boot, to be well.
Result<std::vector<verify::HealthCheck>> look_at_health(
    const PatchOptions& options, const Subject& subject, host::Host& host, bool live) {
    std::optional<verify::HealthSnapshot> before;
    if (!subject.baseline.empty()) {
        THIMBLE_TRY(before, verify::parse_health(subject.baseline));
    }
    const model::PlanPolicy policy = subject.plan ? subject.plan->policy : model::PlanPolicy();
    if (policy.probes.empty() && !(live && before)) {
        return std::vector<verify::HealthCheck>();
    }
    const bool is_of_plan = subject.plan && !options.plan.empty();
    const EnteredRoot root(options, policy.probes);
    // A plan is verified when it has been carried out, a run whenever somebody likes.
    const verify::Since what = is_of_plan ? verify::Since::TheChange : verify::Since::Anything;
    const std::uint32_t tries = is_of_plan ? std::max<std::uint32_t>(policy.settle_tries, 1) : 1;
    for (std::uint32_t attempt = 1;; ++attempt) {
        auto checks = compared_with(before, host, root, policy.probes, what);
        if (verify::is_healthy(checks) || attempt >= tries) {
            return checks;
        }
        wait_here(std::chrono::duration_cast<std::chrono::milliseconds>(policy.settle) / tries);
    }
}

/// Why no check says whether the host is well.
std::string why_no_health(
    const Subject& subject, bool live, const std::vector<verify::HealthCheck>& health) {
    if (verify::has_looked(health)) {
        return {};
    }
    const bool asks = !probes_of(subject).empty();
    if (live && subject.baseline.empty() && !asks) {
        return "no run tells how it was before, and there is no probe";
    }
    return asks ? "no service manager, and no probe could be asked"
                : "no service manager, no probe";
}

/// Empty where nothing of the plan is missing. Whoever may not open the host to that end may not carry the plan out either.
std::string step_of_plan(
    const PatchOptions& options,
    const model::Plan& plan,
    const std::vector<verify::PatchVerdict>& patches) {
    const auto missing =
        std::ranges::find(patches, model::PatchState::Missing, &verify::PatchVerdict::state);
    if (options.plan.empty() || missing == patches.end()) {
        return {};
    }
    const std::string file = shell_word(printable(options.plan));
    if (!plan.problems.empty()) {
        return "change what refuses the plan, then make it again: "
            + model::plan_command(model::request_of(plan), " --output " + file);
    }
    const auto host = open_patch_host(options, Opening::Look, "");
    const auto question =
        host ? rehearsal_question(options, plan, *host) : Result<RehearsalQuestion>(host.error());
    return question ? step_to_apply(patch_state(options), *question)
                    : "thimble patch rehearse " + file;
}

/// The run of the host that somebody is carrying out; none: nobody is, or it cannot be told.
std::optional<RunAtWork> run_at_work(
    const PatchOptions& options, const std::vector<OpenRun>& open) {
    const auto run =
        std::ranges::find_if(open, [](const OpenRun& one) { return one.problem.empty(); });
    if (run == open.end()) {
        return std::nullopt;
    }
    auto carrier = apply::RunLock::carrier(root_of(options));
    return carrier ? std::optional(RunAtWork{.run = run->run, .worker = *std::move(carrier)})
                   : std::nullopt;
}

/// Of a host in the middle of a run; its packages, and what runs there, are the run's own.
Result<VerifyReport> tell_of_work(
    const PatchOptions& options, std::vector<OpenRun> open, RunAtWork at_work) {
    THIMBLE_TRY(const std::unique_ptr<host::Host> host, open_to_look(options));
    VerifyReport report;
    report.at = host::SystemClock().now();
    report.facts.inventory.host = host->name();
    report.run = options.run;
    report.plan = options.plan;
    report.open = std::move(open);
    report.no_health = "run " + at_work.run + " is being carried out";
    report.at_work = std::move(at_work);
    return report;
}

void print(
    const PatchOptions& options,
    const VerifyReport& report,
    const std::string& document,
    std::ostream& out) {
    out << (options.json ? document + "\n" : verify_text(report, same_host(options))) << std::flush;
}

Result<VerifyReport> look(
    const PatchOptions& options, const Subject& subject, const std::vector<KeptRun>& runs) {
    THIMBLE_TRY(const std::unique_ptr<host::Host> host, open_to_look(options));
    if (subject.plan && !options.plan.empty()) {
        THIMBLE_TRY(refuse_plan_of_other(options, *subject.plan, *host, std::nullopt));
    }
    const bool live = options.root.empty();
    inventory::InventoryOptions wanted;
    wanted.processes = live;
    wanted.listeners = live;
    VerifyReport report;
    report.at = host::SystemClock().now();
    report.run = subject.folder.filename().string();
    report.plan = options.plan;
    report.open = open_runs(runs, root_of(options));
    if (!report.open.empty()) {
        const auto holder = apply::RunLock::holder(root_of(options));
        if (holder && *holder && !(*holder)->carries_runs) {
            report.lock_holder = *holder;
        }
    }
    report.failed_return = failed_return(runs, root_of(options));
    THIMBLE_TRY(report.facts.inventory, inventory::read_inventory(*host, wanted, report.at));
    if (live) {
        report.facts.own_unit = own_unit(*host);
        report.facts.boot =
            verify::read_boot_facts(*host, report.facts.inventory.kernel.running_release);
    } else {
        // A container may run from the directory; then its processes would have to be asked.
        THIMBLE_TRY(report.facts.of_root, verify::processes_of_root(root_of(options)));
        report.facts.runs = report.facts.of_root->may_run();
    }
    if (subject.plan) {
        read_files(*host, *subject.plan, report.facts);
        THIMBLE_TRY(report.facts.old_files, old_files(subject));
        const std::optional<Instant> booted_at = report.facts.inventory.kernel.booted_at;
        if (live && booted_at && std::ranges::any_of(report.facts.files, verify::brings_modules)) {
            report.facts.interpreters = verify::read_interpreters(*host, *booted_at);
        }
        report.facts.ways_back = ways_back(root_of(options), runs);
    }
    THIMBLE_TRY(report.facts.health, look_at_health(options, subject, *host, live));
    report.no_health = why_no_health(subject, live, report.facts.health);
    if (subject.plan) {
        report.patches = verify::judge_patches(*subject.plan, report.facts);
        report.plan_step = step_of_plan(options, *subject.plan, report.patches);
    }
    report.restarts = verify::pending_restarts(report.facts);
    report.reboot = verify::reasons_to_boot(report.facts);
    report.left_files = still_there(*host, subject.left_files);
    return report;
}

/// Restarts what may be restarted without asking, and gives it time to show that it works. Where no run
/// has left a baseline, the subject gets one from before: what a restart loses must not go unseen.
void restart_safe_units(const VerifyReport& report, Subject& subject, std::ostream& err) {
    host::LocalHost host(host::Surroundings::Machine);
    if (subject.baseline.empty()) {
        subject.baseline = verify::format_health(verify::read_health(host, probes_of(subject)));
    }
    bool restarted = false;
    for (const verify::UnitRestart& restart : report.restarts) {
        if (restart.safety != verify::RestartSafety::Safe) {
            continue;
        }
        const auto outcome = host.run({.argv = restart.argv, .timeout = std::chrono::minutes(5)});
        const bool done = outcome && outcome->exit_status == 0;
        restarted = true;
        err << "thimble: " << restart.unit
            << (done ? " restarted"
                     : " could not be restarted; see: systemctl status " + restart.unit)
            << '\n';
    }
    if (restarted) {
        wait_here(verify::kFirstSteps);
    }
}

/// Tells of a run that somebody is carrying out, instead of all else.
/// @return the exit status; none: nobody is
std::optional<int> tell_if_at_work(
    const PatchOptions& options,
    std::span<const KeptRun> runs,
    std::ostream& out,
    std::ostream& err) {
    std::vector<OpenRun> open = open_runs(runs, root_of(options));
    auto at_work = run_at_work(options, open);
    if (!at_work) {
        return std::nullopt;
    }
    const auto told = tell_of_work(options, std::move(open), *std::move(at_work));
    if (!told) {
        return complain(err, told.error());
    }
    print(options, *told, verify_json(*told), out);
    return verify_status(*told);
}

}  // namespace

int run_verify(const PatchOptions& options, std::ostream& out, std::ostream& err) {
    const std::vector<KeptRun> runs = list_runs(patch_state(options));
    auto subject = find_subject(options, runs);
    if (!subject) {
        return complain(err, subject.error());
    }
    const auto told_of_work = [&](std::span<const KeptRun> known) {
        return tell_if_at_work(options, known, out, err);
    };
    if (const auto status = told_of_work(runs)) {
        return *status;
    }
    auto report = look(options, *subject, runs);
    // One that has begun meanwhile was looked at in its middle.
    if (const auto status = told_of_work(list_runs(patch_state(options)))) {
        return *status;
    }
    if (report && options.restart_services && options.root.empty() && !report->restarts.empty()) {
        restart_safe_units(*report, *subject, err);
        report = look(options, *subject, runs);
        if (report) {
            report->has_restarted = true;
        }
        if (const auto status = told_of_work(list_runs(patch_state(options)))) {
            return *status;
        }
    }
    if (!report) {
        return complain(err, report.error());
    }
    const std::string document = verify_json(*report);
    if (!subject->folder.empty()) {
        const auto kept = apply::write_whole_file(
            (subject->folder / "verification.json").string(), document + "\n");
        if (!kept) {
            err << "thimble: " << kept.error().text() << "\n";
        }
    }
    print(options, *report, document, out);
    return verify_status(*report);
}

}  // namespace thimble::cli
