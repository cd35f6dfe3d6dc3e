#pragma once
/// @file Small files for their owner only.

#include "thimble/base/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace thimble::server {

/// Makes the folder, mode 0700; one that is there must belong to us and be closed to others.
/// @error Denied "server.folder_exposed"; Unavailable "server.cannot_write"
Result<void> make_private_folder(const std::filesystem::path& folder);

/// Writes a file by a new one beside it, synced and renamed, mode 0600.
/// @error Unavailable "server.cannot_write"
Result<void> write_private_file(const std::filesystem::path& file, std::string_view content);

/// @return the content, at most 1 MiB; NotFound when there is no such file
/// @error Denied "server.file_exposed"  others can read it; Unavailable "server.cannot_read"
Result<std::string> read_private_file(const std::filesystem::path& file);

}  // namespace thimble::server
