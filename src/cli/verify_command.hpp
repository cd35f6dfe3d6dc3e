#pragma once
/// @file `thimble verify`: what is live, whatever a transaction reported.

#include "thimble/cli/patch_options.hpp"

#include <ostream>

namespace thimble::cli {

/// Verifies the plan of a run, of a file, or of the newest run of this host; without any, the host
/// alone: processes, kernel, services.
/// @return 0 all is verified; 1 something is pending or failed; 2 something could not be told
int run_verify(const PatchOptions& options, std::ostream& out, std::ostream& err);

}  // namespace thimble::cli
