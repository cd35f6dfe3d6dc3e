#include "thimble/cli/patch_commands.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <string>
#include <utility>

namespace thimble::cli {
namespace {

CLI::App* declare(
    CLI::App& parent,
    const std::string& name,
    const std::string& what,
    PatchOptions& options,
    std::pair<PatchVerb, std::optional<PatchVerb>*> verb) {
    CLI::App* command = parent.add_subcommand(name, what);
    command->add_option(
        "--state", options.state, "Directory for runs and archives (THIMBLE_STATE)");
    command->add_option("--root", options.root, "Directory to patch instead of this machine");
    command->add_flag("--json", options.json, "Print JSON");
    command->callback([verb] { *verb.second = verb.first; });
    return command;
}

void declare_plan(CLI::App& patch, PatchOptions& options, std::optional<PatchVerb>& chosen) {
    CLI::App* plan = declare(
        patch, "plan", "Freeze what would be installed", options, {PatchVerb::Plan, &chosen});
    plan->add_flag("--security", options.security, "Every security patch (the default)");
    plan->add_flag("--all", options.selection.all, "Every update that is offered");
    plan->add_option(
        "--cve", options.selection.vulnerabilities, "What closes this CVE; repeatable");
    plan->add_option(
        "--package",
        options.selection.packages,
        "Binary or source package, NAME:ARCH or a glob; repeatable");
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

    CLI::App* show =
        declare(patch, "show", "Print a plan file", options, {PatchVerb::Show, &chosen});
    show->add_option("PLAN", options.plan, "The plan file")->required();
    show->add_flag("--diff", options.diff, "Show the differences of configuration files");
}

void declare_rehearse(CLI::App& patch, PatchOptions& options, std::optional<PatchVerb>& chosen) {
    CLI::App* rehearse = declare(
        patch,
        "rehearse",
        "Carry a plan out in a throw-away clone, and look at it",
        options,
        {PatchVerb::Rehearse, &chosen});
    rehearse->add_option("PLAN", options.plan, "The plan file")->required();
    rehearse->add_option("--mask", options.masked, "Path that the clone sees empty; repeatable");
    rehearse->add_option("--start", options.start_units, "Unit to start in the clone; repeatable");
    rehearse->add_option("--size-limit", options.size_limit_bytes, "Bytes that the clone may cost");
    rehearse->add_option("--time-limit", options.time_limit_seconds, "Seconds that it may take");
    rehearse->add_flag("--keep-clone", options.keep_clone, "Leave the clone's changes on the disk");
    rehearse->add_flag("--strict", options.strict, "A warning is exit status 1 too");
}

void declare_runs(CLI::App& patch, PatchOptions& options, std::optional<PatchVerb>& chosen) {
    CLI::App* apply = declare(
        patch,
        "apply",
        "Carry a rehearsed plan out on the host",
        options,
        {PatchVerb::Apply, &chosen});
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
        {PatchVerb::Rollback, &chosen});
    rollback->add_option("RUN", options.run, "The run; see thimble history")->required();
    rollback->add_option("--reason", options.reason, "Why; it is recorded");
    CLI::App* unblock = declare(
        patch,
        "unblock",
        "Allow again what a run took back",
        options,
        {PatchVerb::Unblock, &chosen});
    unblock->add_option("RUN", options.run, "The run that took it back")->required();
    unblock->add_option("--reason", options.reason, "What was found; it is recorded")->required();
    declare(
        patch,
        "resume",
        "Go on with a run that was interrupted",
        options,
        {PatchVerb::Resume, &chosen});
}

void declare_prune(CLI::App& patch, PatchOptions& options, std::optional<PatchVerb>& chosen) {
    constexpr int kMostDays = 36'500;
    const auto days = [](std::chrono::days& bound) {
        return [&bound](const int& number) {
            bound = std::chrono::days(number);
        };
    };
    CLI::App* prune = declare(
        patch, "prune", "Remove what old runs have left", options, {PatchVerb::Prune, &chosen});
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

void declare_looks(CLI::App& app, PatchOptions& options, std::optional<PatchVerb>& chosen) {
    CLI::App* verify = declare(
        app,
        "verify",
        "What is live, whatever a transaction reported",
        options,
        {PatchVerb::Verify, &chosen});
    CLI::Option* const run = verify->add_option("RUN", options.run, "A run; else the newest");
    verify->add_option("--plan", options.plan, "A plan file instead")->excludes(run);
    verify->add_flag(
        "--restart-services", options.restart_services, "Restart what is safe, verify again");
    CLI::App* history = declare(
        app,
        "history",
        "Every run, its plan, its journal, its result",
        options,
        {PatchVerb::History, &chosen});
    history->add_option("RUN", options.run, "Only this one, with all that is known");
    declare(
        app,
        "doctor",
        "What this host has of what Thimble needs",
        options,
        {PatchVerb::Doctor, &chosen});
}

}  // namespace

void declare_patch_commands(
    CLI::App& app, PatchOptions& options, std::optional<PatchVerb>& chosen) {
    app.require_subcommand(1);
    CLI::App* patch = app.add_subcommand("patch", "Plan, rehearse, apply, take back");
    patch->require_subcommand(1);
    declare_plan(*patch, options, chosen);
    declare_rehearse(*patch, options, chosen);
    declare_runs(*patch, options, chosen);
    declare_prune(*patch, options, chosen);
    declare_looks(app, options, chosen);
}

}  // namespace thimble::cli
