#pragma once
/// @file What of the board and of exceptions does not fit into their tables. Pure.

#include "thimble/base/json_members.hpp"

#include <span>
#include <string>

namespace thimble::client {

/// What hosts outside say of the controls on it, worst first; then which exceptions outlast a control that they name. Lines of
/// 80 columns.
std::string board_notes(std::span<const JsonValue> rows);

/// Of exceptions that are asked for or in force: a control that ends before the exception does, or before the later end that is
/// asked for, with both dates. Lines of 80 columns; empty: none does.
std::string exception_notes(std::span<const JsonValue> exceptions);

}  // namespace thimble::client
