#pragma once
/// @file Finds the programs that come with ours.

#include <string>
#include <string_view>

namespace thimble::host {

/// The path of a program that is installed with the running one: beside it (a build tree), or in
/// ../libexec/thimble. Never searched for in PATH, which others may set.
/// @return empty when it is not there
std::string find_companion(std::string_view name);

}  // namespace thimble::host
