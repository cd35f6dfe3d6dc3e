#pragma once
/// @file A file of this machine, replaced as a whole.

#include "thimble/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace thimble::host {

/// Who may read a file of ours.
enum class Readers : std::uint8_t {
    Owner,   ///< mode 0600
    Anyone,  ///< mode 0644
};

/// Writes `bytes` beside `path`, syncs, renames, and syncs the folder: a reader sees the old file or the
/// new one, also after a loss of power. What is there and is no regular file is left alone: a rename
/// would put a file in the place of a device, a link or a folder.
/// @error NotFound: no such folder; Denied, Unavailable; Invalid "host.not_a_file"
Result<void> replace_file(const std::string& path, std::string_view bytes, Readers readers);

}  // namespace thimble::host
