#pragma once
/// @file `thimble taken-back`: what hosts took back, and who has looked after it.

#include "thimble/cli/fleet_options.hpp"

namespace thimble::cli {

void declare_taken_back(CLI::App& app, FleetOptions& options, FleetAction& action);

}  // namespace thimble::cli
