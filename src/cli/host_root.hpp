#pragma once
/// @file Whether two paths lead to one host.

#include <string>

namespace thimble::cli {

/// Whether two roots are one host: the same path, or by now the same directory, as of a link or a bind mount.
bool is_same_root(const std::string& one, const std::string& other);

/// Whether they are two hosts, as a copy and what it was made of: directories that are both there, and not the same.
/// Of a path that leads nowhere by now it is not known what it was.
bool are_two_roots(const std::string& one, const std::string& other);

}  // namespace thimble::cli
