#include "thimble/cli/patch_plan_command.hpp"

#include "thimble/apply/plan_file.hpp"
#include "thimble/apply/resolution_policy.hpp"
#include "thimble/apply/restarts.hpp"
#include "thimble/apply/select_patches.hpp"
#include "thimble/apply/whole_file.hpp"
#include "thimble/base/faults.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/base/terminal_lines.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/cli/blocked_patches.hpp"
#include "thimble/cli/complain.hpp"
#include "thimble/cli/exit_status.hpp"
#include "thimble/cli/patch_folders.hpp"
#include "thimble/cli/patch_host.hpp"
#include "thimble/cli/patch_progress.hpp"
#include "thimble/cli/scan_command.hpp"
#include "thimble/report/plan_table.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <string>
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
    plan.machine_id = scan.inventory.machine_id;
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
    std::vector<apply::LeftOut> left_out;
    std::vector<std::string> passed_over;  ///< names that are no matter of this host
    bool leaves_named_out = false;         ///< something of it was named on the command line
    /// What is wrong with what it rests on: the package index, the records of runs that cannot be read.
    std::vector<model::Gap> gaps;
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

/// What the repositories offer decides what is in a plan: not known is not "nothing".
/// @error Unavailable "cli.no_offers"
Result<void> offers_known(const model::Inventory& inventory) {
    if (inventory.index.asked) {
        return {};
    }
    const auto gap = std::ranges::find(inventory.gaps, "inventory.no_offers", &model::Gap::code);
    const std::string why = gap == inventory.gaps.end() ? "" : ": " + gap->detail;
    return failure(
        ErrorKind::Unavailable,
        "cli.no_offers",
        "no plan can be made: it is not known what the repositories offer" + why
            + "; thimble doctor says what is missing");
}

/// Exclusions that no installed package has.
std::vector<std::string> unknown_exclusions(
    const model::Inventory& inventory, const std::vector<std::string>& excluded) {
    std::vector<std::string> unknown;
    std::ranges::copy_if(excluded, std::back_inserter(unknown), [&](const std::string& name) {
        return std::ranges::none_of(
            inventory.packages, [&](const model::InstalledPackage& package) {
                return package.name == name || package.source_name == name;
            });
    });
    return unknown;
}

/// A mistyped exclusion would patch the very package that was to be spared.
/// @error NotFound "cli.unknown_exclusion"  names them all
Result<void> exclusions_known(const std::vector<std::string>& unknown) {
    if (unknown.empty()) {
        return {};
    }
    std::string words;
    for (const std::string& name : unknown) {
        words += (words.empty() ? "--exclude " : ", --exclude ") + name;
    }
    return failure(
        ErrorKind::NotFound,
        "cli.unknown_exclusion",
        words + ": no such package is installed; `dpkg -l` or `rpm -qa` lists those that are");
}

/// A plan is only as new as what it was chosen from.
std::vector<model::Gap> index_gaps(const std::vector<model::Gap>& gaps) {
    std::vector<model::Gap> found;
    std::ranges::copy_if(gaps, std::back_inserter(found), [](const model::Gap& gap) {
        return gap.code == "assess.index_stale" || gap.code == "assess.index_age_unknown";
    });
    return found;
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
    const auto is_replaced = [&planned](const apply::LeftOut& one) {
        return one.is_installed
            && std::ranges::find(planned.plan.patches, one.source, &model::PlannedPatch::source)
            != planned.plan.patches.end();
    };
    return !options.passes_over_missing
        && std::ranges::any_of(planned.left_out, [&](const apply::LeftOut& one) {
               return std::ranges::binary_search(named, one.source) && !is_replaced(one);
           });
}

Result<Planned> make_plan(const PatchOptions& options) {
    ScanOptions wanted;
    wanted.root = options.root;
    wanted.catalog = options.catalog;
    wanted.state = options.state;
    wanted.retry = true;  // the runs themselves say it below, with more words
    THIMBLE_TRY(const Scan scan, make_scan(wanted, false));
    THIMBLE_TRY(offers_known(scan.inventory));
    std::vector<std::string> unknown =
        unknown_exclusions(scan.inventory, options.selection.excluded);
    Faults faults;
    if (!options.passes_over_missing) {
        THIMBLE_TRY(faults.note(exclusions_known(unknown)));
    }
    const std::vector<BlockedRun> blocking = blocking_runs(options);
    THIMBLE_TRY(
        apply::Chosen chosen,
        faults.value_or(
            apply::select_patches(
                options.selection,
                options.policy,
                {scan.inventory,
                 scan.assessment,
                 scan.work,
                 to_be_left_out(blocking, scan.inventory),
                 options.passes_over_missing}),
            apply::Chosen()));
    THIMBLE_TRY(faults.verdict());
    Planned planned{
        .plan = plan_for(scan, options),
        .left_out = std::move(chosen.left_out),
        .passed_over = std::move(chosen.passed_over),
        .leaves_named_out = false,
        .gaps = index_gaps(scan.assessment.gaps)};
    std::ranges::move(unknown, std::back_inserter(planned.passed_over));
    planned.leaves_named_out = leaves_named_out(options, chosen.named, planned);
    std::ranges::move(unread_gaps(blocking), std::back_inserter(planned.gaps));
    std::ranges::move(open_gaps(options), std::back_inserter(planned.gaps));
    if (chosen.wanted.empty()) {
        return planned;
    }
    THIMBLE_TRY(PatchHost host, open_patch_host(options, Opening::Look, ""));
    planned.plan.manager = host.packages->name();
    planned.plan.patches = std::move(chosen.patches);
    THIMBLE_TRY(planned.plan.host_state, host.packages->host_state());
    THIMBLE_TRY(
        apply::Resolution resolution,
        host.packages->resolve(
            {.wanted = std::move(chosen.wanted),
             .excluded = options.selection.excluded,
             .level = options.selection.level}));
    for (apply::LeftOut& one : resolution.left_out) {
        std::erase_if(planned.plan.patches, [&](const model::PlannedPatch& patch) {
            return patch.source == one.source;
        });
        planned.left_out.push_back(std::move(one));
    }
    planned.leaves_named_out = leaves_named_out(options, chosen.named, planned);
    take(std::move(resolution), scan.inventory, planned.plan);
    if (planned.plan.problems.empty()) {
        PatchProgress progress;
        THIMBLE_TRY(predict(host, progress.listener(), planned.plan));
    }
    return planned;
}

