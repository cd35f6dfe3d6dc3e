#pragma once
/// @file Reads the files of a root that the examination is about.

#include "thimble/base/result.hpp"
#include "thimble/rehearse/file_tree.hpp"

#include <string>
#include <vector>

namespace thimble::rehearse {

/// Walks the whole root, a directory of this machine, but for /proc, /sys, /dev, /run and /tmp; follows no link. Files that
/// cannot be read are left out.
/// @error NotFound, Denied: the root itself cannot be opened
/// @note at most 5,000,000 files, 200,000 of them ELF
Result<FileTree> read_file_tree(const std::string& root);

/// `before` with what is there now of the paths that have changed since, and of all that is beneath those of them that are folders.
/// Nothing else of the root is looked at.
/// @param changed  sorted, without links, as `Enclosure::changed_paths`
/// @error, @note as read_file_tree
Result<FileTree> read_changed_files(
    const std::string& root, FileTree before, const std::vector<std::string>& changed);

}  // namespace thimble::rehearse
