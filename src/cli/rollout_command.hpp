#pragma once
/// @file thimble rollout: a patch set taken through the rings of a policy.

#include "thimble/cli/fleet_options.hpp"

namespace thimble::cli {

/// start, show, explain, approve, pause, halt, resume, cancel, skip, retry; without a verb: the list.
void declare_rollouts(CLI::App& app, FleetOptions& options, FleetAction& action);

}  // namespace thimble::cli
