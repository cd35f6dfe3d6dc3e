#pragma once
/// @file What of the board does not fit into its table. Pure.

#include "thimble/base/json_members.hpp"

#include <span>
#include <string>

namespace thimble::client {

/// What hosts outside say of the controls on it, worst first. Lines of 80 columns.
std::string board_notes(std::span<const JsonValue> rows);

}  // namespace thimble::client
