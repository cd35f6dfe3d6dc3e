#pragma once
/// @file Files of ours: read within a limit, replaced as a whole.

#include "thimble/base/result.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace thimble::agent {

/// @error NotFound, Denied; Invalid "agent.too_big" beyond `limit` bytes
Result<std::string> read_state_file(const std::filesystem::path& file, std::size_t limit);

/// Writes beside it, syncs, renames, syncs the folder. Mode 0600.
/// @error Denied, Unavailable "agent.cannot_write"
Result<void> write_state_file(const std::filesystem::path& file, std::string_view bytes);

/// Makes a folder of mode 0700 where there is none.
/// @error Denied, Unavailable "agent.cannot_write"
Result<void> make_state_folder(const std::filesystem::path& folder);

}  // namespace thimble::agent
