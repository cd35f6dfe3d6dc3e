#pragma once
/// @file What a parser of a package database gives.

#include "thimble/model/inventory.hpp"

#include <vector>

namespace thimble::inventory {

/// Packages that a database holds, and what in it could not be read.
struct PackageList {
    std::vector<model::InstalledPackage> packages;  ///< in the order of the database
    std::vector<model::Gap> gaps;                   ///< one per damaged entry, at most 20
    bool operator==(const PackageList&) const = default;
};

}  // namespace thimble::inventory
