#include "thimble/cli/prune_command.hpp"

#include "thimble/apply/host_snapshot.hpp"
#include "thimble/apply/run_lock.hpp"
#include "thimble/apply/whole_file.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/cli/blocked_patches.hpp"
#include "thimble/cli/complain.hpp"
#include "thimble/cli/exit_status.hpp"
#include "thimble/cli/patch_folders.hpp"
#include "thimble/cli/patch_host.hpp"
#include "thimble/host/local_host.hpp"
#include "thimble/host/system_clock.hpp"
#include "thimble/rehearse/rehearsal_file.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

namespace thimble::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPruned = "archives_pruned";
/// A folder that goes is out of sight first: one that was half removed would be a damaged run.
constexpr std::string_view kGoing = ".going-";

Error not_pruned(const fs::path& path, const std::error_code& error) {
    return failure(
        ErrorKind::Unavailable,
        "cli.not_pruned",
        path.string() + " cannot be removed: " + error.message());
}

std::uint64_t size_of(const fs::path& path) {
    struct stat info{};
    constexpr std::uint64_t kBlock = 512;
    return ::lstat(path.c_str(), &info) == 0 ? static_cast<std::uint64_t>(info.st_blocks) * kBlock
                                             : 0;
}

Result<void> remove_file(const fs::path& path, std::uint64_t& freed) {
    const std::uint64_t size = size_of(path);
    std::error_code error;
    if (fs::remove(path, error)) {
        freed += size;
    }
    return error ? Result<void>(not_pruned(path, error)) : Result<void>();
}

Result<void> remove_tree(const fs::path& folder, std::uint64_t& freed) {
    std::error_code error;
    for (auto entry = fs::recursive_directory_iterator(folder, error);
         !error && entry != fs::recursive_directory_iterator();
         entry.increment(error)) {
        freed += size_of(entry->path());
    }
    fs::remove_all(folder, error);
    return error ? Result<void>(not_pruned(folder, error)) : Result<void>();
}

/// Which files were left beside configuration files is part of the record; it is small.
bool is_record(const std::string& name) {
    return name.starts_with("configuration-") && name.ends_with(".json");
}

/// @return whether it is the first time; what an earlier time could not remove goes now
Result<bool> prune_archives(const fs::path& run, Instant now, std::uint64_t& freed) {
    const bool is_first = !archives_pruned_at(run);
    if (is_first) {
        // First said, then done: a rollback must not find half of them.
        THIMBLE_TRY(apply::write_whole_file((run / kPruned).string(), format_instant(now)));
    }
    THIMBLE_TRY(const auto names, apply::names_in((run / "kept").string()));
    for (const std::string& name : names) {
        if (!is_record(name)) {
            THIMBLE_TRY(remove_file(run / "kept" / name, freed));
        }
    }
    THIMBLE_TRY(remove_file(run / "output.log", freed));
    return is_first;
}

Result<void> prune_record(const fs::path& run, std::uint64_t& freed) {
    const fs::path going = run.parent_path() / (std::string(kGoing) + run.filename().string());
    std::error_code error;
    fs::rename(run, going, error);
    return error ? Result<void>(not_pruned(run, error)) : remove_tree(going, freed);
}

/// What a kill left of prune_record.
Result<void> remove_going(const fs::path& runs, std::uint64_t& freed) {
    const auto names = host::LocalHost().list(runs.string());
    for (const std::string& name : names.value_or(std::vector<std::string>{})) {
        if (name.starts_with(kGoing)) {
            THIMBLE_TRY(remove_tree(runs / name, freed));
        }
    }
    return {};
}

/// Files of a folder that nobody has written or fetched anew for `age`, but those that are needed.
Result<void> remove_old_files(
    const fs::path& folder,
    const std::set<std::string>& needed,
    Instant before,
    std::uint64_t& freed) {
    THIMBLE_TRY(const auto names, apply::names_in(folder.string()));
    for (const std::string& name : names) {
        struct stat info{};
        const bool is_old = ::lstat((folder / name).c_str(), &info) == 0
            && Instant(std::chrono::seconds(info.st_mtim.tv_sec)) < before;
        if (is_old && !needed.contains(name)) {
            THIMBLE_TRY(remove_file(folder / name, freed));
        }
    }
    return {};
}

