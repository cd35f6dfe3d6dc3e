#pragma once
/// @file Names of Debian's archives, and the words of model::package_words by their short names.

#include "thimble/model/package_words.hpp"

#include <string>
#include <string_view>

namespace thimble::apply {

using model::is_architecture;
using model::is_archive_name;
using model::is_package_name;
using model::is_plain_path;
using model::is_version;

/// `name_version_architecture.deb`, the epoch left out as in a pool.
std::string archive_file_name(
    std::string_view name, std::string_view version, std::string_view architecture);

}  // namespace thimble::apply
