#pragma once
/// @file Which program a verb of `thimble control` is: what asks a server is thimble-fleet, what is done here
/// thimble-control. Pure.

#include <span>
#include <string_view>
#include <vector>

namespace thimble::cli {

/// @param arguments  behind "control"
/// @return "thimble-fleet" or "thimble-control". `deploy` and `verify` are those of a server, unless they say by --id
///         under which id something is put up here.
const char* control_program(const std::vector<std::string_view>& arguments);

/// Those that ask a server alone.
std::span<const std::string_view> control_verbs_of_server();

}  // namespace thimble::cli
