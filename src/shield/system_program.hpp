#pragma once
/// @file The host's own programs, by absolute paths: PATH is for others to set.

#include "thimble/base/result.hpp"
#include "thimble/host/host.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::shield {

inline constexpr std::chrono::seconds kProgramTimeout{60};

/// @error NotFound "shield.no_program"
Result<std::string> system_program(std::string_view name);

/// Runs a program of the host and waits for it.
/// @param argv  argv[0] is a name as system_program takes it
/// @error as system_program and host::run_command; Unavailable "shield.program_failed" with the end of what it complained
Result<std::string> output_of(std::vector<std::string> argv, std::string input = {});

/// The same, whatever it ends with.
Result<host::Outcome> run_program(std::vector<std::string> argv, std::string input = {});

}  // namespace thimble::shield
