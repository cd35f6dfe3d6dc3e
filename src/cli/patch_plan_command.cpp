#include "thimble/cli/patch_plan_command.hpp"

#include "thimble/apply/exclusions.hpp"
#include "thimble/apply/host_changes.hpp"
#include "thimble/apply/origin_patterns.hpp"
#include "thimble/apply/plan_file.hpp"
#include "thimble/apply/prechecks.hpp"
#include "thimble/apply/read_prechecks.hpp"
#include "thimble/apply/resolution_policy.hpp"
#include "thimble/apply/restarts.hpp"
#include "thimble/apply/select_patches.hpp"
#include "thimble/apply/whole_file.hpp"
#include "thimble/assess/changelog_evidence.hpp"
#include "thimble/base/faults.hpp"
#include "thimble/base/shell_word.hpp"
#include "thimble/base/terminal_lines.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/cli/aimed_commands.hpp"
#include "thimble/cli/blocked_patches.hpp"
#include "thimble/cli/complain.hpp"
#include "thimble/cli/exit_status.hpp"
#include "thimble/cli/no_plan.hpp"
#include "thimble/cli/patch_folders.hpp"
#include "thimble/cli/patch_host.hpp"
#include "thimble/cli/patch_progress.hpp"
#include "thimble/cli/plan_gaps.hpp"
#include "thimble/cli/plan_refusals.hpp"
#include "thimble/cli/run_words.hpp"
#include "thimble/cli/scan_command.hpp"
#include "thimble/cli/state_room.hpp"
#include "thimble/report/plan_table.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace thimble::cli {
namespace {

/// A plain estimate; the real transactions of a host are the better one once there are some.
std::chrono::seconds estimate(const model::Plan& plan) {
    constexpr std::uint64_t kBytesPerSecond = std::uint64_t{10} << 20;
    return std::chrono::seconds(
        5 + static_cast<std::int64_t>(plan.steps.size())
        + static_cast<std::int64_t>(plan.download_bytes / kBytesPerSecond));
}

model::Plan plan_for(const Scan& scan, const PatchOptions& options) {
    model::Plan plan;
    plan.created_at = scan.now;
    plan.host = scan.inventory.host;
    plan.os_id = scan.inventory.os.id;
    plan.os_version = scan.inventory.os.version_id;
    plan.architecture = scan.inventory.architecture;
    plan.selection = options.selection;
    plan.policy = options.policy;
    return plan;
}

void take(apply::Resolution resolution, const model::Inventory& inventory, model::Plan& plan) {
    plan.problems = apply::judge_resolution(resolution, plan.policy);
    plan.steps = std::move(resolution.steps);
    apply::Restarts after = apply::restarts_after(plan.steps, inventory);
    plan.services = std::move(after.services);
    plan.restart = after.restart;
    for (const model::PlannedStep& step : plan.steps) {
        plan.download_bytes += step.archive ? step.archive->size : 0;
        plan.growth_bytes += step.growth_bytes;
    }
    plan.expected_duration = estimate(plan);
}

Result<void> predict(PatchHost& host, const apply::Progress& progress, model::Plan& plan) {
    THIMBLE_TRY(host.packages->fetch(plan.steps, host.places.archives, progress));
    // A run has a window, and should not wait in it for what the way back needs.
    host.packages->fetch_current(plan.steps);
    THIMBLE_TRY(plan.conffiles, host.packages->predict_conffiles(plan.steps, host.places.archives));
    if (plan.policy.conffiles == model::ConffilePolicy::Refuse) {
        for (const model::PlannedConffile& conffile : plan.conffiles) {
            plan.problems.push_back(
                {"apply.conffile_conflict",
                 conffile.path + " of " + conffile.package + " conflicts with the host's file",
                 "Merge it by hand, or plan with --conffiles keep-old"});
        }
    }
    return {};
}

struct Planned {
    model::Plan plan;
    std::vector<std::string> passed_over;  ///< names that are no matter of this host
    bool leaves_named_out = false;         ///< something of it was named on the command line
    bool leaves_not_known =
        false;  ///< of something that was named nobody can tell whether there is a patch
    /// What is wrong with what it rests on: the package index, the catalog, the records of runs that cannot be read.
    std::vector<model::Gap> gaps;
    bool can_tell = true;  ///< none of them is of the index, the archives or the catalog
    std::vector<apply::FreeSpace> space;  ///< of the host
    bool is_bare = false;                 ///< it cannot be rehearsed there
};

std::vector<BlockedRun> blocking_runs(const PatchOptions& options) {
    return options.retry ? std::vector<BlockedRun>{}
                         : blocked_runs(list_runs(patch_state(options)), root_of(options));
}

std::vector<apply::TakenBack> to_be_left_out(
    const std::vector<BlockedRun>& blocking, const model::Inventory& inventory) {
    std::vector<apply::TakenBack> all;
    for (const BlockedRun& blocked : blocking) {
        std::ranges::move(left_out_by(blocked, inventory), std::back_inserter(all));
    }
    return all;
}

/// What the choice rests on and may not be all.
std::vector<model::Gap> choice_gaps(const PatchOptions& options, const Scan& scan) {
    std::vector<model::Gap> gaps =
        index_gaps(scan.assessment.gaps, scan.inventory.index, options.policy);
    std::ranges::move(
        catalog_gaps(scan.assessment.gaps, options.selection, options.passes_over_missing),
        std::back_inserter(gaps));
    return gaps;
}

/// What was asked for and may yet be in what is not known: an index, an archive or a catalog that is missing, changelogs that nobody
/// has read.
std::vector<std::string> undecided_names(const PatchOptions& options, const Scan& scan) {
    std::vector<std::string> names = options.selection.vulnerabilities;
    if (!choice_gaps(options, scan).empty()) {
        std::ranges::copy(options.selection.advisories, std::back_inserter(names));
        return names;
    }
    return names.empty() ? names : left_to_changelogs(scan, names);
}

std::vector<model::Gap> unread_gaps(const std::vector<BlockedRun>& blocking) {
    std::vector<model::Gap> gaps;
    for (const BlockedRun& blocked : blocking) {
        if (!blocked.problem.empty()) {
            gaps.push_back(
                {"cli.run_unread", unread_words(blocked) + ". " + unblock_step(blocked), ""});
        }
    }
    return gaps;
}

/// A host in the middle of a run is neither what it was nor what it will be.
std::vector<model::Gap> open_gaps(const PatchOptions& options) {
    std::vector<model::Gap> gaps;
    for (const OpenRun& open : open_runs(list_runs(patch_state(options)), root_of(options))) {
        gaps.push_back(
            {"cli.run_open",
             "run " + open.run
                 + (open.problem.empty()
                        ? " has not ended: the plan is of a host in the middle of it"
                        : " may not have ended: its record cannot be read (" + open.problem + ")"),
             open.problem.empty() ? "thimble patch resume" + same_host(options)
                                  : "thimble doctor" + same_host(options)});
    }
    return gaps;
}

/// Of a version that is installed and not live a newer one in the plan takes the place. What was selected for many hosts differs
/// among them: there nobody has named it for this one.
bool leaves_named_out(
    const PatchOptions& options, const std::vector<std::string>& named, const Planned& planned) {
    const auto is_replaced = [&planned](const model::LeftOut& one) {
        return !model::is_missing(one)
            && std::ranges::find(planned.plan.patches, one.source, &model::PlannedPatch::source)
            != planned.plan.patches.end();
    };
    return !options.passes_over_missing
        && std::ranges::any_of(planned.plan.left_out, [&](const model::LeftOut& one) {
               return std::ranges::binary_search(named, one.source) && !is_replaced(one);
           });
}

/// Who works on a package database that looks as if somebody had been interrupted; none where nobody does, or it cannot be told.
std::optional<apply::LockHolder> who_works(const PatchOptions& options, const Scan& scan) {
    if (!scan.inventory.package_manager_interrupted) {
        return std::nullopt;
    }
    if (const auto host = open_patch_host(options, Opening::Look, "")) {
        return host->packages->lock_holder().value_or(std::nullopt);
    }
    return std::nullopt;
}

/// @error as apply::select_patches; of a package that is not installed it says which may be meant
Result<apply::Chosen> choose(
    const PatchOptions& options, const Scan& scan, const std::vector<BlockedRun>& blocking) {
    const std::vector<std::string> undecided = undecided_names(options, scan);
    const auto select = [&](const model::PlanSelection& selection) {
        return apply::select_patches(
            selection,
            options.policy,
            {scan.inventory,
             scan.assessment,
             scan.work,
             to_be_left_out(blocking, scan.inventory),
             undecided,
             options.passes_over_missing,
             who_works(options, scan)});
    };
    auto chosen = select(options.selection);
    if (chosen || chosen.error().code != kNothingSelected) {
        return chosen;
    }
    const UnknownPackages unknown = unknown_packages(options.selection, scan.inventory);
    if (unknown.words.empty()) {
        return chosen;
    }
    Faults faults;
    THIMBLE_TRY(faults.note(packages_known(unknown.words, scan.inventory)));
    if (unknown.names_others) {
        const auto others = select(unknown.others);
        THIMBLE_TRY(faults.note(others ? Result<void>() : Result<void>(others.error())));
    }
    THIMBLE_TRY(faults.verdict());
    return chosen;
}

/// Where one name that is met suffices, another of which nobody can tell is told, and no reason to stop.
void take_not_known(
    const PatchOptions& options, const Scan& scan, const apply::Chosen& chosen, Planned& planned) {
    planned.gaps = choice_gaps(options, scan);
    planned.can_tell = planned.gaps.empty();
    if (chosen.not_known.empty()) {
        return;
    }
    planned.gaps.push_back(
        not_known_gap(chosen.not_known, scan.inventory, scan.assessment.gaps, planned.gaps));
    planned.leaves_not_known = !options.passes_over_missing || chosen.named.empty();
    planned.can_tell = planned.can_tell && !planned.leaves_not_known;
}

/// A file system that is full harms the host: asked before anything is fetched, and again when the archives are known.
void refuse_for_want_of_room(const std::vector<apply::FreeSpace>& space, model::Plan& plan) {
    for (apply::PrecheckRefusal& refusal :
         apply::space_refusals(plan, space, apply::Direction::Forward)) {
        plan.problems.push_back(
            {std::move(refusal.code), std::move(refusal.detail), std::move(refusal.next)});
    }
}

/// "/usr 12.3 GiB, /boot 200.0 MiB": each file system once, by the folder that a plan writes to.
std::string room_words(const std::vector<apply::FreeSpace>& space) {
    std::string words;
    std::set<std::uint64_t> told;
    for (const char* folder : {"/usr", "/var", "/boot"}) {
        const auto one = std::ranges::find(space, folder, &apply::FreeSpace::folder);
        if (one != space.end() && told.insert(one->file_system).second) {
            words += (words.empty() ? "" : ", ") + std::string(folder) + " "
                + report::size_words(one->free_bytes);
        }
    }
    return words;
}

/// The patterns for this host.
/// @error as apply::parse_origin_pattern and apply::fill_origin_pattern
Result<std::vector<apply::OriginPattern>> origins_of(
    const PatchOptions& options, const Scan& scan) {
    THIMBLE_TRY(auto patterns, apply::parse_origin_patterns(options.policy.origins));
    for (apply::OriginPattern& pattern : patterns) {
        THIMBLE_TRY(pattern, apply::fill_origin_pattern(std::move(pattern), scan.inventory.os));
    }
    return patterns;
}

std::vector<std::string> texts_of(const std::vector<apply::OriginPattern>& patterns) {
    std::vector<std::string> texts;
    std::ranges::transform(patterns, std::back_inserter(texts), apply::format_origin_pattern);
    return texts;
}

/// What the package manager leaves out beside what was left out before.
void leave_out(std::vector<model::LeftOut> left_out, model::Plan& plan) {
    for (model::LeftOut& one : left_out) {
        std::erase_if(plan.patches, [&one](const model::PlannedPatch& patch) {
            return patch.source == one.source;
        });
        plan.left_out.push_back(std::move(one));
    }
}

/// What the plan is of: the host, and what its owner holds.
void sign(const PatchOptions& options, PatchHost& host, model::Plan& plan) {
    apply::HostSigns signs = apply::read_signs(*host.host, root_of(options));
    plan.machine_id = std::move(signs.machine_id);
    plan.root = std::move(signs.place);
    plan.manager = host.packages->name();
}

/// What is unfinished on a host keeps its package manager from any transaction, whatever else it says of this one: that comes first,
/// with its cure, which is another where a run of ours was left.
std::optional<model::PlanProblem> unfinished_problem(
    const PatchOptions& options, PatchHost& host, model::Plan& plan) {
    const auto health = host.packages->health();
    if (!health) {
        return std::nullopt;
    }
    plan.held = apply::held_names(*health);
    const auto holder = host.packages->lock_holder();
    auto unfinished =
        apply::unfinished_refusal(*health, holder ? *holder : std::optional<apply::LockHolder>());
    if (!unfinished) {
        return std::nullopt;
    }
    const auto runs = list_runs(patch_state(options));
    const bool is_interrupted = unfinished->code == apply::kInterrupted;
    if (!open_runs(runs, root_of(options)).empty()) {
        unfinished->next = "thimble patch resume";
    } else if (const auto failed = failed_return(runs, root_of(options));
               failed && is_interrupted) {
        unfinished->next = step_after_failed_return(*failed, "");
    }
    return model::PlanProblem{
        .code = std::move(unfinished->code),
        .detail = std::move(unfinished->detail),
        .next = std::move(unfinished->next)};
}

/// @error Conflict "apply.interrupted"; as apply::PackageManager::resolve
Result<apply::Resolution> resolve(
    const PatchOptions& options,
    PatchHost& host,
    const apply::Resolving& wanted,
    model::Plan& plan) {
    auto unfinished = unfinished_problem(options, host, plan);
    auto resolution = host.packages->resolve(wanted);
    if (!unfinished) {
        return resolution;
    }
    if (!resolution) {
        return failure(
            ErrorKind::Conflict, unfinished->code, unfinished->detail + ". " + unfinished->next);
    }
    resolution->problems.insert(resolution->problems.begin(), *std::move(unfinished));
    return resolution;
}

Result<void> fetch_where_there_is_room(PatchHost& host, Planned& planned) {
    planned.space = apply::read_space(*host.host, planned.plan.steps);
    refuse_for_want_of_room(planned.space, planned.plan);
    if (!planned.plan.problems.empty()) {
        return {};
    }
    PatchProgress progress;
    THIMBLE_TRY(predict(host, progress.listener(), planned.plan));
    // What the archives do in /boot is known now that they are here.
    apply::note_initial_files(*host.host, planned.plan.steps, host.places.archives, planned.space);
    refuse_for_want_of_room(planned.space, planned.plan);
    return {};
}

/// What was asked for, with exclusions as names of packages.
PatchOptions with_exclusions(const PatchOptions& asked, apply::Exclusions& exclusions) {
    PatchOptions options = asked;
    options.selection.excluded = std::move(exclusions.names);
    // What is not installed is not to come along either.
    std::ranges::copy(exclusions.unknown, std::back_inserter(options.selection.excluded));
    return options;
}

ScanOptions scan_for(const PatchOptions& asked) {
    ScanOptions wanted;
    wanted.root = asked.root;
    wanted.catalog = asked.catalog;
    wanted.state = asked.state;
    wanted.retry = true;  // the runs themselves say it below, with more words
    return wanted;
}

Result<Planned> make_plan(const PatchOptions& asked) {
    THIMBLE_TRY(const Scan scan, make_scan(scan_for(asked), false));
    THIMBLE_TRY(offers_known(scan.inventory, patch_state(asked)));
    apply::Exclusions exclusions =
        apply::expand_exclusions(scan.inventory, asked.selection.excluded);
    PatchOptions options = with_exclusions(asked, exclusions);
    Faults faults;
    THIMBLE_TRY(faults.note(exclusions_valid(exclusions.invalid)));
    THIMBLE_TRY(
        const std::vector<apply::OriginPattern> origins,
        faults.value_or(origins_of(asked, scan), std::vector<apply::OriginPattern>()));
    options.policy.origins = texts_of(origins);
    if (!options.passes_over_missing) {
        THIMBLE_TRY(faults.note(exclusions_known(exclusions.unknown)));
    }
    const std::vector<BlockedRun> blocking = blocking_runs(options);
    THIMBLE_TRY(
        apply::Chosen chosen, faults.value_or(choose(options, scan, blocking), apply::Chosen()));
    THIMBLE_TRY(faults.verdict());
    Planned planned{
        .plan = plan_for(scan, options),
        .passed_over = std::move(chosen.passed_over),
        .leaves_named_out = false,
        .leaves_not_known = false,
        .gaps = {},
        .can_tell = false,
        .space = {},
        .is_bare = false};
    take_not_known(options, scan, chosen, planned);
    std::ranges::move(exclusions.unknown, std::back_inserter(planned.passed_over));
    planned.plan.selection = asked.selection;  // in those words: who asked compares them
    planned.plan.left_out = std::move(chosen.left_out);
    planned.leaves_named_out = leaves_named_out(options, chosen.named, planned);
    std::ranges::move(unread_gaps(blocking), std::back_inserter(planned.gaps));
    std::ranges::move(open_gaps(options), std::back_inserter(planned.gaps));
    if (chosen.wanted.empty()) {
        std::ranges::move(
            unfinished_gaps(scan.assessment.gaps, planned.plan.left_out),
            std::back_inserter(planned.gaps));
        return planned;
    }
    THIMBLE_TRY(PatchHost host, open_patch_host(options, Opening::Look, ""));
    planned.is_bare = host.is_bare;
    sign(options, host, planned.plan);
    planned.plan.patches = std::move(chosen.patches);
    THIMBLE_TRY(planned.plan.host_state, host.packages->host_state());
    THIMBLE_TRY(
        apply::Resolution resolution,
        resolve(
            options,
            host,
            {.wanted = std::move(chosen.wanted),
             .excluded = options.selection.excluded,
             .level = options.selection.level,
             .origins = origins},
            planned.plan));
    leave_out(std::move(resolution.left_out), planned.plan);
    planned.leaves_named_out = leaves_named_out(options, chosen.named, planned);
    take(std::move(resolution), scan.inventory, planned.plan);
    THIMBLE_TRY(fetch_where_there_is_room(host, planned));
    return planned;
}

/// Whoever reads a document is to act on the host that it is about, as whoever reads lines.
void aim(const PatchOptions& options, Planned& planned) {
    const HostWords words = host_words(options);
    for (model::PlanProblem& problem : planned.plan.problems) {
        problem.next = aimed_commands(problem.next, words);
    }
    for (model::LeftOut& one : planned.plan.left_out) {
        one.why = aimed_commands(one.why, words);
    }
    for (model::Gap& gap : planned.gaps) {
        gap.detail = aimed_commands(gap.detail, words);
        gap.next = aimed_commands(gap.next, words);
    }
}

/// Lines for a terminal, whose commands mean the host that was asked for. Differences of files stay as they are.
std::string for_people(const std::string& text, const PatchOptions& options) {
    return options.diff ? text : narrowed(aimed_commands(text, host_words(options)));
}

NoPlan no_plan_of(const Planned& planned) {
    return {
        .left_out = planned.plan.left_out,
        .passed_over = planned.passed_over,
        .gaps = planned.gaps,
        .can_tell = planned.can_tell};
}

void show_passed_over(const Planned& planned, std::ostream& out) {
    if (!planned.passed_over.empty()) {
        out << "\n"
            << wrapped_text(
                   passed_over_words(planned.passed_over), {.first = "  ", .further = "    "});
    }
}

void say_no_plan(const PatchOptions& options, const Planned& planned, std::ostream& out) {
    if (options.json) {
        out << no_plan_json(no_plan_of(planned)) << "\n";
        return;
    }
    out << wrapped_text(no_plan_sentence(no_plan_of(planned)), {});
    out << for_people(report::left_out_text(planned.plan.left_out), options);
    show_passed_over(planned, out);
}

void complain_of(const std::vector<model::Gap>& gaps, std::ostream& err) {
    for (const model::Gap& gap : gaps) {
        err << "thimble: " << printable(gap.detail)
            << (gap.next.empty() ? "" : "; first: " + printable(gap.next)) << '\n';
    }
}

int status_of(const Planned& planned, const PatchOptions& options) {
    const bool is_bad = !planned.plan.problems.empty() || planned.leaves_named_out;
    if (!planned.plan.steps.empty() || !planned.plan.problems.empty()) {
        const int rest = planned.leaves_not_known ? kCouldNotTell : kNothingDue;
        return is_bad ? kSomethingDue : rest;
    }
    const int status = no_plan_status(no_plan_of(planned), options.passes_over_missing);
    return status == kNothingDue && is_bad ? kSomethingDue : status;
}

/// What failed says nothing of a plan of before: it stays where it is.
void tell_of_earlier(const std::string& file, std::ostream& err) {
    if (read_plan(file)) {
        err << "thimble: no plan was written; " << printable(file)
            << " is an earlier one, left as it was\n";
    }
}

/// There is an answer, and it is no plan: one of before must not be taken for today's.
void set_aside(const std::string& file, std::ostream& err) {
    if (!read_plan(file)) {
        return;  // there is none, or nobody could apply it
    }
    const std::string aside = file + ".earlier";
    std::error_code failed;
    std::filesystem::rename(file, aside, failed);
    err << "thimble: no plan was written; " << printable(file) << " is an earlier one"
        << (failed ? ", and could not be moved away: " + failed.message()
                   : ", which is " + printable(aside) + " now")
        << '\n';
}

/// @param file  as a word of a shell
std::string step_after_plan(
    const Planned& planned, const std::string& file, const std::string& host) {
    if (!planned.plan.problems.empty()) {
        return "change what refuses the plan, then make it again";
    }
    return planned.is_bare
        ? "thimble patch apply " + file + host + " --without-rehearsal --reason TEXT"
        : "thimble patch rehearse " + file + host;
}

}  // namespace

