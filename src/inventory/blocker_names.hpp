#pragma once
/// @file Blockers by name, as they stand in JSON.

#include "thimble/model/inventory.hpp"

#include <optional>
#include <string_view>

namespace thimble::inventory {

/// "hold", "needs_new_packages", …
std::string_view name_of(model::BlockerKind kind);

std::optional<model::BlockerKind> blocker_kind_named(std::string_view name);

}  // namespace thimble::inventory
