#pragma once
/// @file Reads the files of a root that the examination is about.

#include "thimble/base/result.hpp"
#include "thimble/rehearse/file_tree.hpp"

#include <string>
#include <vector>

namespace thimble::rehearse {

struct TreeReading {
    std::string root;                  ///< a directory of this machine that is the root
    std::vector<std::string> skipped;  ///< folders of the root that are not looked into
    /// A tree that was read before: files that are still the same are not parsed again.
    const FileTree* earlier = nullptr;
};

/// Walks the whole root but for /proc, /sys, /dev, /run and /tmp; follows no link. Files that cannot be
/// read are left out.
/// @error NotFound, Denied: the root itself cannot be opened
/// @note at most 5,000,000 files, 200,000 of them ELF
Result<FileTree> read_file_tree(const TreeReading& reading);

}  // namespace thimble::rehearse
