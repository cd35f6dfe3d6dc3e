#pragma once
/// @file What a control may forbid a unit of systemd: which directives, with which values. Pure.

#include <optional>
#include <string>
#include <string_view>

namespace thimble::mitigate {

/// The one form of a directive's value, as `systemctl show` has it but for the order of words.
/// Nothing: the directive is not one of those that take something away from a unit, or the value is none of its.
/// @source systemd.exec(5), systemd.resource-control(5)
std::optional<std::string> sandbox_value(std::string_view directive, std::string_view value);

/// Whether two values say the same: words in any order, "any" for all addresses, addresses with or without their prefix.
bool is_same_sandbox(std::string_view one, std::string_view other);

/// Names for a message.
std::string sandbox_directives();

}  // namespace thimble::mitigate
