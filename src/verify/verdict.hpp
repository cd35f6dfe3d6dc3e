#pragma once
/// @file What is to be said of each patch of a plan, from a fresh look at the host. Pure.

#include "thimble/base/instant.hpp"
#include "thimble/model/inventory.hpp"
#include "thimble/model/patch_state.hpp"
#include "thimble/model/plan.hpp"
#include "thimble/verify/boot_facts.hpp"
#include "thimble/verify/boot_loader.hpp"
#include "thimble/verify/health.hpp"
#include "thimble/verify/old_files.hpp"
#include "thimble/verify/package_files.hpp"
#include "thimble/verify/processes_of_root.hpp"
#include "thimble/verify/running_interpreters.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::verify {

/// What makes a unit let go of the old files.
enum class RestartSafety : std::uint8_t {
    Safe,     ///< restarting it interrupts nothing but itself, and that briefly
    Careful,  ///< a restart may cut users, guests or the network off: for a person, in a window
    Reboot,   ///< only a reboot replaces it
};

struct UnitRestart {
    std::string unit;  ///< or the process, where there is no unit: "sshd (4711)"
    RestartSafety safety = RestartSafety::Careful;
    std::string why;
    std::vector<std::string> argv;  ///< how, when it is Safe
    bool operator==(const UnitRestart&) const = default;
};

/// Decides by the kind of unit and by a table of names.
/// @param own_unit  the service that asks, which must not end itself; empty: none
/// @source needrestart's defaults; systemd.service(5)
UnitRestart restart_of(const model::StaleProcess& process, std::string_view own_unit);

/// Of a process that runs from a directory, and not of this machine's own system: for a person.
UnitRestart restart_of(const RootProcess& process);

/// Of a boot loader whose copies are of another version: for a person.
UnitRestart restart_of(const BootLoaderCopies& copies);

struct PatchVerdict {
    std::string source;
    std::string from_version;
    std::string to_version;
    std::vector<std::string> vulnerabilities;
    model::PatchState state = model::PatchState::Unknown;
    std::vector<std::string> evidence;  ///< each one sentence
    std::vector<UnitRestart> restarts;  ///< by unit
    bool operator==(const PatchVerdict&) const = default;
};

/// A run that took a patch back.
struct WayBack {
    std::string source;
    std::string to_version;
    std::string run;
    Instant at;           ///< when that had ended
    std::string why;      ///< without a full stop
    bool arrived = true;  ///< false: the versions before could not be brought back
};

/// A fresh look at the host, and what is on record.
struct VerifyFacts {
    model::Inventory inventory;
    bool runs = true;                      ///< false: a directory from which no process runs
    std::optional<RootProcesses> of_root;  ///< of a directory; none: the host is this machine
    std::string own_unit;                  ///< the service that this program runs in; empty: none
    std::vector<PackageFiles> files;       ///< of the plan's packages, and of packages_left
    std::vector<RunningInterpreter>
        interpreters;                 ///< where a package of the plan brings modules for one
    std::vector<HealthCheck> health;  ///< against the baseline; empty: there is none
    std::vector<OldFiles> old_files;  ///< of the run; empty: it has kept none
    std::vector<BootLoaderCopies>
        boot_loaders;                ///< of the plan's; none of a container or a directory
    BootFacts boot;                  ///< of a host that runs
    std::vector<WayBack> ways_back;  ///< the last of each patch that was taken back
};

/// One verdict per patch of the plan, in its order. Verified only when every package is at least at the
/// plan's version and finished, none with code of the same source was left where it was, as are those that came with it and the package manager itself, its files are intact, no process maps what was replaced, nor may have read modules before they were replaced, the kernel that runs is
/// the newest installed, and what is loaded at boot was there before the boot, in the initial file system, too, that it began with,
/// none of its packages asks for a boot, and what boots is of its package. What cannot be seen is Unknown, so is what the
/// baseline saw and nobody can see now, and so are files that nobody has digests of. What is missing because a run took it back is RolledBack. What runs from a
/// directory is named; it is never known from without to have nothing of the versions before.
/// @source workflow 6.1, 6.2
std::vector<PatchVerdict> judge_patches(const model::Plan& plan, const VerifyFacts& facts);

/// What the plan leaves of its patches' sources at the versions before: their files, too, the verdict wants.
std::vector<PackageName> packages_left(const model::Plan& plan, const model::Inventory& inventory);

/// Whether a package has modules that programs of a language read.
bool brings_modules(const PackageFiles& files);

/// Whether the verdict depends on when a package's files came: they are a kernel, or loaded at boot, or by programs that were started before.
bool depends_on_time(const model::PlannedStep& step, const PackageFiles& files);

/// Every unit and process that still maps a replaced file, whatever the package.
std::vector<UnitRestart> pending_restarts(const VerifyFacts& facts);

/// Why the host waits for a boot, whatever was patched: its kernel, or what the packages said of themselves. Each a sentence.
std::vector<std::string> reasons_to_boot(const VerifyFacts& facts);

std::string_view restart_safety_name(RestartSafety safety);

}  // namespace thimble::verify
