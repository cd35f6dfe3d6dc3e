#pragma once
/// @file Offers and findings gathered into patches, not yet in order. Pure.

#include "thimble/model/finding.hpp"
#include "thimble/model/inventory.hpp"
#include "thimble/model/patch.hpp"

#include <vector>

namespace thimble::prioritize {

/// One patch per source and way to get it: offered (or nobody asked), installed but not live, not
/// offered here. Offers that are no security matter are patches too; their `security` is false.
/// Decisions, due dates and the order of the findings are the caller's. Sorted by source.
std::vector<model::Patch> gather_patches(
    const model::Inventory& inventory, const model::Assessment& assessment);

}  // namespace thimble::prioritize
