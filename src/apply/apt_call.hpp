#pragma once
/// @file The call of apt-get that carries out a transaction, and nothing else.

#include "thimble/apply/dpkg_reading.hpp"
#include "thimble/apply/expected_actions.hpp"
#include "thimble/base/result.hpp"
#include "thimble/model/plan.hpp"

#include <chrono>
#include <span>
#include <string>
#include <vector>

namespace thimble::apply {

/// What is left to do of a transaction: a part of it may be done already when it was interrupted.
struct RemainingWork {
    std::vector<ExpectedAction> actions;  ///< what the gate lets pass
    std::vector<std::string>
        arguments;  ///< of apt-get: paths of archives, "name-", and one "name=version", the last
    std::string named_archive;  ///< whose version that is; empty: there is none
    bool removes = false;
    bool downgrades = false;
    bool reinstalls = false;
};

/// @param archives  folder of the archives, as the host sees it
RemainingWork remaining_work(
    std::span<const model::PlannedStep> steps,
    const DpkgDatabase& database,
    const std::string& archives);

/// apt knows a version only as it is written in the archive, and there it may have an epoch of 0.
/// @param written  the version of the archive that is named
void name_as_written(const std::string& written, RemainingWork& work);

/// Where things are, as the host sees them.
struct AptGate {
    std::string program;      ///< thimble-gate
    std::string expectation;  ///< the file with the expected actions
    std::string cache;  ///< a folder of ours, empty but for apt's lock, in place of apt's cache
};

enum class FixBroken : bool { No, Yes };

/// The argument vector of apt-get.
std::vector<std::string> apt_install_command(
    const RemainingWork& work,
    const AptGate& gate,
    std::chrono::seconds lock_timeout,
    FixBroken fix_broken);

/// @param mark  "auto" or "manual"
std::vector<std::string> apt_mark_command(
    const std::string& mark, const std::vector<std::string>& packages);

/// dpkg --configure -a that keeps the host's configuration files.
std::vector<std::string> dpkg_configure_command();

/// dpkg's own journal into its database, and nothing else: a dpkg that was killed leaves it, and apt does
/// nothing while it is there.
std::vector<std::string> dpkg_merge_command();

/// dpkg --unpack of these archives, likewise.
std::vector<std::string> dpkg_unpack_command(const std::vector<std::string>& paths);

/// The archives of packages that dpkg was stopped at, to be unpacked again before anything else. Those
/// that were being unpacked: dpkg wants them, and apt gives up when the version that was being replaced
/// is offered nowhere. Those with configuration files that were being configured: between putting a file
/// in place and noting so dpkg forgets which version it is of, and would call it edited ever after; it
/// learns it again when the file comes again.
std::vector<std::string> archives_to_unpack_again(
    std::span<const model::PlannedStep> steps,
    const DpkgDatabase& database,
    const std::string& archives);

/// Of these, the archives of packages that were being unpacked alone.
std::vector<std::string> torn_archives(
    std::span<const model::PlannedStep> steps,
    const DpkgDatabase& database,
    const std::string& archives);

/// What keeps apt, debconf and the hooks of others from asking or restarting anything.
std::vector<std::string> apt_environment();

/// Refuses what could become another word, option or path.
/// @error Invalid "apply.bad_step", "apply.bad_path"
Result<void> check_call(
    std::span<const model::PlannedStep> steps, const std::string& archives, const AptGate& gate);

/// Packages whose mark differs from the plan's, as apt-mark names them.
struct WrongMarks {
    std::vector<std::string> to_automatic;
    std::vector<std::string> to_manual;
};
WrongMarks wrong_marks(std::span<const model::PlannedStep> steps, const DpkgDatabase& database);

}  // namespace thimble::apply
