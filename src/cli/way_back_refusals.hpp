#pragma once
/// @file Which runs cannot be taken back, and why.

#include "thimble/apply/package_manager.hpp"
#include "thimble/base/result.hpp"
#include "thimble/cli/patch_folders.hpp"

#include <span>
#include <string>

namespace thimble::cli {

/// What the records of the host say.
/// @param runs  of list_runs
/// @error Conflict "apply.other_host", "cli.already_back"; NotFound "apply.nothing_kept"; Invalid "cli.is_rollback"
Result<void> refuse_to_take_back(
    const KeptRun& taken, std::span<const KeptRun> runs, const std::string& root);

/// What the host says: packages that came to another version since would lose that, too.
/// @param installed  sorted
/// @error Conflict "cli.moved_on", with the later run where one did it
Result<void> refuse_moved_on(
    const KeptRun& taken,
    std::span<const KeptRun> runs,
    std::span<const apply::PackageVersion> installed);

}  // namespace thimble::cli
