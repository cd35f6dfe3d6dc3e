#pragma once
/// @file The host that is patched, its package manager, and the folders between them and us.

#include "thimble/apply/package_manager.hpp"
#include "thimble/apply/plan_run.hpp"
#include "thimble/base/result.hpp"
#include "thimble/cli/aimed_commands.hpp"
#include "thimble/cli/patch_options.hpp"
#include "thimble/host/enclosure.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/host/host.hpp"
#include "thimble/model/plan.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace thimble::cli {

struct PatchHost {
    std::unique_ptr<host::Host> host;
    std::unique_ptr<apply::PackageManager> packages;  ///< of `host`; goes first
    apply::RunPlaces places;
    bool is_bare = false;  ///< the package manager is this machine's, and nothing can be rehearsed
};

/// @error Conflict "apply.plan_refused": names the first of the plan's problems, and what to do about it
Result<void> refuse_problems(const model::Plan& plan);

/// @param host_state  digest of the packages of a host on which the plan is yet to be carried out
/// @error Conflict "apply.other_host" names the host that the plan is of, and this one
Result<void> refuse_plan_of_other(
    const PatchOptions& options,
    const model::Plan& plan,
    host::Host& host,
    const std::optional<std::string>& host_state);

/// The same of a plan that is yet to be carried out on the host.
Result<void> refuse_plan_of_other(
    const PatchOptions& options, const model::Plan& plan, const PatchHost& host);

/// This machine, or options.root, as it is. Of this machine programs are run as by its own root, whatever the caller's surroundings: health
/// is to be told the same before a transaction, after it, and later.
/// @error NotFound, Denied
Result<std::unique_ptr<host::Host>> open_to_look(const PatchOptions& options);

/// What the host is opened for.
enum class Opening : std::uint8_t {
    Look,    ///< nothing of it is executed
    Change,  ///< its package manager works on it
};

/// This machine, or options.root.
/// @param kept  folder of the run for the archives of the versions before; empty: none
/// @error Denied "host.needs_root"; Unsupported "apply.no_package_manager"; NotFound
Result<PatchHost> open_patch_host(
    const PatchOptions& options, Opening opening, const std::string& kept);

/// Keeps every other rehearsal of the host out for as long as it lives: they would work in one folder. The folders of
/// open_patch_host must be there.
/// @error Conflict "rehearse.active": names who rehearses
Result<host::Descriptor> keep_rehearsals_out(const PatchOptions& options);

/// A copy of the host that is dropped with it. The folders of open_patch_host must be there.
Result<std::unique_ptr<host::Enclosure>> open_clone(const PatchOptions& options);

/// The package manager of a clone.
Result<std::unique_ptr<apply::PackageManager>> packages_in_clone(
    const PatchOptions& options, host::Enclosure& clone);

/// Where a clone sees the archives.
std::string archives_in_clone();

/// "/" or the absolute path of options.root.
std::string root_of(const PatchOptions& options);

/// What every command that is named has to be told to be about the same host.
HostWords host_words(const PatchOptions& options);

/// What a next command must be told to be about the same host: " --root DIR --state DIR", or nothing.
std::string same_host(const PatchOptions& options);

/// The state directory as an absolute path.
std::filesystem::path patch_state(const PatchOptions& options);

}  // namespace thimble::cli
