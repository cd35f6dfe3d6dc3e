#pragma once
/// @file `thimble deployments` and `halt`: what a server does on hosts.

#include "thimble/cli/fleet_options.hpp"

namespace thimble::cli {

void declare_deployments(CLI::App& app, FleetOptions& options, FleetAction& action);
void declare_halt(CLI::App& app, FleetOptions& options, FleetAction& action);

}  // namespace thimble::cli
