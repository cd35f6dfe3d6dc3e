#pragma once
/// @file Where plans, rehearsals and runs are kept.

#include "thimble/apply/host_snapshot.hpp"
#include "thimble/apply/run_journal.hpp"
#include "thimble/apply/taken_back.hpp"
#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/host.hpp"
#include "thimble/model/plan.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace thimble::cli {

/// Who reviewed what a run took back allows it again.
struct Unblocking {
    Instant at;
    std::string reason;
};

/// A run as its folder tells it.
struct KeptRun {
    std::string id;
    std::filesystem::path folder;
    std::string root;        ///< of the host: "/" or a directory; empty: not known
    std::string takes_back;  ///< of a rollback: the run that it takes back
    model::Plan plan;
    std::vector<apply::JournalEntry> entries;
    std::optional<apply::Snapshot> snapshot;  ///< that was taken before it and is still there
    std::optional<Unblocking> unblocked;      ///< none: what it took back, if anything, is blocked
    std::string
        problem;  ///< why root, plan or journal cannot be read; empty: all is well, or it was not begun
    bool was_begun = false;  ///< there is a journal, whether or not it can be read
    bool is_lost = false;    ///< its folder is gone, and is remembered; then there is a problem
    /// Where there is a problem: what it is remembered to have taken back, of which nothing else has become since.
    std::vector<model::PlannedPatch> remembered;
    [[nodiscard]] bool has_ended() const;
    /// It may have taken something back, and nothing says what; nobody has allowed that again.
    [[nodiscard]] bool is_unread() const;
    /// Whether it is of the host with the root `other`, by whatever path (is_same_root).
    [[nodiscard]] bool is_of(const std::string& other) const;
    /// Whether it is of that host, or may be, since its own root cannot be read.
    [[nodiscard]] bool may_be_of(const std::string& other) const;
    /// When its last entry was made; where its journal cannot be read, the folder's last change instead.
    [[nodiscard]] Instant last_at() const;
};

/// Whether the way back of a run, or a run that was one, did not get there: the host is between two states.
bool has_failed_to_go_back(const KeptRun& run);

/// A way back that did not get there.
struct FailedReturn {
    std::string run;
    std::string taken;  ///< the run that it was to take back; may be the same
    apply::RunCause cause = apply::RunCause::Patch;
};

/// The last run of the host `root` that changed something, where it was to go back and did not get there, until
/// somebody who has looked at it has unblocked it.
std::optional<FailedReturn> failed_return(std::span<const KeptRun> runs, const std::string& root);

/// What a run came to its end by, or the run that it takes back.
/// @param runs  of list_runs; what is not among them is not known
apply::RunCause cause_of(const KeptRun& run, std::span<const KeptRun> runs);

/// A run of a host that has not ended, or of which that is not known.
struct OpenRun {
    std::string run;
    std::string problem;  ///< why its record cannot be read; empty: it did not end
};

/// Runs that may be in the middle of something: what they have changed is in no other run's record.
/// @param runs  of list_runs
/// @return those of the host `root`, oldest first; none that somebody has looked at and unblocked
std::vector<OpenRun> open_runs(std::span<const KeptRun> runs, const std::string& root);

enum class StateUse : std::uint8_t { Look, Change };

/// Whether what is kept can be seen, and written: a folder that somebody else may not open is not empty.
/// A state directory that is not there yet is no error.
/// @error Denied, Unavailable "cli.state_closed"
Result<void> check_state(const std::filesystem::path& state, StateUse use);

/// The record of the snapshot before a run, in its folder.
std::filesystem::path snapshot_path(const std::filesystem::path& run);

/// Makes the folder of a new run.
/// @return its path; the id is its last part
Result<std::filesystem::path> make_run(const std::filesystem::path& state, Instant now);

/// All runs, oldest first; damaged and lost ones too, with their problem and what is remembered of them (taken_back_memory.hpp).
std::vector<KeptRun> list_runs(const std::filesystem::path& state);

/// @param runs  of list_runs
/// @return those of the host `root` that have ended, oldest first; of one that cannot be read, what is remembered
std::vector<apply::EarlierRun> earlier_runs(std::span<const KeptRun> runs, const std::string& root);

/// Writes down that what a run took back is allowed again: in its folder, or beside the folders where that is gone.
Result<void> write_unblocking(
    const std::filesystem::path& state, const std::string& run, const Unblocking& unblocking);

/// Whether what a run took back was allowed again after its folder had gone.
bool was_allowed_again(const std::filesystem::path& state, const std::string& run);

/// Writes down for scans what runs of any host took back.
/// @param runs  of list_runs
Result<void> remember_taken_back(const std::filesystem::path& state, std::span<const KeptRun> runs);

/// What the package manager left beside configuration files (.dpkg-dist, .rpmnew, .rpmsave …), and no way back has taken away: neither
/// of that run, nor of another among all `runs`.
std::vector<std::string> left_files(const KeptRun& run, const std::vector<KeptRun>& runs);

/// Those of the paths that are there, in the same order.
std::vector<std::string> still_there(host::Host& host, const std::vector<std::string>& paths);

/// @error NotFound "cli.no_such_run"; Corrupt "cli.damaged_run", "cli.lost_run"
Result<KeptRun> find_run(const std::filesystem::path& state, const std::string& id);

/// @error NotFound, Denied, Corrupt: see apply::parse_plan
Result<model::Plan> read_plan(const std::string& path);

}  // namespace thimble::cli