/// What is said where there is no plan to write.
std::string left_out_json(const Planned& planned) {
    std::string text;
    JsonWriter json(text);
    json.open_object().key("plan").null().key("left_out").open_array();
    for (const apply::LeftOut& patch : planned.left_out) {
        json.open_object().member("source", patch.source).member("why", patch.why).close_object();
    }
    json.close_array().member("passed_over", planned.passed_over).close_object();
    return text;
}

std::string passed_over_words(const Planned& planned) {
    std::string words = "passed over, no matter of this host:";
    for (const std::string& name : planned.passed_over) {
        words += (&name == &planned.passed_over.front() ? " " : ", ") + printable(name, 80);
    }
    return words;
}

void show_left_out(const Planned& planned, std::ostream& out) {
    if (!planned.left_out.empty()) {
        out << "\n  left out:\n";
    }
    for (const apply::LeftOut& patch : planned.left_out) {
        out << wrapped_text(
            printable(patch.source, 40) + ": " + printable(patch.why, 200),
            {.first = "    ", .further = "      "});
    }
    if (!planned.passed_over.empty()) {
        out << "\n" << wrapped_text(passed_over_words(planned), {.first = "  ", .further = "    "});
    }
}

void say_nothing_to_patch(const PatchOptions& options, const Planned& planned, std::ostream& out) {
    if (options.json) {
        out << left_out_json(planned) << "\n";
        return;
    }
    out << "Nothing to patch: no offered patch was selected.\n";
    show_left_out(planned, out);
}

void complain_of(const std::vector<model::Gap>& gaps, std::ostream& err) {
    for (const model::Gap& gap : gaps) {
        err << "thimble: " << printable(gap.detail)
            << (gap.next.empty() ? "" : "; first: " + printable(gap.next)) << '\n';
    }
}

void complain_of_left_out(const Planned& planned, std::ostream& err) {
    for (const apply::LeftOut& patch : planned.left_out) {
        err << "thimble: left out: " << printable(patch.source, 40) << ": "
            << printable(patch.why, 200) << '\n';
    }
    if (!planned.passed_over.empty()) {
        err << "thimble: " << passed_over_words(planned) << '\n';
    }
}

int status_of(const Planned& planned) {
    return planned.plan.problems.empty() && !planned.leaves_named_out ? kNothingDue : kSomethingDue;
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

}  // namespace

int run_patch_plan(const PatchOptions& options, std::ostream& out, std::ostream& err) {
    const std::string file = options.output.empty() ? "plan.json" : options.output;
    const auto planned = make_plan(options);
    if (!planned) {
        tell_of_earlier(file, err);
        return complain(err, planned.error());
    }
    complain_of(planned->gaps, err);
    const model::Plan& plan = planned->plan;
    if (plan.steps.empty() && plan.problems.empty()) {
        say_nothing_to_patch(options, *planned, out);
        set_aside(file, err);
        return status_of(*planned);
    }
    const std::string text = apply::format_plan(plan) + "\n";
    if (const auto written = apply::write_whole_file(file, text); !written) {
        tell_of_earlier(file, err);
        return complain(err, written.error());
    }
    if (options.json) {
        out << text;
        complain_of_left_out(*planned, err);
        return status_of(*planned);
    }
    out << report::plan_table(plan, apply::plan_digest(plan), options.diff);
    show_left_out(*planned, out);
    out << "\n  written to " << printable(file) << "\n\nNext: "
        << (plan.problems.empty() ? "thimble patch rehearse " + printable(file) + same_host(options)
                                  : "change what refuses the plan, then make it again")
        << "\n";
    return status_of(*planned);
}

int run_patch_show(const PatchOptions& options, std::ostream& out, std::ostream& err) {
    const auto plan = read_plan(options.plan);
    if (!plan) {
        return complain(err, plan.error());
    }
    out
        << (options.json ? apply::format_plan(*plan) + "\n"
                         : report::plan_table(*plan, apply::plan_digest(*plan), options.diff));
    return kNothingDue;
}

}  // namespace thimble::cli
