#pragma once
/// @file What the name of something that is to be patched may be.

#include <string_view>

namespace thimble::model {

/// Whether that can be the name of a package, an advisory or a vulnerability: letters, digits and ".+:~_-", the first a
/// letter or a digit, so that none can be an option or a path; at most 256.
bool is_selectable_name(std::string_view name);

}  // namespace thimble::model
