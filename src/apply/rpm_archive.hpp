#pragma once
/// @file Reads single files of an .rpm without unpacking it.

#include "thimble/base/result.hpp"

#include <cstddef>
#include <map>
#include <set>
#include <string>

namespace thimble::apply {

/// The contents of regular files of an archive, by absolute path; what is not there, no regular file or
/// longer than the limit is left out. Reading ends with the last of them.
/// @error Corrupt "apply.bad_rpm": damaged, or beyond 2,000,000 entries
Result<std::map<std::string, std::string>> read_rpm_contents(
    const std::string& path, const std::set<std::string>& paths, std::size_t limit);

}  // namespace thimble::apply
