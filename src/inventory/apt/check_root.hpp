#pragma once
/// @file What libapt-pkg would open in a root directory, looked at before it does.

#include "thimble/base/result.hpp"

#include <string>

namespace thimble::inventory::apt {

/// libapt-pkg opens what it finds by name and waits: for the writer of a FIFO, for the end of a
/// device. And its settings may name files outside the root.
/// @error Unsupported "inventory.odd_root": something is neither a regular file nor a folder, or
///        settings include other files
/// @param lists  apt's lists: a folder of the root, or of ours with what is in that
Result<void> check_root(const std::string& root, const std::string& lists);

}  // namespace thimble::inventory::apt
