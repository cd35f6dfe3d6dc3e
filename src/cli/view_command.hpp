#pragma once
/// @file The lists of a server that are commands: `thimble findings`, `vulnerabilities`, `jobs`, `plans` …

#include "thimble/cli/fleet_options.hpp"
#include "thimble/client/list_view.hpp"

#include <string>

namespace thimble::cli {

/// What --where and --sort say, as parameters of an address. @error Invalid "cli.bad_option"
Result<std::string> wanted_items(const ListOptions& list);

/// Shows a list as a table or JSON.
Result<int> show_list(const FleetOptions& asked, const client::ListView& view);

/// --json, --where, --sort.
void declare_list_options(CLI::App& command, FleetOptions& options);

void declare_views(CLI::App& app, FleetOptions& options, FleetAction& action);

}  // namespace thimble::cli
