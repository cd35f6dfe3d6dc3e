#pragma once
/// @file Blockers by name, as they stand in JSON.

#include "thimble/model/inventory.hpp"

#include <optional>
#include <string_view>

namespace thimble::model {

/// "hold", "needs_new_packages", …
std::string_view blocker_name(BlockerKind kind);

std::optional<BlockerKind> blocker_kind_named(std::string_view name);

}  // namespace thimble::model
