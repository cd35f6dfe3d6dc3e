// The program thimble-patch: what plans, rehearses, applies, verifies and takes back.
#include "thimble/cli/aimed_commands.hpp"
#include "thimble/cli/blocked_patches.hpp"
#include "thimble/cli/complain.hpp"
#include "thimble/cli/doctor_command.hpp"
#include "thimble/cli/exit_status.hpp"
#include "thimble/cli/history_command.hpp"
#include "thimble/cli/patch_arguments.hpp"
#include "thimble/cli/patch_folders.hpp"
#include "thimble/cli/patch_host.hpp"
#include "thimble/cli/patch_options.hpp"
#include "thimble/cli/patch_plan_command.hpp"
#include "thimble/cli/patch_rehearse_command.hpp"
#include "thimble/cli/patch_run_command.hpp"
#include "thimble/cli/prune_command.hpp"
#include "thimble/cli/unknown_verb.hpp"
#include "thimble/cli/usage.hpp"
#include "thimble/cli/verify_command.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <functional>
#include <iostream>
#include <optional>
#include <string>
#include <utility>

namespace {

using thimble::cli::PatchOptions;
using Command = int (*)(const PatchOptions&, std::ostream&, std::ostream&);
using Action = std::function<int()>;

/// A command and what it does with the state directory.
struct Verb {
    Command command = nullptr;
    std::optional<thimble::cli::StateUse> use;  ///< none: it looks for itself
};

int carry_out(const Verb& verb, const PatchOptions& options, std::ostream& out, std::ostream& err) {
    if (verb.use) {
        const auto usable =
            thimble::cli::check_state(thimble::cli::patch_state(options), *verb.use);
        if (!usable) {
            return thimble::cli::complain(err, usable.error());
        }
    }
    return verb.command(options, out, err);
}

/// Whatever names a command, wherever it comes from, means the host that was asked for. Documents stay as they are.
int carry_out_aimed(const Verb& verb, const PatchOptions& options) {
    const thimble::cli::HostWords words = thimble::cli::host_words(options);
    thimble::cli::AimedLines out_lines(std::cout, words);
    thimble::cli::AimedLines err_lines(std::cerr, words, thimble::cli::LineWidth::Terminal);
    std::ostream out(&out_lines);
    std::ostream err(&err_lines);
    const int status = carry_out(verb, options, options.json ? std::cout : out, err);
    out.flush();
    err.flush();
    return status;
}

CLI::App* declare(
    CLI::App& parent,
    const std::string& verb,
    const std::string& what,
    PatchOptions& options,
    std::pair<Verb, Action*> run) {
    CLI::App* command = parent.add_subcommand(verb, what);
    command->add_option(
        "--state", options.state, "Directory for runs and archives (THIMBLE_STATE)");
    command->add_option("--root", options.root, "Directory to patch instead of this machine");
    command->add_flag("--json", options.json, "Print JSON");
    command->callback([run, &options] {
        *run.second = [run, &options] {
            return carry_out_aimed(run.first, options);
        };
    });
    return command;
}

void declare_plan(CLI::App& patch, PatchOptions& options, Action& action) {
    CLI::App* plan = declare(
        patch,
        "plan",
        "Freeze what would be installed",
        options,
        {{thimble::cli::run_patch_plan, thimble::cli::StateUse::Change}, &action});
    plan->add_flag("--security", options.security, "Every security patch (the default)");
    plan->add_flag("--all", options.selection.all, "Every update that is offered");
    plan->add_option(
        "--cve", options.selection.vulnerabilities, "What closes this CVE; repeatable");
    plan->add_option(
        "--package", options.selection.packages, "Binary or source package; repeatable");
    plan->add_option("--advisory", options.selection.advisories, "DSA-…, USN-…; repeatable");
    plan->add_option(
        "--exclude", options.selection.excluded, "Leave this package as it is; repeatable");
    plan->add_option(
        "--origin",
        options.policy.origins,
        "Only from archives that match KEY=GLOB[,...]; repeatable. Keys: origin, label, suite, "
        "codename, component, site");
    plan->add_flag(
        "--pass-over-missing",
        options.passes_over_missing,
        "Names that this host does not have are no error, as long as one is met");
    plan->add_option("--level", options.level, "security-only, upgrade, upgrade-with-new or full");
    plan->add_flag("--allow-removals", options.policy.allow_removals, "Packages may be removed");
    plan->add_flag("--allow-downgrades", options.policy.allow_downgrades, "Versions may go back");
    plan->add_flag(
        "--allow-untrusted", options.policy.allow_untrusted, "Unsigned repositories too");
    plan->add_option("--conffiles", options.conffiles, "keep-old or refuse");
    plan->add_flag("--no-rollback", options.no_rollback, "Leave a failed transaction for a person");
    plan->add_flag("--retry", options.retry, "Also what was taken back before");
    plan->add_option(
        "--probe", options.probes, "NAME=tcp:HOST:PORT, =http:URL or =command:WORDS; repeatable");
    plan->add_option("--reserve", options.policy.reserve_bytes, "Bytes to be left free after all");
    plan->add_option(
        "--settle", options.settle_seconds, "Seconds that services may take to be well");
    plan->add_option("--settle-tries", options.settle_tries, "How often it is looked within them");
    plan->add_option("--probe-limit", options.probe_seconds, "Seconds that a probe may take")
        ->check(CLI::PositiveNumber);
    plan->add_option(
        "--transaction-limit", options.transaction_seconds, "Seconds that a transaction may last");
    plan->add_option("--silence-limit", options.silence_seconds, "Seconds that it may say nothing");
    plan->add_option("--catalog", options.catalog, "Compiled catalog to use");
    plan->add_option("-o,--output", options.output, "File to write (plan.json)");
    plan->add_flag("--diff", options.diff, "Show the differences of configuration files");

    CLI::App* show = declare(
        patch,
        "show",
        "Print a plan file",
        options,
        {{thimble::cli::run_patch_show, std::nullopt}, &action});
    show->add_option("PLAN", options.plan, "The plan file")->required();
    show->add_flag("--diff", options.diff, "Show the differences of configuration files");
}

void declare_rehearse(CLI::App& patch, PatchOptions& options, Action& action) {
    CLI::App* rehearse = declare(
        patch,
        "rehearse",
        "Carry a plan out in a throw-away clone, and look at it",
        options,
        {{thimble::cli::run_patch_rehearse, thimble::cli::StateUse::Change}, &action});
    rehearse->add_option("PLAN", options.plan, "The plan file")->required();
    rehearse->add_option("--mask", options.masked, "Path that the clone sees empty; repeatable");
    rehearse->add_option("--start", options.start_units, "Unit to start in the clone; repeatable");
    rehearse->add_option("--size-limit", options.size_limit_bytes, "Bytes that the clone may cost");
    rehearse->add_option("--time-limit", options.time_limit_seconds, "Seconds that it may take");
    rehearse->add_flag("--keep-clone", options.keep_clone, "Leave the clone's changes on the disk");
    rehearse->add_flag("--strict", options.strict, "A warning is exit status 1 too");
}

void declare_runs(CLI::App& patch, PatchOptions& options, Action& action) {
    CLI::App* apply = declare(
        patch,
        "apply",
        "Carry a rehearsed plan out on the host",
        options,
        {{thimble::cli::run_patch_apply, thimble::cli::StateUse::Change}, &action});
    apply->add_option("PLAN", options.plan, "The plan file")->required();
    apply->add_flag("--without-rehearsal", options.without_rehearsal, "With --reason only");
    apply->add_option("--reason", options.reason, "Why; it is recorded");
    apply
        ->add_option(
            "--max-age",
            options.max_age_days,
            "Days that the rehearsal may be old (7); 0: any, but none of the future")
        ->check(CLI::Range(0, 3650));
    apply->add_option(
        "--approvers", options.approvers, "File of who must have signed the plan's set");
    apply->add_option("--approval", options.approval, "File of their signatures");
    apply->add_option("--approvals", options.approvals, "How many of them must have (default 1)")
        ->check(CLI::Range(1, 16));
    apply->add_option("--snapshot", options.snapshot, "Before it: auto, require or no")
        ->check(CLI::IsMember({"auto", "require", "no"}));
    apply->add_flag(
        "--restart-services", options.restart_services, "Then restart what is safe, and verify");
    CLI::App* rollback = declare(
        patch,
        "rollback",
        "Bring the versions before a run back",
        options,
        {{thimble::cli::run_patch_rollback, thimble::cli::StateUse::Change}, &action});
    rollback->add_option("RUN", options.run, "The run; see thimble history")->required();
    rollback->add_option("--reason", options.reason, "Why; it is recorded");
    CLI::App* unblock = declare(
        patch,
        "unblock",
        "Allow again what a run took back",
        options,
        {{thimble::cli::run_patch_unblock, thimble::cli::StateUse::Change}, &action});
    unblock->add_option("RUN", options.run, "The run that took it back")->required();
    unblock->add_option("--reason", options.reason, "What was found; it is recorded")->required();
    declare(
        patch,
        "resume",
        "Go on with a run that was interrupted",
        options,
        {{thimble::cli::run_patch_resume, thimble::cli::StateUse::Change}, &action});
}

void declare_prune(CLI::App& patch, PatchOptions& options, Action& action) {
    constexpr int kMostDays = 36'500;
    const auto days = [](std::chrono::days& bound) {
        return [&bound](const int& number) {
            bound = std::chrono::days(number);
        };
    };
    CLI::App* prune = declare(
        patch,
        "prune",
        "Remove what old runs have left",
        options,
        {{thimble::cli::run_patch_prune, thimble::cli::StateUse::Change}, &action});
    prune->add_option("--keep", options.retention.newest, "Runs that are kept whole (20)");
    prune
        ->add_option_function<int>(
            "--archive-days",
            days(options.retention.archives),
            "Days for which older ones can be taken back (30)")
        ->check(CLI::Range(0, kMostDays));
    prune
        ->add_option_function<int>(
            "--record-days",
            days(options.retention.records),
            "Days for which they can be read (400)")
        ->check(CLI::Range(0, kMostDays));
}

void declare_looks(CLI::App& app, PatchOptions& options, Action& action) {
    CLI::App* verify = declare(
        app,
        "verify",
        "What is live, whatever a transaction reported",
        options,
        {{thimble::cli::run_verify, thimble::cli::StateUse::Look}, &action});
    verify->add_option("RUN", options.run, "A run; else the newest");
    verify->add_option("--plan", options.plan, "A plan file instead");
    verify->add_flag(
        "--restart-services", options.restart_services, "Restart what is safe, verify again");
    CLI::App* history = declare(
        app,
        "history",
        "Every run, its plan, its journal, its result",
        options,
        {{thimble::cli::run_history, thimble::cli::StateUse::Look}, &action});
    history->add_option("RUN", options.run, "Only this one, with all that is known");
    declare(
        app,
        "doctor",
        "What this host has of what Thimble needs",
        options,
        {{thimble::cli::run_doctor, std::nullopt}, &action});
}

}  // namespace

int main(int argc, char** argv) {
    std::ios::sync_with_stdio(false);
    CLI::App app{"Thimble: patch this host, and prove it", "thimble"};
    app.require_subcommand(1);
    PatchOptions options;
    Action action;
    CLI::App* patch = app.add_subcommand("patch", "Plan, rehearse, apply, take back");
    patch->require_subcommand(1);
    declare_plan(*patch, options, action);
    declare_rehearse(*patch, options, action);
    declare_runs(*patch, options, action);
    declare_prune(*patch, options, action);
    declare_looks(app, options, action);
    if (const int refused = thimble::cli::refuse_unknown_verb(app, {argv, argv + argc}, std::cerr);
        refused != 0) {
        return refused;
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return thimble::cli::tell_usage(app, error, std::cout, std::cerr);
    }
    if (const auto said = thimble::cli::finish_patch_options(options); !said) {
        return thimble::cli::complain(std::cerr, said.error());
    }
    const int status = action();
    std::cout.flush();
    // Output that was lost must not look like an answer.
    return std::cout ? status : thimble::cli::kCannotWrite;
}
