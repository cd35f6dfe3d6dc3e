#pragma once
/// @file `thimble patch plan` and `thimble patch show`.

#include "thimble/cli/patch_options.hpp"

#include <ostream>

namespace thimble::cli {

/// Scans, chooses, resolves, fetches, predicts; writes the plan and prints it.
/// @return 0 the plan can be applied, or there is nothing to patch; 1 the plan is refused (its problems
///         say why), or all that is missing is left out; 2 nobody can tell, of something that was named or at all;
///         64 and above: failure
int run_patch_plan(const PatchOptions& options, std::ostream& out, std::ostream& err);

/// Prints a plan file.
int run_patch_show(const PatchOptions& options, std::ostream& out, std::ostream& err);

}  // namespace thimble::cli
