#pragma once
/// @file Blockers by name, as they stand in JSON, and in words.

#include "thimble/model/inventory.hpp"

#include <optional>
#include <string_view>

namespace thimble::model {

/// "hold", "needs_new_packages", …
std::string_view blocker_name(BlockerKind kind);

/// What it says of a patch, for people: "is kept back", "is kept back by a pin", …
std::string_view blocker_words(BlockerKind kind);

std::optional<BlockerKind> blocker_kind_named(std::string_view name);

}  // namespace thimble::model
