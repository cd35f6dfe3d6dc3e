#pragma once
/// @file `thimble deployments`, `jobs`, `plans`, `runs`, `users`, `halt`: what a server does and has done.

#include "thimble/cli/fleet_options.hpp"
#include "thimble/client/fleet_context.hpp"
#include "thimble/client/fleet_page.hpp"

#include <string>

namespace CLI {  // NOLINT(readability-identifier-naming): the library's name
class App;
}  // namespace CLI

namespace thimble::cli {

/// The one host of that id or name.
/// @error NotFound "cli.no_host"; Invalid "cli.many_hosts"
Result<client::ListedHost> host_named(
    const client::FleetContext& context, const std::string& wanted);

void declare_deployments(CLI::App& app, FleetOptions& options, FleetAction& action);
void declare_views(CLI::App& app, FleetOptions& options, FleetAction& action);
void declare_halt(CLI::App& app, FleetOptions& options, FleetAction& action);

}  // namespace thimble::cli
