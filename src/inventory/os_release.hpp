#pragma once
/// @file os-release(5).

#include "thimble/model/inventory.hpp"

#include <string_view>

namespace thimble::inventory {

/// Reads the fields that decide; lines that are no assignment are skipped, the last assignment of a
/// name wins. Quotes and backslashes are undone as a shell would; nothing is expanded.
/// @source os-release(5)
model::OsRelease parse_os_release(std::string_view text);

}  // namespace thimble::inventory
