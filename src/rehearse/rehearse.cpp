#include "thimble/rehearse/rehearse.hpp"

#include "thimble/apply/package_manager.hpp"
#include "thimble/apply/read_prechecks.hpp"
#include "thimble/base/counted.hpp"
#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/enclosure.hpp"
#include "thimble/host/host.hpp"
#include "thimble/model/plan.hpp"
#include "thimble/rehearse/concerned_trials.hpp"
#include "thimble/rehearse/config_tests.hpp"
#include "thimble/rehearse/examine_boot.hpp"
#include "thimble/rehearse/examine_files.hpp"
#include "thimble/rehearse/examine_packages.hpp"
#include "thimble/rehearse/file_tree.hpp"
#include "thimble/rehearse/import_trials.hpp"
#include "thimble/rehearse/linking.hpp"
#include "thimble/rehearse/owned_files.hpp"
#include "thimble/rehearse/read_boot.hpp"
#include "thimble/rehearse/read_file_tree.hpp"
#include "thimble/rehearse/rehearsal.hpp"
#include "thimble/rehearse/service_trial.hpp"
#include "thimble/rehearse/trial.hpp"
#include "thimble/rehearse/trial_run.hpp"
#include "thimble/verify/ephemeral_ports.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <future>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace thimble::rehearse {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kKeptOutput = std::size_t{64} << 10;
constexpr std::chrono::milliseconds kTrialTimeout{30'000};
constexpr std::chrono::milliseconds kImportTimeout{10'000};
// Trials are many and a rehearsal must end. What was not tried in time before is not tried after.
constexpr std::chrono::milliseconds kTrialsTimeout{120'000};

/// The same trials before and after.
struct Trials {
    std::vector<Trial> configurations;
    std::vector<ImportTrials> imports;
};

struct TrialsDone {
    std::vector<TrialResult> configurations;
    std::vector<std::vector<TrialResult>> imports;  // as Trials::imports
    ServiceResults services;
    std::vector<std::string> untried;  // for want of time
};

/// What a started system has below /run.
void prepare_run(host::Host& clone) {
    static_cast<void>(clone.run(
        {.argv = {"systemd-tmpfiles", "--create", "--prefix=/run"},
         .timeout = std::chrono::seconds(20),
         .overflow = host::Overflow::Drop}));
}

/// Trials take a processor, and a host that is being rehearsed has other work.
std::size_t trials_at_once() {
    constexpr unsigned kMost = 4;
    return std::clamp(std::thread::hardware_concurrency(), 1U, kMost);
}

/// What was not tried is not known to work.
std::vector<Check> examine_untried(const TrialsDone& before, const TrialsDone& after) {
    std::vector<std::string> names = before.untried;
    names.insert(names.end(), after.untried.begin(), after.untried.end());
    if (names.empty()) {
        return {};
    }
    Check check = named_check("trials");
    check.verdict = CheckVerdict::Warn;
    check.summary = counted(names.size(), "trial was", "trials were")
        + " not made: the time for them was over after "
        + std::to_string(kTrialsTimeout.count() / 1000) + " s";
    add_evidence(check, names);
    return {check};
}

/// A probe asks a service, and in a clone none runs but those that were started there.
std::vector<Check> examine_unasked(const RehearsalRequest& request) {
    const std::vector<model::HealthProbe>& probes = request.plan.policy.probes;
    if (!request.units.empty()) {
        return {};
    }
    std::vector<Check> checks;
    for (const model::HealthProbe& probe : probes) {
        Check check = named_check("probe " + probe.name);
        check.verdict = CheckVerdict::Warn;
        check.summary = "not asked: no service was started in the clone, as --start UNIT does";
        checks.push_back(std::move(check));
    }
    return checks;
}

/// That nobody answers in a clone tells nothing of a service that was not started there.
void explain_silence(
    const std::vector<model::HealthProbe>& probes,
    const std::vector<TrialResult>& before,
    std::vector<Check>& checks) {
    for (const model::HealthProbe& probe : probes) {
        const std::string name = "probe " + probe.name;
        const auto asked = std::ranges::find(before, name, &TrialResult::name);
        const auto check = std::ranges::find(checks, name, &Check::name);
        const bool was_silent = asked != before.end() && !asked->passed && check != checks.end()
            && check->verdict == CheckVerdict::Warn;
        if (was_silent && probe.kind != model::ProbeKind::Command) {
            check->summary =
                "not well in the clone before the patch either: nothing is known of it; a clone "
                "has no network, and nothing listens in it but what --start UNIT starts";
        }
    }
}

TrialsDone run_trials(
    host::Enclosure& clone,
    const Trials& trials,
    const RehearsalRequest& request,
    const TrialsDone* earlier) {
    prepare_run(clone);
    TrialsDone done;
    TrialRun run(clone, kTrialsTimeout, trials_at_once());
    done.configurations = run.run(
        trials.configurations,
        kTrialTimeout,
        earlier == nullptr ? nullptr : &earlier->configurations);
    for (std::size_t n = 0; n < trials.imports.size(); ++n) {
        done.imports.push_back(run.run(
            trials.imports[n].trials,
            kImportTimeout,
            earlier == nullptr ? nullptr : &earlier->imports[n]));
    }
    if (!request.units.empty()) {
        done.services =
            try_services(clone, request.units, request.plan.policy.probes, request.settle);
    }
    done.untried = run.untried();
    return done;
}

class Rehearsing {
public:
    Rehearsing(const RehearsalRequest& request, const RehearsalDoors& doors)
        : request_(request), doors_(doors) {}

    Result<RehearsalResult> run() {
        THIMBLE_TRY(look_before());
        THIMBLE_TRY(carry_out());
        THIMBLE_TRY(look_after());
        examine();
        return finish();
    }

private:
    void begin(const char* name) {
        end_phase();
        phase_ = name;
        phase_begin_ = SteadyClock::now();
        if (doors_.phase) {
            doors_.phase(name);
        }
    }
    void end_phase() {
        if (!phase_.empty()) {
            rehearsal_.phases.push_back(
                {.name = phase_,
                 .duration = std::chrono::duration_cast<std::chrono::milliseconds>(
                     SteadyClock::now() - phase_begin_)});
        }
    }

    /// Beside what asks the package manager: both wait.
    std::future<Result<FileTree>> read_tree() {
        // Without a policy: where there may be no thread, it is read when it is wanted.
        return std::async([root = clone_->local_root()] { return read_file_tree(root); });
    }

    /// Beside all else: it takes the longest. Nobody else asks the package manager until it is told.
    std::future<Result<apply::PackageHealth>> ask_health() {
        return std::async([this] { return manager_->health(); });
    }

    Result<void> look_before() {
        begin("before");
        THIMBLE_TRY(clone_, doors_.open_clone());
        THIMBLE_TRY(manager_, doors_.package_manager(*clone_));
        auto tree = read_tree();
        THIMBLE_TRY(rehearsal_.host_state, manager_->host_state());
        if (rehearsal_.host_state != request_.plan.host_state) {
            const std::string changes = apply::read_changes(request_.plan, *manager_);
            return failure(
                ErrorKind::Conflict,
                "rehearse.host_changed",
                "the host has changed since the plan was made"
                    + (changes.empty() ? changes : " (" + changes + ")") + ": make the plan again");
        }
        THIMBLE_TRY(packages_before_, manager_->installed());
        auto health = ask_health();
        add_owned(*clone_, owned_);
        THIMBLE_TRY(tree_before_, tree.get());
        trials_.configurations = find_config_tests(*clone_);
        planned_ = planned_files(*clone_, request_.plan, tree_before_);
        trials_.imports = find_import_trials(tree_before_, planned_);
        boot_before_ = names_in_boot();
        boot_files_before_ = read_boot(*clone_);
        begin("trials before");
        THIMBLE_TRY(const auto untouched, doors_.open_clone());
        done_before_ = run_trials(*untouched, trials_, request_, nullptr);
        THIMBLE_TRY(health_before_, health.get());
        return {};
    }

    Result<void> carry_out() {
        begin("transaction");
        auto report = manager_->run(apply::Transaction{
            .steps = request_.plan.steps,
            .archives = request_.archives,
            .policy = request_.plan.policy,
            .progress = doors_.progress,
            .output = [this](std::string_view piece) {
                hear(piece);
            }});
        if (report) {
            report_ = *std::move(report);
            return {};
        }
        const bool is_full = report.error().code == "host.clone_full";
        if (!is_full && report.error().code != "host.clone_crowded") {
            return because("the transaction was not begun", std::move(report).error());
        }
        report_.ending =
            is_full ? apply::TransactionEnding::NoSpace : apply::TransactionEnding::Failed;
        report_.detail = report.error().text();
        return {};
    }

    std::vector<std::string> names_in_boot() {
        return clone_->list("/boot").value_or(std::vector<std::string>{});
    }

    void hear(std::string_view piece) {
        rehearsal_.output += piece;
        if (rehearsal_.output.size() > 2 * kKeptOutput) {
            rehearsal_.output.erase(0, rehearsal_.output.size() - kKeptOutput);
        }
        if (doors_.output) {
            doors_.output(piece);
        }
    }

    Result<void> look_after() {
        begin("after");
        // What a maintainer script started itself, past what keeps services from being started.
        left_listening_ = read_listeners(*clone_);
        ports_ = read_port_range(*clone_);
        // Before anything else runs: what the trials write is not the transaction's.
        THIMBLE_TRY(packages_after_, manager_->installed());
        auto health = ask_health();
        THIMBLE_TRY(changed_, clone_->changed_paths());
        THIMBLE_TRY(tree_after_, read_changed_files(clone_->local_root(), tree_before_, changed_));
        boot_files_after_ = read_boot(*clone_);
        THIMBLE_TRY(rehearsal_.clone_bytes, clone_->cost());
        add_owned(*clone_, owned_);
        THIMBLE_TRY(health_after_, health.get());
        planned_.merge(planned_files(*clone_, request_.plan, tree_after_));
        if (report_.ending == apply::TransactionEnding::Done) {
            begin("trials after");
            done_after_ = run_trials(*clone_, trials_, request_, &done_before_);
        }
        return {};
    }

    void examine() {
        begin("examination");
        auto& checks = rehearsal_.checks;
        checks.push_back(examine_transaction(report_));
        checks.push_back(examine_packages(request_.plan, packages_before_, packages_after_));
        checks.push_back(examine_health(health_before_, health_after_));
        checks.push_back(examine_conffiles(request_.plan, existing(changed_)));
        checks.push_back(examine_linking(
            compare_linking(tree_before_, tree_after_),
            tree_before_.complete && tree_after_.complete));
        examine_trials();
        checks.push_back(examine_ownership(changed_, owned_));
        checks.push_back(examine_other_packages(
            {tree_before_, tree_after_, changed_files(), gone(), owned_, planned_}));
        checks.push_back(examine_privileges(tree_before_, tree_after_, owned_));
        checks.push_back(examine_schedules(tree_before_, tree_after_));
        checks.push_back(
            examine_listeners(done_before_.services.listeners, listeners_after(), ports_));
        std::ranges::move(
            examine_boot(request_.plan, boot_before_, names_in_boot()), std::back_inserter(checks));
        std::ranges::move(
            examine_boot_room(
                {boot_files_before_, boot_files_after_, owned_, request_.boot_free_bytes}),
            std::back_inserter(checks));
    }

    void examine_trials() {
        if (report_.ending != apply::TransactionEnding::Done) {
            return;  // what is half-installed is not worth a trial
        }
        auto& checks = rehearsal_.checks;
        const auto add = [&](std::vector<Check> more) {
            checks.insert(
                checks.end(),
                std::make_move_iterator(more.begin()),
                std::make_move_iterator(more.end()));
        };
        add(examine_untried(done_before_, done_after_));
        add(compare_configurations());
        for (std::size_t n = 0; n < trials_.imports.size(); ++n) {
            const ImportTrials& kind = trials_.imports[n];
            checks.push_back(
                gather_trials(kind.name, done_before_.imports[n], done_after_.imports[n]));
            if (kind.left_out > 0) {
                checks.back().summary +=
                    "; " + counted(kind.left_out, "more was", "more were") + " not tried";
            }
        }
        add(examine_unasked(request_));
        if (!request_.units.empty()) {
            auto compared = compare_trials(
                done_before_.services.results, done_after_.services.results, FailedBefore::IsDoubt);
            explain_silence(request_.plan.policy.probes, done_before_.services.results, compared);
            add(std::move(compared));
        }
    }

    /// What never passes in a clone, as where nginx wants a resolver, says nothing of what the plan may break.
    std::vector<Check> compare_configurations() {
        const auto has_failed = [this](const Trial& trial) {
            const auto result =
                std::ranges::find(done_after_.configurations, trial.name, &TrialResult::name);
            return result != done_after_.configurations.end() && !result->passed;
        };
        std::vector<Trial> failed;
        std::ranges::copy_if(trials_.configurations, std::back_inserter(failed), has_failed);
        const auto concerned = concerned_trials(failed, tree_after_, planned_);
        std::vector<Check> checks;
        for (const TrialResult& result : done_after_.configurations) {
            std::ranges::move(
                compare_trials(
                    done_before_.configurations,
                    {result},
                    concerned.contains(result.name) ? FailedBefore::IsDoubt
                                                    : FailedBefore::IsNoted),
                std::back_inserter(checks));
        }
        return checks;
    }

    std::vector<std::string> listeners_after() {
        std::vector<std::string> all;
        std::ranges::set_union(
            left_listening_, done_after_.services.listeners, std::back_inserter(all));
        return all;
    }

    /// The changed paths that are files, without links in them.
    std::vector<std::string> changed_files() {
        std::vector<std::string> files;
        for (const std::string& path : changed_) {
            const auto info = clone_->look(path, host::Follow::No);
            if (info && info->type == host::FileType::Regular) {
                files.push_back(resolve_links(tree_after_, path));
            }
        }
        return files;
    }

    /// The changed paths that are not there any more, and programs and libraries that are links or folders now.
    std::vector<std::string> gone() {
        std::vector<std::string> paths;
        for (const std::string& path : changed_) {
            const auto info = clone_->look(path, host::Follow::No);
            const bool is_replaced =
                info && info->type != host::FileType::Regular && tree_before_.elf.contains(path);
            if (!info || is_replaced) {
                paths.push_back(path);
            }
        }
        return paths;
    }

    /// The paths that are still there.
    std::vector<std::string> existing(const std::vector<std::string>& paths) {
        std::vector<std::string> there;
        for (const std::string& path : paths) {
            if (clone_->look(path, host::Follow::No)) {
                there.push_back(path);
            }
        }
        return there;
    }

    Result<RehearsalResult> finish() {
        end_phase();
        rehearsal_.plan_digest = request_.plan_digest;
        rehearsal_.configuration = request_.configuration;
        rehearsal_.rehearsed_at = request_.now;
        rehearsal_.clone = clone_->name();
        rehearsal_.left_out = clone_->left_out();
        rehearsal_.process_limit = clone_->process_limit();
        rehearsal_.verdict = worst_of(rehearsal_.checks);
        if (rehearsal_.output.size() > kKeptOutput) {
            rehearsal_.output.erase(0, rehearsal_.output.size() - kKeptOutput);
        }
        RehearsalResult result{.rehearsal = std::move(rehearsal_), .kept = {}};
        if (request_.keep_clone) {
            THIMBLE_TRY(result.kept, clone_->keep());
        }
        return result;
    }

    const RehearsalRequest& request_;
    const RehearsalDoors& doors_;
    Rehearsal rehearsal_;
    std::string phase_;
    SteadyClock::time_point phase_begin_;

    std::unique_ptr<host::Enclosure> clone_;
    std::unique_ptr<apply::PackageManager> manager_;  // works in the clone
    FileTree tree_before_;
    std::vector<std::string> boot_before_;  ///< names in /boot
    BootFiles boot_files_before_;
    BootFiles boot_files_after_;
    FileTree tree_after_;
    OwnedFiles owned_;
    std::set<std::string, std::less<>>
        planned_;  // the files of the plan's packages, before and after
    std::vector<apply::PackageVersion> packages_before_;
    std::vector<apply::PackageVersion> packages_after_;
    apply::PackageHealth health_before_;
    apply::PackageHealth health_after_;
    Trials trials_;
    TrialsDone done_before_;
    TrialsDone done_after_;
    apply::TransactionReport report_;
    std::vector<std::string> changed_;
    std::vector<std::string> left_listening_;
    verify::PortRange ports_;  // that the clone's kernel chooses of
};

}  // namespace

Result<RehearsalResult> rehearse(const RehearsalRequest& request, const RehearsalDoors& doors) {
    return Rehearsing(request, doors).run();
}

}  // namespace thimble::rehearse
