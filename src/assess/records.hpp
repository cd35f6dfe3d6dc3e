#pragma once
/// @file Every record that the catalog has about one vulnerability in one package, believed or not.

#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"
#include "thimble/catalog/catalog.hpp"
#include "thimble/model/inventory.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::assess {

/// One row of a record, in words.
struct RecordNote {
    std::string section;  ///< "Debian:12"
    std::string feed;
    std::string record;
    std::optional<Instant> as_of;
    std::string claim;  ///< "affected below 1.2-3", "affected, no fix", "not affected"
    std::string
        standing;  ///< "decides", "superseded by a stronger voice", "withdrawn", "cannot be ordered"
    bool unimportant = false;  ///< it calls the vulnerability unimportant for the package
    bool operator==(const RecordNote&) const = default;
};

/// In the order of the sections that speak for the host, deciding rows first.
/// @error Corrupt "catalog.corrupt"
Result<std::vector<RecordNote>> records_about(
    const catalog::Catalog& catalog,
    const model::OsRelease& os,
    const model::InstalledPackage& package,
    std::string_view vulnerability);

}  // namespace thimble::assess
