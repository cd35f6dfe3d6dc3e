#pragma once
/// @file SHA-256 of files, as lower-case hex.

#include "thimble/base/result.hpp"

#include <filesystem>
#include <string>

namespace thimble::feeds {

/// Of a file's content; read in pieces, never into memory as a whole.
/// @error Unavailable "feeds.cannot_read"
Result<std::string> sha256_of_file(const std::filesystem::path& file);

}  // namespace thimble::feeds
