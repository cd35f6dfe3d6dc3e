#include "thimble/cli/patch_commands.hpp"

#include "thimble/apply/plan_file.hpp"
#include "thimble/cli/number_bound.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

namespace thimble::cli {
namespace {

/// What the numbers of the options may be: of a plan no more than its file may have.
constexpr auto kMostSeconds = static_cast<std::uint64_t>(apply::kMostPlanTime.count());
constexpr NumberBound kBytes{.least = 0, .most = std::uint64_t{1} << 50};
constexpr NumberBound kCloneBytes{.least = 1, .most = kBytes.most};
constexpr NumberBound kSettle{.least = 0, .most = kMostSeconds};
constexpr NumberBound kSettleTries{.least = 1, .most = apply::kMostSettleTries};
constexpr NumberBound kLimit{.least = 1, .most = kMostSeconds};
constexpr NumberBound kSilence{.least = 0, .most = kMostSeconds};
constexpr NumberBound kMaxAge{.least = 0, .most = 3650};
constexpr NumberBound kApprovals{.least = 1, .most = 16};
constexpr NumberBound kKeptRuns{.least = 0, .most = 100'000};
constexpr NumberBound kKeptDays{.least = 0, .most = 36'500};

/// A word that must say something: that of a variable which is not set would mean the default, as this machine for
/// --root, and nobody for --approvers.
CLI::Validator not_empty() {
    return {
        [](const std::string& text) { return text.empty() ? "it is empty" : std::string(); }, ""};
}

CLI::App* declare(
    CLI::App& parent,
    const std::string& name,
    const std::string& what,
    PatchOptions& options,
    std::pair<PatchVerb, std::optional<PatchVerb>*> verb) {
    CLI::App* command = parent.add_subcommand(name, what);
    command->add_option("--state", options.state, "Directory for runs and archives (THIMBLE_STATE)")
        ->check(not_empty());
    command->add_option("--root", options.root, "Directory to patch instead of this machine")
        ->check(not_empty());
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
            "--exclude", options.selection.excluded, "Leave this package as it is; repeatable")
        ->check(not_empty());
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
    plan->add_option("--reserve", options.policy.reserve_bytes, "Bytes to be left free after all")
        ->check(within(kBytes));
    plan->add_option(
            "--settle", options.settle_seconds, "Seconds that services may take to be well")
        ->check(within(kSettle));
    plan->add_option("--settle-tries", options.settle_tries, "How often it is looked within them")
        ->check(within(kSettleTries));
    plan->add_option("--probe-limit", options.probe_seconds, "Seconds that a probe may take")
        ->check(within(kLimit));
    plan->add_option(
            "--transaction-limit",
            options.transaction_seconds,
            "Seconds that a transaction may last")
        ->check(within(kLimit));
    plan->add_option(
            "--silence-limit",
            options.silence_seconds,
            "Seconds that it may say nothing; 0: as long as it lasts")
        ->check(within(kSilence));
    plan->add_option("--catalog", options.catalog, "Compiled catalog to use")->check(not_empty());
    plan->add_option("-o,--output", options.output, "File to write (plan.json)")
        ->check(not_empty());
    plan->add_flag("--diff", options.diff, "Show the differences of configuration files");

    CLI::App* show =
        declare(patch, "show", "Print a plan file", options, {PatchVerb::Show, &chosen});
    show->add_option("PLAN", options.plan, "The plan file")->required()->check(not_empty());
    show->add_flag("--diff", options.diff, "Show the differences of configuration files");
}

void declare_rehearse(CLI::App& patch, PatchOptions& options, std::optional<PatchVerb>& chosen) {
    CLI::App* rehearse = declare(
        patch,
        "rehearse",
        "Carry a plan out in a throw-away clone, and look at it",
        options,
        {PatchVerb::Rehearse, &chosen});
    rehearse->add_option("PLAN", options.plan, "The plan file")->required()->check(not_empty());
    rehearse->add_option("--mask", options.masked, "Path that the clone sees empty; repeatable")
        ->check(not_empty());
    rehearse->add_option("--start", options.start_units, "Unit to start in the clone; repeatable");
    rehearse->add_option("--size-limit", options.size_limit_bytes, "Bytes that the clone may cost")
        ->check(within(kCloneBytes));
    rehearse->add_option("--time-limit", options.time_limit_seconds, "Seconds that it may take")
        ->check(within(kLimit));
    rehearse->add_flag("--keep-clone", options.keep_clone, "Leave the clone's changes on the disk");
    rehearse->add_flag("--strict", options.strict, "A warning is exit status 1 too");
}

/// Without the list nobody need have signed: nothing that asks for signatures may be taken then.
void declare_approvals(CLI::App& apply, PatchOptions& options) {
    CLI::Option* const approvers =
        apply
            .add_option(
                "--approvers", options.approvers, "File of who must have signed the plan's set")
            ->check(not_empty());
    apply.add_option("--approval", options.approval, "File of their signatures")
        ->check(not_empty())
        ->needs(approvers);
    apply.add_option("--approvals", options.approvals, "How many of them must have (default 1)")
        ->check(within(kApprovals))
        ->needs(approvers);
}

void declare_runs(CLI::App& patch, PatchOptions& options, std::optional<PatchVerb>& chosen) {
    CLI::App* apply = declare(
        patch,
        "apply",
        "Carry a rehearsed plan out on the host",
        options,
        {PatchVerb::Apply, &chosen});
    apply->add_option("PLAN", options.plan, "The plan file")->required()->check(not_empty());
    CLI::Option* const unrehearsed =
        apply->add_flag("--without-rehearsal", options.without_rehearsal, "With --reason only");
    apply->add_option("--reason", options.reason, "Why; it is recorded");
    apply
        ->add_option(
            "--max-age",
            options.max_age_days,
            "Days that the rehearsal may be old (7); 0: any, but none of the future")
        ->check(within(kMaxAge))
        ->excludes(unrehearsed);
    declare_approvals(*apply, options);
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
    rollback->add_option("RUN", options.run, "The run; see thimble history")
        ->required()
        ->check(not_empty());
    rollback->add_option("--reason", options.reason, "Why; it is recorded");
    CLI::App* unblock = declare(
        patch,
        "unblock",
        "Allow again what a run took back",
        options,
        {PatchVerb::Unblock, &chosen});
    unblock->add_option("RUN", options.run, "The run that took it back")
        ->required()
        ->check(not_empty());
    unblock->add_option("--reason", options.reason, "What was found; it is recorded")->required();
    declare(
        patch,
        "resume",
        "Go on with a run that was interrupted",
        options,
        {PatchVerb::Resume, &chosen});
}

void declare_prune(CLI::App& patch, PatchOptions& options, std::optional<PatchVerb>& chosen) {
    const auto days = [](std::chrono::days& bound) {
        return [&bound](const int& number) {
            bound = std::chrono::days(number);
        };
    };
    CLI::App* prune = declare(
        patch, "prune", "Remove what old runs have left", options, {PatchVerb::Prune, &chosen});
    prune->add_option("--keep", options.retention.newest, "Runs that are kept whole (20)")
        ->check(within(kKeptRuns));
    prune
        ->add_option_function<int>(
            "--archive-days",
            days(options.retention.archives),
            "Days for which older ones can be taken back (30)")
        ->check(within(kKeptDays));
    prune
        ->add_option_function<int>(
            "--record-days",
            days(options.retention.records),
            "Days for which they can be read (400)")
        ->check(within(kKeptDays));
}

void declare_looks(CLI::App& app, PatchOptions& options, std::optional<PatchVerb>& chosen) {
    CLI::App* verify = declare(
        app,
        "verify",
        "What is live, whatever a transaction reported",
        options,
        {PatchVerb::Verify, &chosen});
    CLI::Option* const run =
        verify->add_option("RUN", options.run, "A run; else the newest")->check(not_empty());
    verify->add_option("--plan", options.plan, "A plan file instead")
        ->check(not_empty())
        ->excludes(run);
    verify->add_flag(
        "--restart-services", options.restart_services, "Restart what is safe, verify again");
    CLI::App* history = declare(
        app,
        "history",
        "Every run, its plan, its journal, its result",
        options,
        {PatchVerb::History, &chosen});
    history->add_option("RUN", options.run, "Only this one, with all that is known")
        ->check(not_empty());
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
