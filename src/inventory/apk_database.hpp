#pragma once
/// @file The package database of apk: /lib/apk/db/installed.

#include "thimble/inventory/package_list.hpp"

#include <string_view>

namespace thimble::inventory {

/// Reads the entries; one without name or version becomes a Gap and loses no other.
/// @source apk-tools "installed" database: P name, V version, A architecture, o origin (source)
PackageList parse_apk_database(std::string_view text);

}  // namespace thimble::inventory
