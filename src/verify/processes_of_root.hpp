#pragma once
/// @file Does anything run from a directory?

#include "thimble/base/result.hpp"

#include <cstddef>
#include <string>

namespace thimble::verify {

/// The number of this machine's processes whose root is `directory`: a container or a chroot that
/// runs. What may not be looked at does not count, so ask as root.
/// @error NotFound, Denied "verify.cannot_look"
Result<std::size_t> processes_of_root(const std::string& directory);

}  // namespace thimble::verify
