#pragma once
/// @file What libapt-pkg would open in a root directory, looked at before it does.

#include "root_lists.hpp"
#include "thimble/base/result.hpp"

#include <string>

namespace thimble::inventory::apt {

/// libapt-pkg opens what it finds by name and waits: for the writer of a FIFO, for the end of a
/// device. What RootLists and RootSettings do not stand for may lead out of the root.
/// @error Unsupported "inventory.odd_root": something is neither a regular file nor a folder, nor /dev/null, or
///        leads out of the root
Result<void> check_root(const std::string& root, const RootLists& lists);

}  // namespace thimble::inventory::apt
