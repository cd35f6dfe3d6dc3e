#pragma once
/// @file What `rpm -qa` tells, by a query format of ours.

#include "thimble/inventory/package_list.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::inventory {

/// The command whose output parse_rpm_list reads.
std::vector<std::string> rpm_command();

/// "openssl-3.0.7-27.el9.src.rpm" is openssl, 3.0.7-27.el9; nothing: it is no name of a source package.
std::optional<std::pair<std::string, std::string>> split_source_rpm(std::string_view source_rpm);

/// One package a line, fields separated by tabs. Versions carry their epoch, "0:" included where rpm
/// stores one; keys that rpm keeps as packages (gpg-pubkey) are skipped.
/// @source rpm(8) --queryformat
PackageList parse_rpm_list(std::string_view text);

}  // namespace thimble::inventory
