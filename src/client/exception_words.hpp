#pragma once
/// @file One exception, for people. Pure.

#include "thimble/base/json_members.hpp"

#include <span>
#include <string>

namespace thimble::client {

/// A line for each member that says something, then what was shown for it.
/// @param exception  an item of the list exceptions
/// @param evidence   items of the list exception-evidence
std::string exception_lines(const JsonValue& exception, std::span<const JsonValue> evidence);

}  // namespace thimble::client
