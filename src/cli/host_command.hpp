#pragma once
/// @file `thimble hosts`, `patches`, `affected`: the hosts of a fleet, and what they miss.

#include "thimble/cli/fleet_options.hpp"
#include "thimble/client/fleet_context.hpp"
#include "thimble/client/fleet_page.hpp"

#include <string>
#include <vector>

namespace thimble::cli {

/// The one host of that id or name, or whose id begins like that.
/// @error NotFound "cli.no_host"; Invalid "cli.many_hosts"
Result<client::ListedHost> host_named(
    const client::FleetContext& context, const std::string& wanted);

/// Says on standard error that everything is halted, if it is.
Result<void> tell_of_halt(const client::FleetContext& context);

void declare_hosts(CLI::App& app, FleetOptions& options, FleetAction& action);

}  // namespace thimble::cli
