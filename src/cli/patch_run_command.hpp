#pragma once
/// @file `thimble patch apply`, `rollback` and `resume`: the commands that change a host.

#include "thimble/cli/patch_options.hpp"

#include <ostream>

namespace thimble::cli {

/// @return 0 applied; 1 failed, or taken back; 3 a pre-check refused, nothing changed; 64 and above
int run_patch_apply(const PatchOptions& options, std::ostream& out, std::ostream& err);

/// Takes a run back to the versions before. @return 0 taken back; else as run_patch_apply
int run_patch_rollback(const PatchOptions& options, std::ostream& out, std::ostream& err);

/// Goes on with every run of this host whose process is gone. @return 0 none is left unfinished
int run_patch_resume(const PatchOptions& options, std::ostream& out, std::ostream& err);

}  // namespace thimble::cli
