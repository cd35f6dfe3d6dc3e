#pragma once
/// @file How a command reports a failure: one line that says what and what next, and its exit status.

#include "thimble/base/error.hpp"

#include <ostream>
#include <span>
#include <string>

namespace thimble::cli {

/// Prints "thimble: …" and returns the exit status that fits the error's kind.
int complain(std::ostream& err, const Error& error);

/// What a server doubts of what it was asked: a line "thimble: note: …" each, safe to show.
void warn(std::ostream& err, std::span<const std::string> warnings);

}  // namespace thimble::cli
