#pragma once
/// @file How old the package index is, and what is wrong with it.

#include "thimble/model/inventory.hpp"

class pkgCacheFile;  // NOLINT(readability-identifier-naming): the name is apt's

namespace thimble::inventory::apt {

/// The age of the index, and a sentence for each repository that is missing from it, unsigned or
/// past its Valid-Until at `now`.
model::PackageIndex read_index_state(pkgCacheFile& cache, Instant now);

}  // namespace thimble::inventory::apt
