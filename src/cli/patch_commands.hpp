#pragma once
/// @file The command line of thimble-patch: its verbs and their options. What they do is elsewhere.

#include "thimble/cli/patch_options.hpp"

#include <cstdint>
#include <optional>

namespace CLI {  // NOLINT(readability-identifier-naming): the library's name
class App;
}  // namespace CLI

namespace thimble::cli {

enum class PatchVerb : std::uint8_t {
    Plan,
    Show,
    Rehearse,
    Apply,
    Rollback,
    Unblock,
    Resume,
    Prune,
    Verify,
    History,
    Doctor,
};

/// @param options, chosen  filled when the application has parsed; they outlive it
void declare_patch_commands(CLI::App& app, PatchOptions& options, std::optional<PatchVerb>& chosen);

}  // namespace thimble::cli
