#pragma once
/// @file What hosts took back, looked after by people.

#include "thimble/client/fleet_context.hpp"

#include <string>

namespace thimble::client {

/// Somebody has looked: the patches may go to the group again.
/// @param why  what was found; it is recorded
Result<void> review_taken_back(
    const FleetContext& context, const std::string& id, const std::string& why);

}  // namespace thimble::client
