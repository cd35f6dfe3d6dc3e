#pragma once
/// @file `thimble history`: every run, from its folder alone.

#include "thimble/cli/patch_options.hpp"

#include <ostream>

namespace thimble::cli {

/// All runs, those of one root where it is named, or everything about one. @return 0; 1 when a run is damaged or unfinished; 64 and above
int run_history(const PatchOptions& options, std::ostream& out, std::ostream& err);

}  // namespace thimble::cli
