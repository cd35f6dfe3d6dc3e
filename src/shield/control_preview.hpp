#pragma once
/// @file What a control would put up, for people to read before it does. Pure.

#include "thimble/base/result.hpp"
#include "thimble/mitigate/control.hpp"

#include <string>
#include <string_view>

namespace thimble::shield {

/// Rules and files, each under a line "# where".
/// @error as mitigate::security_rules
Result<std::string> control_preview(std::string_view id, const mitigate::Control& control);

}  // namespace thimble::shield
