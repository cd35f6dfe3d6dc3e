#pragma once
/// @file When each finding was first seen on a host: due dates must not move with every scan.

#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"
#include "thimble/model/finding.hpp"
#include "thimble/model/inventory.hpp"

#include <filesystem>
#include <vector>

namespace thimble::cli {

/// Reads the memory of `file`, gives every finding the instant it was first seen (now for new ones),
/// and writes the memory back. Nothing is forgotten: a scan with another catalog must not restart the
/// clock, and a finding that comes back is as old as it was. Lines are `instant<TAB>vulnerability<TAB>source`; docs/formats/first-seen.md.
/// @return parallel to the findings
/// @error as host::replace_file  the memory could not be written
Result<std::vector<Instant>> remember_first_seen(
    const std::filesystem::path& file,
    const model::Inventory& inventory,
    const model::Assessment& assessment,
    Instant now);

}  // namespace thimble::cli
