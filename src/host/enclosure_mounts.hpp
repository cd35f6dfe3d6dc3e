#pragma once
/// @file The process that an enclosure lives by: it makes the mounts, then is process 1 of the
/// enclosure until we are gone. Private to this folder.

#include "thimble/base/result.hpp"
#include "thimble/host/enclosure.hpp"
#include "thimble/host/file_access.hpp"

#include <string>
#include <vector>

namespace thimble::host {

/// All that process 1 needs to know; complete before it is started.
struct EnclosureBuild {
    EnclosureOptions options;
    std::string folder;  ///< an EnclosureFolder's path
    std::vector<std::string>
        layers;      ///< paths within the root that are mounts of their own; "/" first
    int group = -1;  ///< ProcessLimit::door
};

/// Builds the enclosure's view of the files in our own mount namespace, which must not be the
/// machine's, and makes it the root. Called by process 1 only.
/// @return paths that were made in the root to mount something on
/// @error as Enclosure::open
Result<std::vector<std::string>> build_enclosure(const EnclosureBuild& build);

}  // namespace thimble::host
