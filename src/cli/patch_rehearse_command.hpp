#pragma once
/// @file `thimble patch rehearse`.

#include "thimble/cli/patch_options.hpp"

#include <ostream>

namespace thimble::cli {

/// Carries the plan out in a clone and keeps what was seen there for `thimble patch apply`.
/// @return 0 pass, or warn without --strict; 1 warn with --strict, or fail; 64 and above: failure
int run_patch_rehearse(const PatchOptions& options, std::ostream& out, std::ostream& err);

}  // namespace thimble::cli
