#pragma once
/// @file Commands with verbs, when the verb is mistyped or missing.

#include <iosfwd>
#include <span>
#include <string_view>

namespace CLI {  // NOLINT(readability-identifier-naming): the library's name
class App;
}  // namespace CLI

namespace thimble::cli {

/// Refuses a verb that its command does not have, and a command that needs a verb and has none; says
/// what may have been meant and which verbs there are.
/// @param arguments  of the program, its name first
/// @param elsewhere  verbs of that command which another program has
/// @return kUsage; 0 when there is nothing to refuse
int refuse_unknown_verb(
    const CLI::App& app,
    std::span<const char* const> arguments,
    std::ostream& err,
    std::span<const std::string_view> elsewhere = {});

}  // namespace thimble::cli
