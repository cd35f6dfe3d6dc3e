#pragma once
/// @file Whether a plan has been carried out already.

#include "thimble/apply/package_manager.hpp"
#include "thimble/base/result.hpp"
#include "thimble/cli/patch_folders.hpp"

#include <span>
#include <string>

namespace thimble::cli {

/// The last run of the host `root` that applied the plan; null: none did.
/// @param digest  of the plan
const KeptRun* run_that_applied(
    std::span<const KeptRun> runs, const std::string& root, const std::string& digest);

/// A plan of which everything is installed is not applied again: there is nothing to do.
/// @param applied    of run_that_applied
/// @param installed  sorted
/// @error Conflict "cli.applied_already" names the run and when it ended
Result<void> refuse_applied(
    const KeptRun& applied, std::span<const apply::PackageVersion> installed);

}  // namespace thimble::cli
