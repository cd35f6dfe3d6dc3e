#pragma once
/// @file thimble policy: policies checked, tried out and kept.

#include "thimble/cli/fleet_options.hpp"

namespace thimble::cli {

/// validate, schema, simulate, calendar, diff, apply, export, remove; without a verb: the list.
void declare_policies(CLI::App& app, FleetOptions& options, FleetAction& action);

}  // namespace thimble::cli
