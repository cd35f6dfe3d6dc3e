#pragma once
/// @file Finds the processes that still run what has been replaced on disk. Private to this folder.

#include "thimble/host/host.hpp"
#include "thimble/model/inventory.hpp"

#include <span>
#include <string>

namespace thimble::inventory {

/// Looks at every process of the running host and adds those that map a replaced file; a Gap tells
/// how many could not be looked at. Nothing is executed, and no interpreter is asked.
/// @param ignored  beginnings of paths that never count
/// @source needrestart's method: executable mappings, inode and device against the file on disk
void read_stale_processes(
    host::Host& host, std::span<const std::string> ignored, model::Inventory& inventory);

}  // namespace thimble::inventory
