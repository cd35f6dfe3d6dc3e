#include "thimble/cli/blocked_patches.hpp"

#include "thimble/apply/lock_holder.hpp"
#include "thimble/apply/plan_run.hpp"
#include "thimble/apply/run_cause.hpp"
#include "thimble/apply/run_lock.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/base/name_list.hpp"
#include "thimble/base/shell_word.hpp"
#include "thimble/base/terminal_lines.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/cli/aimed_commands.hpp"
#include "thimble/cli/complain.hpp"
#include "thimble/cli/exit_status.hpp"
#include "thimble/cli/host_root.hpp"
#include "thimble/cli/patch_host.hpp"
#include "thimble/host/system_clock.hpp"
#include "thimble/model/package_name.hpp"
#include "thimble/model/plan_command.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

namespace thimble::cli {
namespace {

constexpr std::size_t kMostOfWords = 4096;

/// Pins are of apt alone: rpm's package managers have them in plugins that need not be there.
bool has_pins(const std::string& manager) {
    return manager == "apt";
}

/// Of a kernel the patch is "linux", and the source of its packages may be the one that signs it.
bool is_of_source(const model::PlannedStep& step, const std::string& source) {
    return step.source_name == source || model::patch_source(step.name, step.source_name) == source;
}

/// Whether a step brings that version of a source. Updates that are no security matter are known by the version of a binary package.
bool brings(
    const model::PlannedStep& step,
    const std::string& source,
    const std::string& version,
    const model::Plan& plan) {
    if (!is_of_source(step, source)) {
        return false;
    }
    return step.source_version == version
        || std::ranges::any_of(plan.steps, [&](const model::PlannedStep& other) {
               return is_of_source(other, source) && other.to_version == version
                   && other.source_version == step.source_version;
           });
}

/// What keeps nobody but plans of ours from it, although it is blocked.
std::vector<std::string> names_without_pin(const BlockedRun& blocked) {
    std::vector<std::string> names;
    for (const apply::TakenBack& patch : blocked.patches) {
        const bool is_pinned =
            std::ranges::any_of(blocked.steps, [&](const model::PlannedStep& step) {
                return is_of_source(step, patch.source)
                    && !apply::format_pins({.run = blocked.run, .steps = {step}}).empty();
            });
        if (!is_pinned) {
            names.push_back(patch.source + " " + patch.version);
        }
    }
    return names;
}

/// Without what only came along: that is not blocked, and another patch may need just that version.
std::vector<model::PlannedStep> steps_of(
    const model::Plan& plan, const std::vector<apply::TakenBack>& patches) {
    std::vector<model::PlannedStep> steps;
    std::ranges::copy_if(
        plan.steps, std::back_inserter(steps), [&](const model::PlannedStep& step) {
            return std::ranges::any_of(patches, [&](const apply::TakenBack& patch) {
                return brings(step, patch.source, patch.version, plan);
            });
        });
    return steps;
}

std::vector<apply::TakenBack> patches_of(const KeptRun& run) {
    std::vector<apply::TakenBack> patches;
    patches.reserve(run.plan.patches.size());
    for (const model::PlannedPatch& patch : run.plan.patches) {
        patches.push_back(
            {.source = patch.source, .version = patch.to_version, .run = run.id, .at = {}});
    }
    return patches;
}

/// Which runs are of a host: by its directory, and, where the path that a run knew leads nowhere by now, by its pin. The pin of a run of
/// another directory came with a copy of that one.
class RunsOfHost {
public:
    explicit RunsOfHost(std::string root)
        : root_(std::move(root)), pinned_(apply::pinned_runs(root_)) {}

