#pragma once
/// @file Until when a release is looked after by its distribution. Pure.

#include "thimble/base/instant.hpp"
#include "thimble/model/inventory.hpp"

#include <optional>

namespace thimble::assess {

/// The day after which no public security updates come any more, long-term support included;
/// nothing when the release is not in the table.
std::optional<Instant> support_end(const model::OsRelease& os);

}  // namespace thimble::assess
