#pragma once
/// @file Does anything run from a directory?

#include "thimble/base/result.hpp"

#include <string>

namespace thimble::verify {

/// Whether a process of this machine has its root in `directory`: a container or a chroot that runs.
/// One that somebody without root's rights may not look at may be such.
/// @error NotFound, Denied "verify.cannot_look"
Result<bool> may_run_from(const std::string& directory);

}  // namespace thimble::verify
