#pragma once
/// @file The rpm side of a host: what dnf and zypper have in common.

#include "thimble/apply/fetched_archives.hpp"
#include "thimble/apply/output_tail.hpp"
#include "thimble/apply/package_manager.hpp"
#include "thimble/apply/rpm_database.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/host.hpp"
#include "thimble/inventory/rpm_call.hpp"
#include "thimble/inventory/rpm_files.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace thimble::apply {

/// Files that rpm put beside configuration files (.rpmnew, .rpmsave, .rpmorig), and what they looked like.
using ConfigLeftovers = std::map<std::string, host::FileInfo>;

/// Whose paths the archives of a transaction have.
enum class ArchivePaths : std::uint8_t {
    OfHost,  ///< as Transaction says
    OfHere,  ///< of this machine: the host is a bare root that runs nothing
};

/// rpm on one host: this machine, a directory of this machine in an enclosure, or a bare install root, on
/// which this machine's rpm works.
class RpmHost {
public:
    /// @param host  outlives this; its local_root is not empty
    explicit RpmHost(host::Host& host, ArchivePaths archives = ArchivePaths::OfHost)
        : host_(host), archives_(archives) {}

    Result<std::vector<RpmEntry>> entries();
    Result<std::vector<PackageVersion>> installed();

    /// @param also  files whose contents count too: locks, enabled module streams
    Result<std::string> state(std::span<const std::string> also);

    /// Duplicates and unmet dependencies; `interrupted` is left to the caller.
    Result<PackageHealth> health();

    Result<std::optional<LockHolder>> lock_holder();
    /// @return who still holds the lock when the time is up
    Result<std::optional<LockHolder>> wait_for_lock(std::chrono::seconds most);

    Result<std::vector<model::PlannedConffile>> predict_conffiles(
        std::span<const model::PlannedStep> steps, const std::string& folder);

    /// Of the installed packages and of the archives, sorted.
    Result<std::vector<std::string>> configuration_files(
        std::span<const model::PlannedStep> steps, const std::string& folder);

    /// PackageManager::keep_current. An rpm cannot be made again from installed files.
    /// @param caches  folders of the host where the package manager leaves archives, searched below
    /// @error NotFound "apply.not_kept" names the package; Conflict "apply.host_changed"
    Result<std::vector<KeptArchive>> keep(
        std::span<const model::PlannedStep> steps,
        const std::string& folder,
        std::span<const std::string> caches,
        const FetchWanted& fetch_wanted);

    /// Why the host does not trust an archive of ours: not signed, or by a key that it does not know.
    /// @return empty: it does
    Result<std::string> signature_problem(const std::string& path);

    /// Whether anything of the transaction is on the host already: in the database, or files of it. What
    /// cannot be read counts as begun.
    bool has_begun(const Transaction& transaction);

    /// The steps of which files on the host are not those that the package before brought, or of which files
    /// are there although no package brought them, as "name.architecture".
    std::set<std::string> touched(
        std::span<const model::PlannedStep> steps, const Transaction& transaction);

    /// Whether a transaction that did not end well left a package between its versions: the database still
    /// tells of the version before, or of both. Files of packages that did not become part of the database
    /// at all are removed, for afterwards nobody knows whose they were.
    /// @param touched_before  what `touched` said before the transaction
    Result<bool> is_torn(
        std::span<const model::PlannedStep> steps,
        const Transaction& transaction,
        const std::set<std::string>& touched_before);

    /// rpm's own test of the archives that come: do their files get in each other's way, or do they not fit?
    /// Dependencies are left to who resolved them.
    /// @return Refused or NoSpace with the reason; nothing: they pass
    Result<std::optional<TransactionReport>> test(
        std::span<const model::PlannedStep> steps, const Transaction& transaction);

    /// Installs every archive of the transaction again over whatever is there, and removes what it removes:
    /// the way out of an rpm that was killed. Nothing is done when nothing was begun.
    Result<TransactionReport> finish(const Transaction& transaction);

    ConfigLeftovers leftovers(std::span<const model::PlannedStep> steps);
    /// One sentence for each file that came since; empty: none.
    std::string new_leftovers(
        std::span<const model::PlannedStep> steps, const ConfigLeftovers& before);

    /// A path of the archives, as a program that runs at `where` sees it.
    [[nodiscard]] std::string seen(inventory::RunsAt where, const std::string& path) const;
    /// The host's root, as a program at `where` sees it.
    [[nodiscard]] std::string root_seen(inventory::RunsAt where) const;

private:
    Result<host::Outcome> query(std::vector<std::string> argv);
    Result<std::vector<inventory::RpmFile>> files_of(const std::vector<std::string>& packages);
    Result<std::vector<std::string>> several_allowed();
    static Result<RpmEntry> entry_of_archive(const std::string& path);
    static bool is_archive_of(const std::string& path, const RpmEntry& entry);
    static bool take_from_caches(
        const std::map<std::string, std::string>& cached,
        const RpmEntry& entry,
        const std::string& target);
    Result<std::vector<inventory::RpmFile>> files_that_come(
        const model::PlannedStep& step, const Transaction& transaction);
    std::size_t sweep(const Transaction& transaction);
    bool take_away(const model::PlannedStep& step, const Transaction& transaction);
    bool is_untouched(const model::PlannedStep& step, const Transaction& transaction);
    Result<TransactionReport> change(std::vector<std::string> argv, const Transaction& transaction);

    host::Host& host_;
    ArchivePaths archives_;
};

/// A program that has ended, one way or the other.
struct RanWithin {
    host::Outcome outcome;        ///< empty when it was killed
    std::optional<Error> killed;  ///< by a limit, and by which
    OutputTail tail;              ///< of what it said
};

/// Runs a program that works on packages within the limits of a transaction: its output goes to the
/// transaction's listener, its status channel to progress.
/// @error it could not be run
Result<RanWithin> run_within(
    host::Host& host,
    inventory::RunsAt where,
    host::Command command,
    const Transaction& transaction);

/// What a limit that was reached, or output that tells of a full disk or a missing terminal, makes of a report.
void classify(const RanWithin& ran, TransactionReport& report);

/// "…lock is held by …"
std::string words_of(const LockHolder& holder);

}  // namespace thimble::apply
