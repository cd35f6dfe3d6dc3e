#pragma once
/// @file What dpkg has on record of the configuration files of packages: kept before a run, and given back after a way
/// back whose archives could not carry it. Values in, values out; file: docs/formats/run.md.

#include "thimble/apply/dpkg_database.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace thimble::apply {

/// How what is said of records begins that could not be given back.
inline constexpr std::string_view kRecordNotReturned =
    "dpkg's record of the configuration files of ";

/// Of each package its name, version and field "Conffiles", as parse_dpkg_database reads it again.
std::string format_conffile_records(std::span<const DpkgEntry* const> entries);

/// The stanza of an installed package with the configuration files of a record of it, byte for byte.
/// @return none: they are those of the record, or the package is not set up at the version of the record
std::optional<std::string> with_recorded_conffiles(const DpkgEntry& now, const DpkgEntry& record);

}  // namespace thimble::apply
