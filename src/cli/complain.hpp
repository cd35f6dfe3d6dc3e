#pragma once
/// @file How a command reports a failure: what it is, what next, and its exit status.

#include "thimble/base/error.hpp"

#include <ostream>
#include <span>
#include <string>
#include <string_view>

namespace thimble::cli {

/// Prints "thimble: …", broken into lines of a terminal, safe to show.
void tell(std::ostream& err, std::string_view sentence);

/// Tells the error with its code and what to do next, and returns the exit status that fits the error's kind.
int complain(std::ostream& err, const Error& error);

/// The same where the caller may know better what to do next.
/// @param better  what to do; empty: it does not
int complain(std::ostream& err, const Error& error, std::string_view better);

/// The same of an output that was asked for and is not there.
/// @return kBadInput where it could not be made of what was read, as of feeds too large for one catalog; else kCannotWrite
int complain_unwritten(std::ostream& err, const Error& error);

/// What a server doubts of what it was asked: a line "thimble: note: …" each, safe to show.
void warn(std::ostream& err, std::span<const std::string> warnings);

}  // namespace thimble::cli
