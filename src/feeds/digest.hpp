#pragma once
/// @file SHA-256, of bytes and of files.

#include "thimble/base/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace thimble::feeds {

/// Lower-case hexadecimal.
std::string sha256_of(std::string_view bytes);

/// Of a file's content.
/// @error Unavailable "feeds.cannot_read"
Result<std::string> sha256_of_file(const std::filesystem::path& file);

}  // namespace thimble::feeds