/// Of one that did not get back the archives are what it gets back with.
bool is_open(const KeptRun& run) {
    return !run.problem.empty() || (!run.has_ended() && !run.entries.empty())
        || has_failed_to_go_back(run);
}

/// One that another process is about to begin looks the same for an instant.
bool was_left_unbegun(const KeptRun& run, Instant now) {
    return run.root.empty() && run.problem.empty() && !run.was_begun
        && run.last_at() + std::chrono::hours(1) < now;
}

/// Snapper clears up by rules of its own.
bool is_ours(const std::optional<apply::Snapshot>& snapshot) {
    return snapshot && snapshot->kind != apply::SnapshotKind::Snapper;
}

std::vector<apply::RetainedRun> retained_runs(
    const std::string& root, const std::vector<KeptRun>& runs, Instant now) {
    const std::vector<BlockedRun> blocked = blocked_runs(runs, root);
    std::vector<apply::RetainedRun> retained;
    for (const KeptRun& run : runs) {
        if (!run.is_of(root) && !was_left_unbegun(run, now)) {
            continue;
        }
        const bool blocks = std::ranges::find(blocked, run.id, &BlockedRun::run) != blocked.end();
        apply::RetainedRun one{
            .id = run.id,
            .at = run.entries.empty() ? Instant() : run.entries.back().at,
            .is_open = is_open(run),
            .blocks = blocks,
            .takes_back = run.takes_back,
            .patches = {}};
        for (const model::PlannedPatch& patch : run.plan.patches) {
            one.patches.emplace_back(patch.source, patch.to_version);
        }
        retained.push_back(std::move(one));
    }
    return retained;
}

/// The archives of plans that a run of any host may still have to carry out, or to take back: a way back asks the new versions
/// which configuration files are theirs.
/// @param gone  runs that are pruned by now
std::set<std::string> needed_archives(
    const std::vector<KeptRun>& runs, const std::vector<std::string>& gone) {
    std::set<std::string> needed;
    for (const KeptRun& run : runs) {
        if (std::ranges::find(gone, run.id) != gone.end() || archives_pruned_at(run.folder)) {
            continue;
        }
        for (const model::PlannedStep& step : run.plan.steps) {
            if (step.archive) {
                needed.insert(step.archive->file_name);
            }
        }
    }
    return needed;
}

/// Files of rehearsals that an apply may still rest on, whatever its bound of their age.
Result<std::set<std::string>> holding_rehearsals(const fs::path& folder, const PrunedHost& host) {
    constexpr std::size_t kMost = std::size_t{64} << 20;
    std::set<std::string> holding;
    THIMBLE_TRY(const auto names, apply::names_in(folder.string()));
    for (const std::string& name : names) {
        const auto text = apply::read_whole_file((folder / name).string(), kMost);
        const auto rehearsal =
            text ? rehearse::parse_rehearsal(*text) : Result<rehearse::Rehearsal>(text.error());
        if (rehearsal && (!host.packages || rehearsal->host_state == *host.packages)) {
            holding.insert(name);
        }
    }
    return holding;
}

/// @param retained  of the host, of `runs`
void prune_snapshots(
    const std::vector<KeptRun>& runs,
    std::vector<apply::RetainedRun> retained,
    const apply::Retention& retention,
    Instant now,
    Pruned& pruned) {
    const auto of = [&](const std::string& id) {
        return std::ranges::find(runs, id, &KeptRun::id);
    };
    std::erase_if(retained, [&](const auto& run) { return !is_ours(of(run.id)->snapshot); });
    for (const std::string& id : apply::retired_snapshots(retained, retention, now)) {
        const auto run = of(id);
        const apply::Snapshot snapshot = run->snapshot.value_or(apply::Snapshot());
        const auto removed = apply::remove_snapshot(snapshot);
        if (!removed && !apply::is_gone(snapshot)) {
            pruned.stays.push_back("the snapshot before run " + id + ": " + removed.error().text());
            continue;
        }
        std::error_code failed;
        fs::remove(snapshot_path(run->folder), failed);
        (removed ? pruned.snapshots : pruned.missing).push_back(id);
    }
}

}  // namespace

