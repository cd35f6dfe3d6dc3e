#pragma once
/// @file Whole databases: whether they are undamaged, and a copy beside a server that runs.

#include "thimble/store/connection.hpp"

#include <filesystem>

namespace thimble::store {

/// Whether the database holds together by its own means; PostgreSQL looks after that itself.
/// @error Corrupt "store.damaged"
Result<void> check_database(Connection& connection);

/// Copies a SQLite database as it is at one instant into a new file (its online backup), for its owner
/// only. Writers go on meanwhile.
/// @error Unavailable "store.unavailable"
Result<void> copy_sqlite(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace thimble::store
