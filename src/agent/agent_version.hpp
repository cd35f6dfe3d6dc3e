#pragma once
/// @file The version that an agent tells its server.

#include <string_view>

namespace thimble::agent {

constexpr std::string_view kAgentVersion = THIMBLE_VERSION;

}  // namespace thimble::agent
