#pragma once
/// @file Runs a program on this machine and waits for it.

#include "thimble/host/host.hpp"

#include <cstdint>

namespace thimble::host {

/// What a program has beside its arguments and its streams.
enum class Surroundings : std::uint8_t {
    Caller,  ///< our environment, with LC_ALL=C, our folder and our umask
    Machine,  ///< as in an Enclosure: the environment of a machine's root, "/", umask 022, a session of its own
};

/// Runs `command` in a process group of its own. When the time is up or the output too long, it is killed with
/// everything that it started.
/// @error as Host::run
Result<Outcome> run_command(
    const Command& command, Surroundings surroundings = Surroundings::Caller);

}  // namespace thimble::host
