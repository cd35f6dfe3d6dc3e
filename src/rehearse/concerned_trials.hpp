#pragma once
/// @file Which trials a plan can break. Pure.

#include "thimble/rehearse/file_tree.hpp"
#include "thimble/rehearse/trial.hpp"

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace thimble::rehearse {

/// The names of the trials whose program is a file of the plan's packages or loads one. What a program needs that is no
/// ELF file, or is not in the tree, is not known: its trials are among them, and all are where the tree is not complete.
/// @param planned  files of the plan's packages, before and after: links, and where these lead
std::set<std::string, std::less<>> concerned_trials(
    const std::vector<Trial>& trials,
    const FileTree& tree,
    const std::set<std::string, std::less<>>& planned);

}  // namespace thimble::rehearse
