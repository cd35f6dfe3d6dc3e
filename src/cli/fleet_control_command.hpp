#pragma once
/// @file thimble control: compensating controls of a server's hosts. What is done on this machine is thimble-control.

#include "thimble/cli/fleet_options.hpp"

namespace thimble::cli {

/// list, show, propose, request, approve, enforce, deploy, verify, attest, retire.
void declare_controls(CLI::App& app, FleetOptions& options, FleetAction& action);

}  // namespace thimble::cli
