#pragma once
/// @file `thimble exception`: why a patch may be missing for a while.

#include "thimble/cli/fleet_options.hpp"

namespace thimble::cli {

void declare_exceptions(CLI::App& app, FleetOptions& options, FleetAction& action);

}  // namespace thimble::cli
