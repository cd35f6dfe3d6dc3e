#pragma once
/// @file The snapshot before a run's transaction.

#include "thimble/base/result.hpp"
#include "thimble/cli/patch_options.hpp"

#include <filesystem>
#include <ostream>

namespace thimble::cli {

/// Takes a snapshot where the host has the means and options.snapshot wants it, and writes it into the
/// run's folder. See prune_state for its end.
/// @error Unsupported "apply.no_snapshot_means", Unavailable "apply.no_snapshot": only when one is
///        required; else what went wrong is said on `err`
Result<void> snapshot_before(
    const PatchOptions& options, const std::filesystem::path& run, std::ostream& err);

}  // namespace thimble::cli
