#pragma once
/// @file What libapt-pkg would open in a root directory, looked at before it does.

#include "root_lists.hpp"
#include "thimble/base/result.hpp"

#include <string>

namespace thimble::inventory::apt {

/// libapt-pkg opens what it finds by name and waits: for the writer of a FIFO, for the end of a
/// device. And its settings may name files outside the root.
/// @error Unsupported "inventory.odd_root": something is neither a regular file nor a folder, nor /dev/null, or
///        settings include other files
Result<void> check_root(const std::string& root, const RootLists& lists);

}  // namespace thimble::inventory::apt