PrunedHost pruned_host(const PatchOptions& options) {
    PrunedHost host{.root = root_of(options), .packages = {}};
    if (const auto opened = open_patch_host(options, Opening::Look, "")) {
        if (auto state = opened->packages->host_state()) {
            host.packages = *std::move(state);
        }
    }
    return host;
}

std::optional<Instant> archives_pruned_at(const fs::path& run) {
    constexpr std::size_t kMost = 64;
    const auto text = apply::read_whole_file((run / kPruned).string(), kMost);
    const auto at = text ? parse_instant(*text) : Result<Instant>(text.error());
    return at ? std::optional(*at) : std::nullopt;
}

Result<Pruned> prune_state(
    const fs::path& state, const PrunedHost& host, const apply::Retention& retention, Instant now) {
    Pruned pruned;
    // Runs that cannot be listed still need their archives.
    THIMBLE_TRY(check_state(state, StateUse::Change));
    THIMBLE_TRY(remove_going(state / "runs", pruned.bytes));
    const std::vector<KeptRun> runs = list_runs(state);
    const std::vector<apply::RetainedRun> retained = retained_runs(host.root, runs, now);
    prune_snapshots(runs, retained, retention, now, pruned);
    const apply::Prunable prunable = apply::prunable_runs(retained, retention, now);
    for (const std::string& run : prunable.archives) {
        THIMBLE_TRY(const bool is_first, prune_archives(state / "runs" / run, now, pruned.bytes));
        if (is_first) {
            pruned.archives.push_back(run);
        }
    }
    if (!prunable.records.empty()) {
        // A memory from before a block had ended would take a run that goes for one that was lost.
        THIMBLE_TRY(remember_taken_back(state, runs));
    }
    for (const std::string& run : prunable.records) {
        const auto kept = std::ranges::find(runs, run, &KeptRun::id);
        std::error_code unknown;
        const bool is_there = fs::exists(snapshot_path(state / "runs" / run), unknown);
        if (is_there && (!kept->snapshot || is_ours(kept->snapshot))) {
            continue;  // it stays, and nothing else names it
        }
        THIMBLE_TRY(prune_record(state / "runs" / run, pruned.bytes));
        pruned.records.push_back(run);
    }
    const Instant before = now - retention.archives;
    THIMBLE_TRY(remove_old_files(
        state / "archives", needed_archives(runs, prunable.archives), before, pruned.bytes));
    THIMBLE_TRY(
        const std::set<std::string> holding, holding_rehearsals(state / "rehearsals", host));
    THIMBLE_TRY(remove_old_files(state / "rehearsals", holding, before, pruned.bytes));
    return pruned;
}

void complain_of_what_stays(const Pruned& pruned, std::ostream& err) {
    for (const std::string& one : pruned.stays) {
        err << "thimble: stays: " << printable(one) << '\n';
    }
}

int run_patch_prune(const PatchOptions& options, std::ostream& out, std::ostream& err) {
    const auto lock = apply::RunLock::take(root_of(options), apply::LockPurpose::Other);
    if (!lock) {
        return complain(err, lock.error());
    }
    const auto pruned = prune_state(
        patch_state(options), pruned_host(options), options.retention, host::SystemClock().now());
    if (!pruned) {
        return complain(err, pruned.error());
    }
    if (options.json) {
        std::string text;
        JsonWriter json(text);
        json.open_object().member("archives", pruned->archives);
        json.member("records", pruned->records).member("snapshots", pruned->snapshots);
        json.member("missing_snapshots", pruned->missing).member("stays", pruned->stays);
        json.key("bytes").number(static_cast<std::int64_t>(pruned->bytes)).close_object();
        out << text << "\n";
        return kNothingDue;
    }
    for (const std::string& run : pruned->archives) {
        out << "run " << printable(run)
            << ": its archives are gone; it cannot be taken back any more\n";
    }
    for (const std::string& run : pruned->records) {
        out << "run " << printable(run) << ": its record is gone\n";
    }
    for (const std::string& run : pruned->snapshots) {
        out << "run " << printable(run) << ": the snapshot before it is gone\n";
    }
    for (const std::string& run : pruned->missing) {
        out << "run " << printable(run) << ": the snapshot before it was gone already\n";
    }
    complain_of_what_stays(*pruned, err);
    out << (pruned->bytes >> 10) << " KiB freed.\n";
    return kNothingDue;
}

}  // namespace thimble::cli
