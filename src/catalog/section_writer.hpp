#pragma once
/// @file Compiles one section: the packages of one ecosystem release.

#include "thimble/base/result.hpp"
#include "thimble/catalog/builder.hpp"
#include "thimble/catalog/collected.hpp"
#include "thimble/model/version_order.hpp"

#include <string>

namespace thimble::catalog {

/// The two extents of a section.
struct SectionBytes {
    std::string packages;
    std::string text;
};

/// @param report  counts of rows and of ranges that cannot be ordered are added to it
SectionBytes write_section(
    const Collection& collection,
    const CollectedSection& section,
    const model::VersionOrder& order,
    BuildReport& report);

}  // namespace thimble::catalog
