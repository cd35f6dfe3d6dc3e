#pragma once
/// @file The packages that a plan spares.

#include "thimble/model/inventory.hpp"

#include <span>
#include <string>
#include <vector>

namespace thimble::apply {

/// Names of packages and sources. A word that is the name of one that is installed stays; another is taken for a regular
/// expression, which all of a name must match, and gives way to the names that do. What matches none stays as it is: whether
/// it is a slip is for the caller to say.
/// @source ECMAScript's grammar, as std::regex has it; a word of more than 200 letters is none
/// @return sorted, each once
std::vector<std::string> expand_exclusions(
    const model::Inventory& inventory, std::span<const std::string> words);

}  // namespace thimble::apply
