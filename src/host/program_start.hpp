#pragma once
/// @file How a child of ours becomes a program that nothing of our caller reaches. Private to this folder.

#include "thimble/host/conversation.hpp"
#include "thimble/host/host.hpp"

#include <string>
#include <vector>

namespace thimble::host {

/// Where a child that could not become its program says so; closed on exec.
constexpr int kReportDescriptor = 4;

/// What `Command::held` becomes; above the numbers that programs and their scripts use.
constexpr int kHeldDescriptor = 64;

/// The environment of a machine's root, and what the command sets in place of it.
std::vector<std::string> machine_environment(const Command& command);

/// Turns the calling child into the program: in a session of its own, with no signal held back or ignored, and no descriptor but
/// `ends`, what the command hands on, and `report`, which becomes kReportDescriptor.
/// @return errno: it could not be started
int become(
    const Command& command,
    std::vector<std::string> environment,
    const ChildEnds& ends,
    int report);

}  // namespace thimble::host
