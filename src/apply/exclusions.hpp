#pragma once
/// @file The packages that a plan spares.

#include "thimble/model/inventory.hpp"

#include <span>
#include <string>
#include <vector>

namespace thimble::apply {

/// Names of packages and sources.
struct Exclusions {
    std::vector<std::string> names;  ///< that are installed; sorted, each once
    std::vector<std::string>
        unknown;  ///< words that mean none of them, a slip maybe; sorted, each once
    std::vector<std::string>
        invalid;  ///< a sentence for each word that is neither name nor expression
    bool operator==(const Exclusions&) const = default;
};

/// A word that is the name of one that is installed means it; another is taken for a regular expression, which all of a name
/// must match, and means the names that do.
/// Where an expression is invalid is told by the longest beginning of it that is valid.
/// @source ECMAScript's grammar, as std::regex has it; a word of more than 200 letters is none
Exclusions expand_exclusions(const model::Inventory& inventory, std::span<const std::string> words);

}  // namespace thimble::apply
