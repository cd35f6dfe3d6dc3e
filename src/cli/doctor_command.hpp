#pragma once
/// @file `thimble doctor`: what this host has of what Thimble needs, and what its package manager cannot do.

#include "thimble/cli/patch_options.hpp"

#include <ostream>

namespace thimble::cli {

/// @return 0 all there; 1 something that a command needs is missing
int run_doctor(const PatchOptions& options, std::ostream& out, std::ostream& err);

}  // namespace thimble::cli
