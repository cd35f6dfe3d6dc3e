#include "thimble/cli/patch_folders.hpp"

#include "thimble/apply/configuration_return.hpp"
#include "thimble/apply/plan_file.hpp"
#include "thimble/apply/whole_file.hpp"
#include "thimble/base/json_members.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/cli/host_root.hpp"
#include "thimble/cli/taken_back_memory.hpp"
#include "thimble/host/local_host.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <map>
#include <system_error>

namespace thimble::cli {
namespace {

constexpr std::size_t kMaxPlan = std::size_t{64} << 20;
constexpr std::size_t kMaxSnapshot = std::size_t{64} << 10;
constexpr std::size_t kMaxJournal = std::size_t{64} << 20;

constexpr int kMostWithinASecond = 100;

/// "20261124T111500Z-00": ids sort by time, also those of one second.
std::string run_id(Instant now, int sequence) {
    std::string id;
    for (const char c : format_instant(now)) {
        if (c != '-' && c != ':') {
            id += c;
        }
    }
    id += sequence < 10 ? "-0" : "-";
    return id + std::to_string(sequence);
}

constexpr const char* kUnblocked = "unblocked.json";
constexpr const char* kUnblockedFormat = "thimble.unblocked/1";

/// Of a run whose folder is gone.
std::filesystem::path unblocking_of_lost(
    const std::filesystem::path& state, const std::string& run) {
    return state / "unblocked" / (run + ".json");
}

/// What cannot be read allows nothing.
std::optional<Unblocking> read_unblocking(const std::filesystem::path& file) {
    constexpr std::size_t kMost = std::size_t{64} << 10;
    const auto text = apply::read_whole_file(file.string(), kMost);
    const auto document = text ? parse_json(*text) : Result<JsonValue>(text.error());
    if (!document) {
        return std::nullopt;
    }
    JsonMembers members(*document);
    const bool is_known = members.text("format") == kUnblockedFormat;
    const auto at = parse_instant(members.text("at"));
    std::string reason = members.text("reason");
    if (!members.done() || !is_known || !at) {
        return std::nullopt;
    }
    return Unblocking{.at = *at, .reason = std::move(reason)};
}

KeptRun read_run(const std::filesystem::path& folder) {
    KeptRun run;
    run.id = folder.filename().string();
    run.folder = folder;
    if (auto root = apply::read_whole_file((folder / "root").string(), 4096)) {
        run.root = *std::move(root);
    } else {
        run.problem = root.error().text();
    }
    run.takes_back =
        apply::read_whole_file((folder / "takes_back").string(), 256).value_or(std::string());
    auto plan = read_plan((folder / "plan.json").string());
    if (plan) {
        run.plan = *std::move(plan);
    } else {
        run.problem = plan.error().text();
    }
    const auto text = apply::read_whole_file((folder / "journal").string(), kMaxJournal);
    auto journal = text ? apply::parse_journal(*text) : Result<apply::JournalContent>(text.error());
    run.was_begun = text || text.error().kind != ErrorKind::NotFound;
    if (journal) {
        run.entries = std::move(journal->entries);
    } else if (journal.error().kind != ErrorKind::NotFound) {
        run.problem = journal.error().text();
    }
    if (!run.was_begun) {
        run.problem
            .clear();  // killed, or without room, while its folder was filled: nothing was changed
    }
    run.unblocked = read_unblocking(folder / kUnblocked);
    const auto snapshot = apply::read_whole_file(snapshot_path(folder).string(), kMaxSnapshot);
    if (snapshot) {
        if (auto read = apply::parse_snapshot(*snapshot)) {
            run.snapshot = *std::move(read);
        }
    }
    return run;
}

/// Joins what a scan is told of a run to a record that cannot be read. A record without a journal is of a run that was killed before it
/// began, unless it is remembered to have taken something back.
void recall(std::span<const TakenBackPatch> memory, KeptRun& run) {
    for (const TakenBackPatch& patch : memory) {
        if (patch.run != run.id || !run.may_be_of(patch.root)) {
            continue;
        }
        if (run.problem.empty() && run.entries.empty()) {
            run.problem = "it has no journal, although it took something back";
        }
        if (!run.problem.empty()) {
            run.root = patch.root;
            run.remembered.push_back({patch.source, "", patch.version, {}});
        }
    }
}

/// When a run began, as its id says it; the earliest instant where it does not.
Instant begin_of(std::string_view run) {
    constexpr std::string_view kForm = "YYYYMMDDTHHMMSSZ";
    if (run.size() < kForm.size()) {
        return {};
    }
    std::string text(run.substr(0, kForm.size()));
    for (const std::size_t colon : {std::size_t{13}, std::size_t{11}}) {
        text.insert(colon, ":");
    }
    for (const std::size_t hyphen : {std::size_t{6}, std::size_t{4}}) {
        text.insert(hyphen, "-");
    }
    return parse_instant(text).value_or(Instant());
}

/// The runs whose folder is gone: somebody has removed it, and nothing is blocked or allowed again by that.
std::vector<KeptRun> lost_runs(
    const TakenBackMemory& memory,
    const std::filesystem::path& state,
    std::span<const KeptRun> there) {
    std::map<std::string, KeptRun> lost;
    const auto find_lost = [&](const std::string& run, const std::string& root) -> KeptRun* {
        const bool is_name = !run.contains('/') && !run.starts_with('.');
        if (!is_name || std::ranges::find(there, run, &KeptRun::id) != there.end()) {
            return nullptr;
        }
        KeptRun& found = lost[run];
        found.id = run;
        found.folder = state / "runs" / run;
        found.root = root;
        found.is_lost = true;
        found.problem = "its folder is gone";
        found.unblocked = read_unblocking(unblocking_of_lost(state, run));
        return &found;
    };
    for (const TakenBackPatch& patch : memory.patches) {
        if (KeptRun* run = find_lost(patch.run, patch.root)) {
            run->remembered.push_back({patch.source, "", patch.version, {}});
        }
    }
    for (const UnreadRun& unread : memory.unread) {
        const std::string root = unread.root == kAnyRoot ? std::string() : unread.root;
        if (KeptRun* run = find_lost(unread.run, root)) {
            run->was_begun = true;
        }
    }
    std::vector<KeptRun> runs;
    runs.reserve(lost.size());
    for (auto& [id, run] : lost) {
        runs.push_back(std::move(run));
    }
    return runs;
}

/// A way back that was not finished rests on the record of the run that it takes back, too.
void look_at_ways_back(std::vector<KeptRun>& runs) {
    for (KeptRun& run : runs) {
        const bool is_open_rollback = run.problem.empty() && !run.has_ended()
            && !run.entries.empty() && run.entries.front().word == "rollback";
        if (!is_open_rollback) {
            continue;
        }
        const auto taken = std::ranges::find(runs, run.takes_back, &KeptRun::id);
        if (taken == runs.end()) {
            run.problem =
                "there is no run " + printable(run.takes_back, 100) + ", which it takes back";
        } else if (!taken->problem.empty()) {
            run.problem = "of run " + taken->id + ", which it takes back: " + taken->problem;
        }
    }
}

/// By root, each oldest first.
using EndedRuns = std::map<std::string, std::vector<apply::EarlierRun>>;

EndedRuns ended_runs(std::span<const KeptRun> all) {
    EndedRuns runs;
    for (const KeptRun& run : all) {
        if (run.root.empty()) {
            continue;  // of which host it is cannot be read: it is unread for each
        }
        if (!run.remembered.empty()) {
            runs[run.root].push_back(
                {run.id,
                 std::string(apply::run_result_name(apply::RunResult::RolledBack)),
                 run.last_at(),
                 "",
                 run.remembered,
                 run.unblocked.has_value(),
                 apply::RunCause::Patch});
        } else if (run.has_ended()) {
            const apply::JournalEntry& last = run.entries.back();
            runs[run.root].push_back(
                {run.id,
                 last.word,
                 last.at,
                 apply::plan_digest(run.plan),
                 run.plan.patches,
                 run.unblocked.has_value(),
                 cause_of(run, all)});
        }
    }
    return runs;
}

/// Those of a host, by whatever path they knew it; oldest first.
std::vector<apply::EarlierRun> runs_of(const EndedRuns& runs, const std::string& root) {
    std::vector<apply::EarlierRun> all;
    for (const auto& [name, ended] : runs) {
        if (is_same_root(name, root)) {
            std::ranges::copy(ended, std::back_inserter(all));
        }
    }
    std::ranges::sort(all, {}, &apply::EarlierRun::id);
    return all;
}

}  // namespace

bool KeptRun::has_ended() const {
    return !entries.empty() && entries.back().phase == apply::RunPhase::Ended;
}

bool has_failed_to_go_back(const KeptRun& run) {
    return run.problem.empty() && run.has_ended()
        && run.entries.back().word == apply::run_result_name(apply::RunResult::RollbackFailed);
}

std::optional<FailedReturn> failed_return(std::span<const KeptRun> runs, const std::string& root) {
    const auto newest = std::find_if(runs.rbegin(), runs.rend(), [&](const KeptRun& run) {
        // One that changed nothing mends nothing.
        return run.is_of(root) && run.has_ended()
            && run.entries.back().word != apply::run_result_name(apply::RunResult::Skipped)
            && run.entries.back().word != apply::run_result_name(apply::RunResult::Unchanged);
    });
    if (newest == runs.rend() || newest->unblocked || !has_failed_to_go_back(*newest)) {
        return std::nullopt;
    }
    return FailedReturn{
        .run = newest->id,
        .taken = newest->takes_back.empty() ? newest->id : newest->takes_back,
        .cause = cause_of(*newest, runs)};
}

apply::RunCause cause_of(const KeptRun& run, std::span<const KeptRun> runs) {
    const auto taken = std::ranges::find(runs, run.takes_back, &KeptRun::id);
    const bool is_known = taken != runs.end() && taken->problem.empty() && taken->is_of(run.root);
    return apply::run_cause(
        run.entries, is_known ? taken->entries : std::span<const apply::JournalEntry>());
}

bool KeptRun::is_unread() const {
    if (problem.empty() || !was_begun || unblocked || !remembered.empty()) {
        return false;
    }
    const auto is_result = [&](apply::RunResult result) {
        return entries.back().word == apply::run_result_name(result);
    };
    return !has_ended() || is_result(apply::RunResult::RolledBack)
        || is_result(apply::RunResult::RollbackFailed);
}

bool KeptRun::is_of(const std::string& other) const {
    return !root.empty() && is_same_root(root, other);
}

bool KeptRun::may_be_of(const std::string& other) const {
    return root.empty() || is_same_root(root, other);
}

Instant KeptRun::last_at() const {
    if (!entries.empty()) {
        return entries.back().at;
    }
    Instant at = is_lost ? begin_of(id) : Instant();
    for (const std::filesystem::path& path : {folder, folder / "journal"}) {
        struct stat info{};
        if (::stat(path.c_str(), &info) == 0) {
            at = std::max(at, Instant(std::chrono::seconds(info.st_mtim.tv_sec)));
        }
    }
    return at;
}

Result<void> check_state(const std::filesystem::path& state, StateUse use) {
    for (const auto& [folder, name] :
         {std::pair(state, "the state directory "),
          std::pair(state / "runs", "the folder of runs ")}) {
        const int wanted = use == StateUse::Change ? R_OK | W_OK | X_OK : R_OK | X_OK;
        if (::access(folder.c_str(), wanted) != 0 && (errno == EACCES || errno == EROFS)) {
            return failure(
                ErrorKind::Denied,
                "cli.state_closed",
                name + folder.string()
                    + (use == StateUse::Change ? " cannot be written: " : " cannot be read: ")
                    + std::strerror(errno));
        }
    }
    // Runs that cannot be listed are not none: what they block, and what a way back needs, hangs on them.
    std::error_code error;
    for (auto entry = std::filesystem::directory_iterator(state / "runs", error);
         !error && entry != std::filesystem::directory_iterator();
         entry.increment(error)) {}
    if (error && error != std::errc::no_such_file_or_directory) {
        return failure(
            ErrorKind::Unavailable,
            "cli.state_closed",
            (state / "runs").string() + " cannot be listed: " + error.message()
                + "; look at the disk");
    }
    return {};
}

std::vector<OpenRun> open_runs(std::span<const KeptRun> runs, const std::string& root) {
    std::vector<OpenRun> open;
    for (const KeptRun& run : runs) {
        const bool is_read = run.problem.empty();
        const bool may_go_on =
            is_read ? !run.entries.empty() : run.was_begun && !run.is_lost && !run.unblocked;
        if (run.may_be_of(root) && may_go_on && !run.has_ended()) {
            open.push_back({.run = run.id, .problem = run.problem});
        }
    }
    return open;
}

std::filesystem::path snapshot_path(const std::filesystem::path& run) {
    return run / "snapshot.json";
}

Result<std::filesystem::path> make_run(const std::filesystem::path& state, Instant now) {
    THIMBLE_TRY(apply::make_folder((state / "runs").string()));
    for (int sequence = 0; sequence < kMostWithinASecond; ++sequence) {
        std::filesystem::path folder = state / "runs" / run_id(now, sequence);
        constexpr mode_t kPrivate = 0700;
        if (::mkdir(folder.c_str(), kPrivate) == 0) {
            THIMBLE_TRY(apply::make_folder((folder / "kept").string()));
            // A power cut must find the run by whose record the host is mended.
            THIMBLE_TRY(apply::settle_files((state / "runs").string(), {}));
            THIMBLE_TRY(apply::settle_files(state.string(), {}));
            return folder;
        }
        if (errno != EEXIST) {
            return failure(
                ErrorKind::Denied,
                "cli.no_run_folder",
                folder.string() + " cannot be made: " + std::strerror(errno));
        }
    }
    return failure(ErrorKind::Internal, "cli.no_run_folder", "no free name for a run");
}

std::vector<KeptRun> list_runs(const std::filesystem::path& state) {
    const TakenBackMemory memory = read_taken_back(state);
    std::vector<KeptRun> runs;
    for (const std::string& name :
         host::LocalHost().list((state / "runs").string()).value_or(std::vector<std::string>{})) {
        const std::filesystem::path folder = state / "runs" / name;
        std::error_code error;
        // A name with a dot is of a run that is being removed.
        if (!name.starts_with('.') && std::filesystem::is_directory(folder, error)) {
            recall(memory.patches, runs.emplace_back(read_run(folder)));
        }
    }
    std::ranges::move(lost_runs(memory, state, runs), std::back_inserter(runs));
    std::ranges::sort(runs, {}, &KeptRun::id);
    look_at_ways_back(runs);
    return runs;
}

std::vector<apply::EarlierRun> earlier_runs(
    std::span<const KeptRun> runs, const std::string& root) {
    return runs_of(ended_runs(runs), root);
}

Result<void> write_unblocking(
    const std::filesystem::path& state, const std::string& run, const Unblocking& unblocking) {
    std::string text;
    JsonWriter json(text);
    json.open_object().member("format", kUnblockedFormat);
    json.member("at", format_instant(unblocking.at)).member("reason", unblocking.reason);
    json.close_object();
    const std::filesystem::path folder = state / "runs" / run;
    std::error_code error;
    if (std::filesystem::is_directory(folder, error)) {
        return apply::write_whole_file((folder / kUnblocked).string(), text + "\n");
    }
    const std::filesystem::path file = unblocking_of_lost(state, run);
    THIMBLE_TRY(apply::make_folder(file.parent_path().string()));
    return apply::write_whole_file(file.string(), text + "\n");
}

bool was_allowed_again(const std::filesystem::path& state, const std::string& run) {
    return read_unblocking(unblocking_of_lost(state, run)).has_value();
}

Result<void> remember_taken_back(
    const std::filesystem::path& state, std::span<const KeptRun> runs) {
    TakenBackMemory memory;
    const EndedRuns ended = ended_runs(runs);
    for (const auto& [root, own] : ended) {
        for (const apply::TakenBack& one : apply::taken_back_patches(runs_of(ended, root))) {
            // Each by the path that its own run knew.
            if (std::ranges::find(own, one.run, &apply::EarlierRun::id) != own.end()) {
                memory.patches.push_back({root, one.source, one.version, one.run});
            }
        }
    }
    for (const KeptRun& run : runs) {
        if (run.is_unread()) {
            memory.unread.push_back({.root = run.root, .run = run.id});
        }
    }
    if (read_taken_back(state) == memory) {
        return {};  // as mostly; to write is to wait for the disk twice
    }
    return apply::write_whole_file(taken_back_path(state).string(), format_taken_back(memory));
}

std::vector<std::string> left_files(const KeptRun& run, const std::vector<KeptRun>& runs) {
    const auto is_back = [](const KeptRun& one) {
        return one.has_ended() && one.entries.back().word == "rolled_back";
    };
    const bool was_taken_back =
        is_back(run) || std::ranges::any_of(runs, [&](const KeptRun& other) {
            return other.takes_back == run.id && is_back(other);
        });
    if (was_taken_back) {
        return {};
    }
    return apply::files_left_beside((run.folder / "kept").string())
        .value_or(std::vector<std::string>{});
}

std::vector<std::string> still_there(host::Host& host, const std::vector<std::string>& paths) {
    std::vector<std::string> there;
    std::ranges::copy_if(paths, std::back_inserter(there), [&](const std::string& path) {
        return host.look(path, host::Follow::No).has_value();
    });
    return there;
}

Result<KeptRun> find_run(const std::filesystem::path& state, const std::string& id) {
    std::error_code error;
    const bool is_name = !id.empty() && !id.contains('/') && id.front() != '.';
    if (!is_name || !std::filesystem::is_directory(state / "runs" / id, error)) {
        const std::vector<KeptRun> runs = list_runs(state);
        const auto known = std::ranges::find(runs, id, &KeptRun::id);
        if (known != runs.end()) {
            return failure(
                ErrorKind::Corrupt,
                "cli.lost_run",
                "run " + id + ": " + known->problem
                    + "; what it took back stays blocked: `thimble doctor` names it");
        }
        return failure(
            ErrorKind::NotFound,
            "cli.no_such_run",
            "there is no run " + id + "; `thimble history` lists all");
    }
    KeptRun run = read_run(state / "runs" / id);
    if (!run.problem.empty()) {
        return failure(ErrorKind::Corrupt, "cli.damaged_run", "run " + id + ": " + run.problem);
    }
    return run;
}

Result<model::Plan> read_plan(const std::string& path) {
    THIMBLE_TRY(const std::string text, apply::read_whole_file(path, kMaxPlan));
    auto plan = apply::parse_plan(text);
    if (!plan) {
        return because(path, std::move(plan).error());
    }
    return plan;
}

}  // namespace thimble::cli
