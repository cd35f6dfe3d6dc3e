#pragma once
/// @file Files of ours as a whole: read, and replaced so that a reader sees the old or the new.

#include "thimble/base/result.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::apply {

/// @error NotFound, Denied "apply.cannot_read"; Invalid "apply.too_big" beyond `limit` bytes
Result<std::string> read_whole_file(const std::string& path, std::size_t limit);

/// Replaces it as a whole, mode 0600.
/// @error as host::replace_file
Result<void> write_whole_file(const std::string& path, std::string_view bytes);

/// Makes a folder of ours, mode 0700, with those above it.
/// @error Denied, Unavailable "apply.cannot_write"
Result<void> make_folder(const std::string& path);

/// The names of the plain files in a folder, sorted; none where there is no such folder.
/// @error Denied, Unavailable "apply.cannot_read"
Result<std::vector<std::string>> names_in(const std::string& folder);

/// Waits until files of a folder, and their names in it, are on the disk. Names that are not there are passed over.
/// @error Unavailable, Denied "apply.cannot_write"
Result<void> settle_files(const std::string& folder, std::span<const std::string> names);

}  // namespace thimble::apply