int run_patch_plan(const PatchOptions& options, std::ostream& out, std::ostream& err) {
    const std::string file = options.output.empty() ? "plan.json" : options.output;
    auto planned = make_plan(options);
    if (!planned) {
        tell_of_earlier(file, err);
        const Error error = blaming_state(planned.error(), patch_state(options));
        return complain(
            err, error, step_after_refusal(error, options.selection, scan_for(options)));
    }
    aim(options, *planned);
    complain_of(planned->gaps, err);
    const model::Plan& plan = planned->plan;
    if (plan.steps.empty() && plan.problems.empty()) {
        say_no_plan(options, *planned, out);
        set_aside(file, err);
        return status_of(*planned, options);
    }
    const std::string text = apply::format_plan(plan) + "\n";
    if (const auto written = apply::write_whole_file(file, text); !written) {
        tell_of_earlier(file, err);
        return complain_unwritten(err, written.error());
    }
    if (options.json) {
        out << with_gaps(apply::format_plan(plan), planned->gaps) << "\n";
        if (!planned->passed_over.empty()) {
            err << "thimble: " << passed_over_words(planned->passed_over) << '\n';
        }
        return status_of(*planned, options);
    }
    const std::string word = shell_word(printable(file));
    out << for_people(
        report::plan_table(plan, apply::plan_digest(plan), word, options.diff), options);
    show_passed_over(*planned, out);
    if (const std::string room = room_words(planned->space); !room.empty()) {
        out << "\n" << wrapped_text("free: " + room, {.first = "  ", .further = "    "});
    }
    out << "\n  written to " << printable(file) << "\n\n"
        << next_command_lines(step_after_plan(*planned, word, same_host(options)));
    return status_of(*planned, options);
}

int run_patch_show(const PatchOptions& options, std::ostream& out, std::ostream& err) {
    const auto plan = read_plan(options.plan);
    if (!plan) {
        return complain(err, plan.error());
    }
    const std::string file = shell_word(printable(options.plan));
    const std::string digest = apply::plan_digest(*plan);
    out
        << (options.json
                ? apply::format_plan(*plan) + "\n"
                : for_people(report::plan_table(*plan, digest, file, options.diff), options));
    return kNothingDue;
}

}  // namespace thimble::cli
