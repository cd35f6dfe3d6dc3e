#pragma once
/// @file SHA-256 of files, as lower-case hex.

#include "thimble/base/result.hpp"

#include <string>

namespace thimble::apply {

/// Of a file of this machine; read in pieces, never into memory as a whole.
/// @error NotFound, Denied, Unavailable "apply.cannot_read"
Result<std::string> sha256_of_file(const std::string& path);

}  // namespace thimble::apply
