#pragma once
/// @file The port to the package manager of one host: what apt, dnf, zypper and apk must be able to do.

#include "thimble/apply/origin_patterns.hpp"
#include "thimble/base/result.hpp"
#include "thimble/model/plan.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::apply {

/// A binary package with an exact version.
struct PackageVersion {
    std::string name;
    std::string architecture;
    std::string version;
    bool operator==(const PackageVersion&) const = default;
    auto operator<=>(const PackageVersion&) const = default;
};

/// What is to be brought to which version.
struct Resolving {
    std::vector<PackageVersion> wanted;  ///< exact versions, all of them or none
    std::vector<std::string> excluded;   ///< names that must not change
    model::UpgradeLevel level = model::UpgradeLevel::SecurityOnly;
    std::vector<OriginPattern>
        origins;  ///< what comes from elsewhere is a problem; empty: nothing is
};

/// The whole transaction that would do it.
struct Resolution {
    std::vector<model::PlannedStep> steps;  ///< by name, then architecture
    std::vector<model::PlanProblem> problems;
    std::vector<model::LeftOut>
        left_out;  ///< because they need another version of what is excluded
};

/// Bytes of a running step, for progress: 0..1000 of the whole, and what is being done.
using Progress = std::function<void(std::uint32_t per_mille, std::string_view what)>;

/// Which way a plan is carried out.
enum class Direction : std::uint8_t {
    Forward,  ///< from the versions before to those of the plan
    Back,     ///< to the versions before
};

/// A transaction on exactly these archives.
struct Transaction {
    std::vector<model::PlannedStep> steps;  ///< already in the direction that is wanted
    std::string archives;  ///< folder with the archive of each step, as the host sees it
    model::PlanPolicy policy;
    Progress progress;
    std::function<void(std::string_view)> output;  ///< every piece of output as it comes
    int held = -1;  ///< host::Command::held of the programs that change packages
};

/// What is said where a disk is full: strerror(ENOSPC) of the C locale, in which package managers run. Nothing else tells it.
inline constexpr std::string_view kNoSpaceLeft = "No space left on device";

enum class TransactionEnding : std::uint8_t {
    Done,
    Failed,    ///< the package manager or a maintainer script failed
    TimedOut,  ///< killed: too long, or silent for too long
    Prompted,  ///< killed or failed: it asked a question
    Refused,   ///< stopped before anything changed: what it would do differs from the plan
    Locked,    ///< somebody else holds the package manager
    NoSpace,
};

/// How a transaction went. The truth about versions is what `installed` says afterwards.
struct TransactionReport {
    TransactionEnding ending = TransactionEnding::Failed;
    int exit_status = 0;
    std::string detail;  ///< for people: the failing package and script, the lock's holder …
    std::string failed_package;  ///< empty: none in particular
    std::string output;          ///< the last of it, bounded
    /// Of NoSpace: the package manager itself could not write; else somebody's words in the output are all there is.
    bool is_own_word = false;
};

/// The state of the package database.
struct PackageHealth {
    bool interrupted = false;                ///< a journal of it waits to be replayed
    std::vector<PackageVersion> unfinished;  ///< half-installed, unpacked, half-configured …
    std::vector<std::string> broken;         ///< one line per unmet dependency
    std::vector<PackageVersion> held;        ///< what the owner forbids to change, sorted; no fault
    [[nodiscard]] bool is_clean() const {
        return !interrupted && unfinished.empty() && broken.empty();
    }
};

/// Who holds the package manager's lock.
struct LockHolder {
    std::uint32_t pid = 0;
    std::string command;
    std::string lock;           ///< the file
    bool carries_runs = false;  ///< of a RunLock: its runs are at work, or are about to be
};

/// An old archive that was kept, and where it came from.
struct KeptArchive {
    model::PlannedStep step;  ///< the way back: its archive is the one that was kept
    std::string obtained;     ///< "cache", "repository", "repacked"
};

/// Every call is a fresh look at the host. Commands are argument vectors; names are checked before.
class PackageManager {
public:
    PackageManager() = default;
    PackageManager(const PackageManager&) = delete;
    PackageManager& operator=(const PackageManager&) = delete;
    PackageManager(PackageManager&&) = delete;
    PackageManager& operator=(PackageManager&&) = delete;
    virtual ~PackageManager() = default;

    [[nodiscard]] virtual std::string_view name() const = 0;

    /// What it would take to bring `wanted` about. Changes nothing, needs no lock.
    /// @error Unavailable: the index cannot be read; NotFound "apply.version_gone"
    virtual Result<Resolution> resolve(const Resolving& wanted) = 0;

    /// Fetches the archive of each step into `folder` and checks size and digest; what is there
    /// already and right is not fetched again.
    /// @error Corrupt "apply.wrong_archive" names the archive; Unavailable "apply.not_fetched"
    virtual Result<void> fetch(
        std::span<const model::PlannedStep> steps,
        const std::string& folder,
        const Progress& progress) = 0;

    /// Configuration file conflicts of the fetched archives with the host's files.
    virtual Result<std::vector<model::PlannedConffile>> predict_conffiles(
        std::span<const model::PlannedStep> steps, const std::string& folder) = 0;

    /// The configuration files of the steps' packages, as the package manager knows them now, and of
    /// the archives in `folder`.
    virtual Result<std::vector<std::string>> configuration_files(
        std::span<const model::PlannedStep> steps, const std::string& folder) = 0;

    /// Fetches what keep_current will want of the repositories, so that a run need not wait for it. What does not come is no error:
    /// keep_current has other ways, and says where it has none. By default nothing is.
    virtual void fetch_current(std::span<const model::PlannedStep> /*steps*/) {}

    /// Puts the archives of the versions before into `folder`: what was fetched for it, from the package manager's cache, a
    /// repository, or repacked from the installed files.
    /// @return the steps back, by name; for a package that is new the step back is its removal
    virtual Result<std::vector<KeptArchive>> keep_current(
        std::span<const model::PlannedStep> steps, const std::string& folder) = 0;

    /// Runs the transaction, on exactly the archives in the folder. Whatever it ends in is a report;
    /// an error means that it was not begun.
    virtual Result<TransactionReport> run(const Transaction& transaction) = 0;

    virtual Result<PackageHealth> health() = 0;

    /// Finishes what was interrupted, keeping the host's configuration files.
    virtual Result<TransactionReport> repair(const Transaction& limits) = 0;

    /// After a way back: forgets packages and configuration files that the run had brought, as far as no script of a package has
    /// a say in it. What it remembers it would take for removed by the owner when it comes again. By default it remembers none.
    /// @param added  packages that are removed again, of which nothing was known before
    /// @param files  configuration files that are gone again
    /// @return those of the packages that it still remembers with configuration files
    virtual Result<std::vector<std::string>> forget(
        std::span<const model::PlannedStep> /*added*/, std::span<const std::string> /*files*/) {
        return std::vector<std::string>{};
    }

    /// After a way back: what the package manager has on record of the configuration files of a package becomes what it was
    /// before the run, where the archive that was kept could not carry it. The files are not touched. By default there is no such.
    /// @param folder  where keep_current has put the archives
    virtual Result<void> return_records(const std::string& /*folder*/) { return {}; }

    /// Who holds the package manager now; none: nobody.
    virtual Result<std::optional<LockHolder>> lock_holder() = 0;

    /// All installed packages, sorted.
    virtual Result<std::vector<PackageVersion>> installed() = 0;

    /// Digest of everything that a plan rests on: packages, versions, states, holds.
    virtual Result<std::string> host_state() = 0;
};

}  // namespace thimble::apply
