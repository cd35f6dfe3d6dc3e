#pragma once
/// @file How a command reports a failure: one line that says what and what next, and its exit status.

#include "thimble/base/error.hpp"

#include <ostream>

namespace thimble::cli {

/// Prints "thimble: …" and returns the exit status that fits the error's kind.
int complain(std::ostream& err, const Error& error);

}  // namespace thimble::cli
