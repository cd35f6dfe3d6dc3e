#pragma once
/// @file What the configured repositories offer for the installed packages.

#include "thimble/model/inventory.hpp"

#include <vector>

class pkgCacheFile;  // NOLINT(readability-identifier-naming): the name is apt's

namespace thimble::inventory::apt {

/// Every installed package for which there is a newer version, sorted by name and architecture, with
/// what keeps it back.
std::vector<model::Offer> read_offers(pkgCacheFile& cache);

}  // namespace thimble::inventory::apt
