#pragma once
/// @file Runs a program on this machine and waits for it.

#include "thimble/host/host.hpp"

namespace thimble::host {

/// Runs `command` with LC_ALL=C and the rest of our environment, in a process group of its own. When the
/// time is up or the output too long, it is killed with everything that it started.
/// @error as Host::run
Result<Outcome> run_command(const Command& command);

}  // namespace thimble::host
