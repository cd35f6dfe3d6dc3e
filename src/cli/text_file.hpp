#pragma once
/// @file A file that a person names, or the standard input, as a text.

#include "thimble/base/result.hpp"

#include <cstddef>
#include <string>

namespace thimble::cli {

/// @param name  "-" is the standard input
/// @return at most `most` bytes and one, so that who reads it sees that it is too long
/// @error NotFound "cli.no_file"
Result<std::string> read_text_file(const std::string& name, std::size_t most);

}  // namespace thimble::cli
