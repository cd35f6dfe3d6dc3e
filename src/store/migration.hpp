#pragma once
/// @file The steps of the schema: numbered SQL files, compiled in, carried out forward only.

#include "thimble/store/connection.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::store {

/// The files of the folder migrations, in order; the first makes version 1.
std::span<const std::string_view> migrations();

/// The statements of one file: parted by ";" at the end of a line, comments left out.
std::vector<std::string> statements_of(std::string_view file);

/// The version of a database, 0 for one without tables of ours.
Result<std::int64_t> schema_version(Connection& connection);

/// Carries out what a database lacks, each step in a transaction of its own.
/// @param target  the version to stop at, for tests of old databases; at most migrations().size()
/// @error Unsupported "store.newer_database"  it was written by a newer Thimble
Result<void> migrate(Connection& connection, std::size_t target = migrations().size());

}  // namespace thimble::store
