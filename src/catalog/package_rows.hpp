#pragma once
/// @file The rows of one package: versions ranked, ranges cut into pieces, precedence settled.

#include "thimble/catalog/builder.hpp"
#include "thimble/catalog/collected.hpp"
#include "thimble/model/version_order.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace thimble::catalog {

/// Rows whose fact and advisory are still numbers of the collection, and whose strings are interned.
struct PackageRows {
    std::vector<std::uint32_t> boundaries;  ///< interned versions, ascending, distinct in the order
    std::vector<format::Row> rows;          ///< sorted by (fact number, superseded, low, advisory)
};

PackageRows rows_of_package(
    const Collection& collection,
    const std::string& package,
    std::span<const CollectedAffected> affected,
    const model::VersionOrder& order,
    BuildReport& report);

}  // namespace thimble::catalog
