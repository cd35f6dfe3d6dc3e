#pragma once
/// @file What a command line comes to that is not carried out: its help, its version, or what is wrong with it.

#include <ostream>

namespace CLI {  // NOLINT(readability-identifier-naming): the library's name
class App;
class ParseError;
}  // namespace CLI

namespace thimble::cli {

/// Reads the arguments of a program. An option whose value was forgotten does not take the next option for it.
/// @throws CLI::ParseError, to be told by tell_usage
void parse_arguments(CLI::App& app, int argc, const char* const* argv);

/// Prints it in lines of a terminal.
/// @return 0: it was asked for; else kUsage
int tell_usage(
    const CLI::App& app, const CLI::ParseError& outcome, std::ostream& out, std::ostream& err);

}  // namespace thimble::cli
