#pragma once
/// @file Makes an archive again of a package that is installed.

#include "thimble/apply/dpkg_database.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/host.hpp"

#include <string>

namespace thimble::apply {

/// Writes the .deb of the installed package `entry` to `target`.
///
/// Its files are taken as they are on the host, with owners, modes, times and hard links; configuration
/// files only where they are as they were shipped (see repacked_paths); those that were removed are in its list of them, so
/// that dpkg takes them for removed and not for unknown. Extended attributes and
/// capabilities are not in it: dpkg does not restore them, the package's own scripts do.
/// @error NotFound: dpkg does not know its files; Unavailable "apply.not_repacked"
/// @source dpkg-repack(1), which packs edited configuration files as if they had been shipped
Result<void> repack(host::Host& host, const DpkgEntry& entry, const std::string& target);

}  // namespace thimble::apply
