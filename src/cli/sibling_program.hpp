#pragma once
/// @file The other programs of Thimble, found where this one is installed.

#include <ostream>
#include <string>

namespace thimble::cli {

/// Replaces this process by the program, with `argv` unchanged but for the first.
/// @return only when that failed: 69, and says why
int become_sibling(const std::string& name, char** argv, std::ostream& err);

}  // namespace thimble::cli
