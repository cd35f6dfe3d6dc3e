#pragma once
/// @file `thimble login`, `logout`, `users`, `tokens`: who asks a server, and who may.

#include "thimble/cli/fleet_options.hpp"

namespace thimble::cli {

void declare_log_in(CLI::App& app, FleetOptions& options, FleetAction& action);
void declare_users(CLI::App& app, FleetOptions& options, FleetAction& action);
void declare_tokens(CLI::App& app, FleetOptions& options, FleetAction& action);

}  // namespace thimble::cli
