#pragma once
/// @file The backup of a server as one file: a tar (pax) of the database and the keys.

#include "thimble/base/result.hpp"

#include <filesystem>

namespace thimble::server {

/// Writes `thimble.db` and the files of the folder of keys as `keys/*` into a new file, mode 0600.
/// @error Conflict "server.file_exists"; Unavailable "server.cannot_write"
Result<void> write_backup(
    const std::filesystem::path& file,
    const std::filesystem::path& database,
    const std::filesystem::path& keys);

/// Unpacks the files that a backup may hold, by exact name, into `folder` (with `folder`/keys), mode 0600.
/// @error Corrupt "server.bad_backup"  another name, a file twice, one missing, not a tar, beyond 64 GiB
Result<void> read_backup(const std::filesystem::path& file, const std::filesystem::path& folder);

}  // namespace thimble::server
