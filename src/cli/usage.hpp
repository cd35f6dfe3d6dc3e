#pragma once
/// @file What a command line comes to that is not carried out: its help, its version, or what is wrong with it.

#include <ostream>

namespace CLI {  // NOLINT(readability-identifier-naming): the library's name
class App;
class ParseError;
}  // namespace CLI

namespace thimble::cli {

/// Prints it in lines of a terminal.
/// @return 0: it was asked for; else kUsage
int tell_usage(
    const CLI::App& app, const CLI::ParseError& outcome, std::ostream& out, std::ostream& err);

}  // namespace thimble::cli
