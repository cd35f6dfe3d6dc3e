// The program thimble-patch: what plans, rehearses, applies, verifies and takes back.
#include "thimble/cli/aimed_commands.hpp"
#include "thimble/cli/blocked_patches.hpp"
#include "thimble/cli/complain.hpp"
#include "thimble/cli/doctor_command.hpp"
#include "thimble/cli/error_document.hpp"
#include "thimble/cli/exit_status.hpp"
#include "thimble/cli/history_command.hpp"
#include "thimble/cli/lost_output.hpp"
#include "thimble/cli/patch_arguments.hpp"
#include "thimble/cli/patch_commands.hpp"
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

#include <iostream>
#include <optional>

namespace {

using thimble::cli::PatchOptions;
using thimble::cli::PatchVerb;
using Command = int (*)(const PatchOptions&, std::ostream&, std::ostream&);

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
    thimble::cli::share_error_document(std::cerr, err);
    const int status = carry_out(verb, options, options.json ? std::cout : out, err);
    out.flush();
    err.flush();
    return status;
}

Verb what_does(PatchVerb verb) {
    switch (verb) {
        case PatchVerb::Plan: return {thimble::cli::run_patch_plan, thimble::cli::StateUse::Change};
        case PatchVerb::Show: return {thimble::cli::run_patch_show, std::nullopt};
        case PatchVerb::Rehearse:
            return {thimble::cli::run_patch_rehearse, thimble::cli::StateUse::Change};
        case PatchVerb::Apply:
            return {thimble::cli::run_patch_apply, thimble::cli::StateUse::Change};
        case PatchVerb::Rollback:
            return {thimble::cli::run_patch_rollback, thimble::cli::StateUse::Change};
        case PatchVerb::Unblock:
            return {thimble::cli::run_patch_unblock, thimble::cli::StateUse::Change};
        case PatchVerb::Resume:
            return {thimble::cli::run_patch_resume, thimble::cli::StateUse::Change};
        case PatchVerb::Prune:
            return {thimble::cli::run_patch_prune, thimble::cli::StateUse::Change};
        case PatchVerb::Verify: return {thimble::cli::run_verify, thimble::cli::StateUse::Look};
        case PatchVerb::History: return {thimble::cli::run_history, thimble::cli::StateUse::Look};
        case PatchVerb::Doctor: return {thimble::cli::run_doctor, std::nullopt};
    }
    return {};
}

/// Whether its answer tells what was done to a host, or to what is kept of it.
bool has_done_something(PatchVerb verb) {
    switch (verb) {
        case PatchVerb::Apply:
        case PatchVerb::Rollback:
        case PatchVerb::Unblock:
        case PatchVerb::Resume:
        case PatchVerb::Prune: return true;
        case PatchVerb::Plan:
        case PatchVerb::Show:
        case PatchVerb::Rehearse:
        case PatchVerb::Verify:
        case PatchVerb::History:
        case PatchVerb::Doctor: return false;
    }
    return false;
}

int run(int argc, char** argv, thimble::cli::LostOutput& lost) {
    CLI::App app{"Thimble: patch this host, and prove it", "thimble"};
    PatchOptions options;
    std::optional<PatchVerb> chosen;
    thimble::cli::declare_patch_commands(app, options, chosen);
    if (const int refused = thimble::cli::refuse_unknown_verb(app, {argv, argv + argc}, std::cerr);
        refused != 0) {
        return refused;
    }
    try {
        thimble::cli::parse_arguments(app, argc, argv);
    } catch (const CLI::ParseError& error) {
        return thimble::cli::tell_usage(app, error, std::cout, std::cerr);
    }
    if (const auto said = thimble::cli::finish_patch_options(options); !said) {
        return thimble::cli::complain(std::cerr, said.error());
    }
    if (!chosen) {
        return thimble::cli::kUsage;  // which CLI11 has refused
    }
    if (has_done_something(*chosen)) {
        lost.keep();
    }
    return carry_out_aimed(what_does(*chosen), options);
}

}  // namespace

int main(int argc, char** argv) {
    thimble::cli::hold_closed_output();
    std::ios::sync_with_stdio(false);
    thimble::cli::LostOutput lost(std::cout, std::cerr);
    int status = thimble::cli::kInternal;
    {
        thimble::cli::ErrorDocument errors(std::cout, std::cerr, {argv, argv + argc});
        status = errors.finish(run(argc, argv, lost));
    }
    return lost.finish(status);
}
