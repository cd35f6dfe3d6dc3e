#pragma once
/// @file The modules of interpreters that a transaction may break. Pure.

#include "thimble/rehearse/file_tree.hpp"
#include "thimble/rehearse/trial.hpp"

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::rehearse {

/// Trials of one interpreter: "imports python3".
struct ImportTrials {
    std::string name;
    std::vector<Trial> trials;
    std::size_t left_out = 0;  ///< modules beyond those that are tried
    bool operator==(const ImportTrials&) const = default;
};

/// Modules that are affected when `files` change: compiled ones that are among them, or load a library
/// that is, or whose interpreter does, and the packages of Python of which a file changes. At most 40
/// of an interpreter, the first by path.
/// @param files  paths without links, of the tree
std::vector<ImportTrials> find_import_trials(
    const FileTree& tree, const std::set<std::string, std::less<>>& files);

}  // namespace thimble::rehearse