    [[nodiscard]] bool has_pin_of(const std::string& run) const {
        return std::ranges::binary_search(pinned_, run);
    }
    /// It is of another host.
    [[nodiscard]] bool is_of_other(const KeptRun& run) const {
        return !run.root.empty() && are_two_roots(run.root, root_);
    }
    /// Or may have, since it cannot be read which root that was.
    [[nodiscard]] bool have(const KeptRun& run) const {
        return run.may_be_of(root_) || has_pin_of(run.id);
    }
    /// The other roots of whose runs it has pins.
    [[nodiscard]] std::set<std::string> others(std::span<const KeptRun> runs) const {
        std::set<std::string> all;
        for (const KeptRun& run : runs) {
            if (has_pin_of(run.id) && !run.may_be_of(root_)) {
                all.insert(run.root);
            }
        }
        return all;
    }

private:
    std::string root_;
    std::vector<std::string> pinned_;
};

/// It has begun to take its steps back and has not ended; whether it still lives or was killed, it ends with them taken back. As far
/// as it is known by now that is on account of its patches.
bool is_going_back(const KeptRun& run, std::span<const KeptRun> runs, const RunsOfHost& host) {
    return host.have(run) && run.problem.empty() && !run.has_ended()
        && apply::last_entry(run.entries, apply::RunPhase::RollingBack) != nullptr
        && !apply::is_of_surroundings(cause_of(run, runs));
}

/// A way back that failed for want of room blocks nothing, and is the host's until somebody has looked at it.
std::optional<BlockedRun> failed_without_block(
    std::span<const KeptRun> runs, const std::string& root, const std::string& wanted) {
    const auto failed = failed_return(runs, root);
    if (!failed || (failed->run != wanted && failed->taken != wanted)) {
        return std::nullopt;
    }
    return BlockedRun{
        .run = failed->run,
        .root = root,
        .manager = {},
        .takes_back = {},
        .patches = {},
        .steps = {},
        .problem = {},
        .pinned = {},
        .copied_from = {}};
}

/// The run that blocks what `wanted` is about: itself, or the rollback that took it back; or whose way back failed.
/// @error NotFound "cli.not_blocked"
Result<BlockedRun> find_blocked(const PatchOptions& options, const std::string& wanted) {
    std::string known;
    const std::vector<KeptRun> runs = list_runs(patch_state(options));
    for (BlockedRun& blocked : blocked_runs(runs, root_of(options))) {
        if (blocked.run == wanted || blocked.takes_back == wanted) {
            return std::move(blocked);
        }
        known += (known.empty() ? "" : ", ") + blocked.run;
    }
    if (auto failed = failed_without_block(runs, root_of(options), wanted)) {
        return *std::move(failed);
    }
    return failure(
        ErrorKind::NotFound,
        "cli.not_blocked",
        "run " + wanted + " blocks no patch of this host"
            + (known.empty() ? "; none does" : "; these do: " + known));
}

/// A pin is the last that tells of a run where no record of it is left.
std::vector<BlockedRun> blocked_by_pins(std::span<const KeptRun> runs, const std::string& root) {
    std::vector<BlockedRun> blocked;
    for (const std::string& run : apply::pinned_runs(root)) {
        if (std::ranges::find(runs, run, &KeptRun::id) == runs.end()) {
            blocked.push_back(
                {.run = run,
                 .root = root,
                 .manager = {},
                 .takes_back = {},
                 .patches = {},
                 .steps = {},
                 .problem = "the state directory does not know it",
                 .pinned =
                     apply::read_pins(root, run).value_or(std::vector<apply::PinnedVersion>{}),
                 .copied_from = {}});
        }
    }
    return blocked;
}

/// What a run blocked, to be asked for; where that is not known, what is asked for by default.
model::PlanSelection selection_of(const BlockedRun& blocked) {
    std::set<std::string> names;
    for (const apply::TakenBack& patch : blocked.patches) {
        names.insert(patch.source);
    }
    for (const apply::PinnedVersion& pinned : blocked.pinned) {
        names.insert(pinned.package);
    }
    model::PlanSelection selection;
    selection.security = names.empty();
    selection.packages.assign(names.begin(), names.end());
    return selection;
}

/// A pin that came with a copy is no run's of that host, to be unblocked by.
std::string remove_step(const BlockedRun& blocked) {
    return "remove " + printable(apply::path_in(blocked.root, apply::pin_path(blocked.run)));
}

/// Each host is unblocked for itself.
/// @error Conflict "cli.other_root"
Result<void> refuse_copied(const BlockedRun& blocked) {
    if (blocked.copied_from.empty()) {
        return {};
    }
    const std::string root =
        blocked.copied_from == "/" ? "" : " --root " + shell_word(printable(blocked.copied_from));
    return failure(
        ErrorKind::Conflict,
        "cli.other_root",
        "run " + blocked.run + " is of " + printable(blocked.copied_from)
            + ", and blocks here by its pin alone; to allow here what it took back, "
            + remove_step(blocked) + "; there: thimble patch unblock " + blocked.run
            + " --reason TEXT" + root);
}

/// Nothing was blocked by it.
bool is_looked_at_alone(const BlockedRun& blocked) {
    return blocked.problem.empty() && blocked.patches.empty();
}

struct Unblocked {
    BlockedRun run;
    bool pins_are_settled = false;  ///< false: those of another run are not, which was said
};

/// @error "apply.not_pinned": it is allowed again, and apt is still kept from it
Result<Unblocked> unblock(const PatchOptions& options, std::ostream& err) {
    const std::filesystem::path state = patch_state(options);
    if (options.reason.empty()) {
        return failure(
            ErrorKind::Invalid, "cli.bad_option", "unblock needs --reason TEXT, which is recorded");
    }
    THIMBLE_TRY(
        const apply::RunLock lock,
        apply::RunLock::take(root_of(options), apply::LockPurpose::Other));
    // Of one that cannot be read, or is gone, too, a person may know what it took back.
    auto found = find_blocked(options, options.run);
    if (const auto run = find_run(state, options.run);
        !found && !run && run.error().kind != ErrorKind::Corrupt) {
        return run.error();
    }
    THIMBLE_TRY(BlockedRun blocked, std::move(found));
    THIMBLE_TRY(refuse_copied(blocked));
    THIMBLE_TRY(write_unblocking(
        state, blocked.run, {.at = host::SystemClock().now(), .reason = options.reason}));
    const std::vector<KeptRun> runs = list_runs(state);
    THIMBLE_TRY(remember_taken_back(state, runs));
    Unblocked unblocked{.run = std::move(blocked), .pins_are_settled = true};
    if (const auto settled = settle_host_pins(options, runs, err); !settled) {
        const std::string& run = unblocked.run.run;
        if (is_pinned(unblocked.run)) {
            return because(
                "plans take again what run " + run
                    + " took back, but apt does not: mend that, then thimble patch resume removes the "
                      "pin",
                settled.error());
        }
        complain(err, settled.error());
        unblocked.pins_are_settled = false;
    }
    return unblocked;
}

}  // namespace

std::vector<apply::EarlierRun> block_history(
    std::span<const KeptRun> runs, const std::string& root) {
    const RunsOfHost host(root);
    std::vector<apply::EarlierRun> history = earlier_runs(runs, root);
    for (const std::string& name : host.others(runs)) {
        const bool is_copied = are_two_roots(name, root);
        for (apply::EarlierRun& run : earlier_runs(runs, name)) {
            const bool is_pinned = apply::went_back(run) && host.has_pin_of(run.id);
            // What was done to the other host, or allowed there, is nothing to a copy.
            run.unblocked = run.unblocked && !is_copied;
            if (is_pinned || (!is_copied && (!apply::went_back(run) || run.unblocked))) {
                history.push_back(std::move(run));
            }
        }
    }
    std::ranges::sort(history, {}, &apply::EarlierRun::id);
    return history;
}

std::vector<BlockedRun> blocked_runs(std::span<const KeptRun> runs, const std::string& root) {
    const std::vector<apply::TakenBack> patches =
        apply::taken_back_patches(block_history(runs, root));
    const RunsOfHost host(root);
    std::vector<BlockedRun> blocked;
    for (const KeptRun& run : runs) {
        BlockedRun one{
            .run = run.id,
            .root = root,
            .manager = run.plan.manager,
            .takes_back = run.takes_back,
            .patches = {},
            .steps = {},
            .problem = run.problem,
            .pinned = {},
            .copied_from = host.is_of_other(run) ? run.root : std::string()};
        std::ranges::copy_if(
            patches, std::back_inserter(one.patches), [&](const apply::TakenBack& patch) {
                return patch.run == run.id;
            });
        const bool is_unread = run.is_unread() && host.have(run);
        if (is_unread) {
            one.pinned =
                apply::read_pins(root, run.id).value_or(std::vector<apply::PinnedVersion>{});
        }
        if (!one.patches.empty() || is_unread) {
            // What could not be brought back may still be installed: kept from it, apt would rather remove what needs it.
            if (!has_failed_to_go_back(run)) {
                one.steps = steps_of(run.plan, one.patches);
            }
            blocked.push_back(std::move(one));
        }
    }
    std::ranges::move(blocked_by_pins(runs, root), std::back_inserter(blocked));
    std::ranges::sort(blocked, {}, &BlockedRun::run);
    return blocked;
}

std::string blocked_words(const BlockedRun& blocked, std::size_t columns) {
    std::vector<std::string> names;
    names.reserve(blocked.patches.size() + blocked.pinned.size());
    for (const apply::TakenBack& patch : blocked.patches) {
        names.push_back(patch.source + " " + patch.version);
    }
    for (const apply::PinnedVersion& pinned : blocked.pinned) {
        names.push_back(pinned.package + " " + pinned.version);
    }
    return names.empty() ? "what is not known" : listed_names(names, ", ", columns);
}

std::string unread_words(const BlockedRun& blocked) {
    std::string words =
        "the record of run " + blocked.run + " cannot be read (" + blocked.problem + "): ";
    if (!blocked.patches.empty()) {
        return words
            + "what it is remembered to have taken back stays blocked: " + blocked_words(blocked);
    }
    words += "what it may have taken back is not known to be left out";
    return blocked.pinned.empty() ? words
                                  : words + ", but for what " + apply::pin_path(blocked.run)
            + " names: " + blocked_words(blocked);
}

std::string unblock_step(const BlockedRun& blocked) {
    if (!blocked.copied_from.empty()) {
        return "It is of " + printable(blocked.copied_from)
            + ". When it may be installed here: " + remove_step(blocked);
    }
    return (blocked.problem.empty() ? "When its cause is mended: "
                                    : "When what it took back may be installed again: ")
        + ("thimble patch unblock " + blocked.run + " --reason TEXT");
}

std::vector<apply::TakenBack> left_out_by(
    const BlockedRun& blocked, const model::Inventory& inventory) {
    std::vector<apply::TakenBack> all = blocked.patches;
    for (const model::Offer& offer : inventory.offers) {
        const bool is_pinned =
            std::ranges::any_of(blocked.pinned, [&](const apply::PinnedVersion& pinned) {
                return inventory::is_pinned(
                    pinned, offer.name, offer.architecture, offer.candidate_version);
            });
        if (is_pinned) {
            // Updates that are no security matter are known by the version of the binary package.
            for (const std::string& version : {offer.source_version, offer.candidate_version}) {
                all.push_back(
                    {.source = offer.source_name,
                     .version = version,
                     .run = blocked.run,
                     .at = {}});
            }
        }
    }
    return all;
}

Result<void> refuse_unread(
    const model::Plan& plan, std::span<const KeptRun> runs, const std::string& root) {
    const RunsOfHost host(root);
    for (const KeptRun& run : runs) {
        if (run.is_unread() && host.have(run) && run.last_at() >= plan.created_at) {
            return failure(
                ErrorKind::Conflict,
                "cli.run_unread",
                "the record of run " + run.id + " cannot be read (" + run.problem
                    + "), which may have taken back what this plan brings; make a new plan, or, when "
                      "that may be installed again: thimble patch unblock "
                    + run.id + " --reason TEXT");
        }
    }
    return {};
}

std::string pin_of(const BlockedRun& blocked) {
    if (!blocked.problem.empty() && is_pinned(blocked)) {
        return apply::pin_path(blocked.run);
    }
    const bool is_pinned = has_pins(blocked.manager)
        && !apply::format_pins({.run = blocked.run, .steps = blocked.steps}).empty();
    return is_pinned ? apply::pin_path(blocked.run) : std::string();
}

bool is_pinned(const BlockedRun& blocked) {
    const std::vector<std::string> pinned = apply::pinned_runs(blocked.root);
    return std::ranges::find(pinned, blocked.run) != pinned.end();
}

std::string block_reach(const BlockedRun& blocked) {
    const std::string pin = pin_of(blocked);
    if (pin.empty() && blocked.patches.empty()) {
        return "nothing keeps plans of Thimble, or others, from installing it";
    }
    if (pin.empty()) {
        return "no plan of Thimble takes it; nothing keeps others from installing it";
    }
    const std::vector<std::string> unpinned = names_without_pin(blocked);
    const std::string exception = unpinned.empty() ? std::string()
                                                   : ", which does not name "
            + listed_names(unpinned, ", ", kMostOfWords) + ": nothing keeps others from that";
    return is_pinned(blocked) ? "no plan of Thimble takes it, and apt does not: " + pin + exception
                              : "no plan of Thimble takes it, but apt would install it again: "
            + pin + " is not there; thimble patch resume writes it" + exception;
}

Result<void> settle_host_pins(
    const PatchOptions& options, std::span<const KeptRun> runs, std::ostream& err) {
    const std::string root = root_of(options);
    const std::vector<std::string> pinned = apply::pinned_runs(root);
    std::vector<apply::PinnedRun> wanted;
    for (BlockedRun& blocked : blocked_runs(runs, root)) {
        if (has_pins(blocked.manager)) {
            wanted.push_back({.run = blocked.run, .steps = std::move(blocked.steps)});
        }
    }
    std::vector<std::string> known;
    const RunsOfHost host(root);
    for (const KeptRun& run : runs) {
        if (is_going_back(run, runs, host) && has_pins(run.plan.manager)) {
            wanted.push_back({.run = run.id, .steps = steps_of(run.plan, patches_of(run))});
        }
        if (run.problem.empty() || (run.unblocked && !host.is_of_other(run))) {
            known.push_back(run.id);
        } else if (host.has_pin_of(run.id)) {
            err << "thimble: " << apply::pin_path(run.id) << " stays as it is, since run " << run.id
                << " cannot be read: " << printable(run.problem) << '\n';
        }
    }
    for (const std::string& run : pinned) {
        if (was_allowed_again(patch_state(options), run)) {
            known.push_back(run);
            err << "thimble: " << apply::pin_path(run) << " is no longer wanted: run " << run
                << ", of which there is no record, was allowed again\n";
        }
    }
    THIMBLE_TRY(apply::settle_pins(root, wanted, known));
    return {};
}

int run_patch_unblock(const PatchOptions& options, std::ostream& out, std::ostream& err) {
    const auto unblocked = unblock(options, err);
    if (!unblocked) {
        return complain(err, unblocked.error());
    }
    if (options.json) {
        std::string text;
        JsonWriter json(text);
        json.open_object().member("run", unblocked->run.run).key("unblocked").open_array();
        for (const apply::TakenBack& patch : unblocked->run.patches) {
            json.open_object().member("source", patch.source);
            json.member("version", patch.version).close_object();
        }
        json.close_array().close_object();
        out << text << "\n";
    } else if (is_looked_at_alone(unblocked->run)) {
        out << wrapped_text(
            "Run " + unblocked->run.run
                + " blocks nothing; that somebody has looked at it is recorded",
            {.first = "", .further = "  "})
            << "\n"
            << next_command_lines("thimble verify" + same_host(options));
    } else {
        const std::string words = printable(blocked_words(unblocked->run, kMostOfWords));
        out << wrapped_text("Allowed again: " + words, {.first = "", .further = "  "}) << "\n"
            << next_command_lines(
                   model::plan_command({selection_of(unblocked->run), {}}, same_host(options)));
    }
    return unblocked->pins_are_settled ? kNothingDue : kSomethingDue;
}

}  // namespace thimble::cli
