#pragma once
/// @file Which package somebody meant who mistyped its name. Pure.

#include "thimble/model/inventory.hpp"

#include <string>

namespace thimble::cli {

/// The name of an installed package, or of its source, that is the fewest mistypes away; of a NAME:ARCHITECTURE whose name is
/// installed that name.
/// @return empty where none is near, as of nearest_word
std::string nearest_package(const std::string& word, const model::Inventory& inventory);

}  // namespace thimble::cli
