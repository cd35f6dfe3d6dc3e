#pragma once
/// @file What a killed rpm leaves beside the files of a package.

#include "thimble/host/host.hpp"

#include <cstddef>
#include <set>
#include <string>
#include <string_view>

namespace thimble::apply {

/// Whether `name` is what rpm calls the file `of` until the package is whole: "name;" and eight
/// hexadecimal digits.
/// @source rpm 4.18 lib/fsm.c, fsmFsPath: the digits are the transaction's second, so that a transaction
///         in the same second stumbles over such files
bool is_remains(std::string_view name, std::string_view of);

/// Removes such files beside `paths`, which are absolute.
/// @return how many there were
std::size_t remove_remains(host::Host& host, const std::set<std::string>& paths);

/// Removes these files, which are absolute paths of the host; folders stay.
/// @return how many there were
std::size_t remove_files(host::Host& host, const std::set<std::string>& paths);

}  // namespace thimble::apply
