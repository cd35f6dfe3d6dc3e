#pragma once
/// @file What `rpm -qa` tells, by a query format of ours.

#include "thimble/inventory/package_list.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace thimble::inventory {

/// The command whose output parse_rpm_list reads.
std::vector<std::string> rpm_command();

/// One package a line, fields separated by tabs. Versions carry their epoch, "0:" included where rpm
/// stores one; keys that rpm keeps as packages (gpg-pubkey) are skipped.
/// @source rpm(8) --queryformat
PackageList parse_rpm_list(std::string_view text);

}  // namespace thimble::inventory
