#pragma once
/// @file What an overlay's upper layer changes of its lower one. Private to this folder.

#include "thimble/base/result.hpp"

#include <string>
#include <vector>

namespace thimble::host {

/// Appends the paths that differ, each with `prefix` in front, in no particular order. A file that the
/// overlay copied up but that is the same as below is no change; neither is a folder's time.
/// @source Documentation/filesystems/overlayfs.rst: whiteouts, opaque folders, redirects, metacopy
Result<void> add_overlay_changes(
    const std::string& upper,
    const std::string& lower,
    const std::string& prefix,
    std::vector<std::string>& changes);

}  // namespace thimble::host
