#pragma once
/// @file Why nothing can be kept in a state directory: its disk is full, or it may not be written.

#include "thimble/base/error.hpp"
#include "thimble/model/inventory.hpp"

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

namespace thimble::cli {

/// @return Unavailable "cli.state_full" or Denied "cli.state_closed", which name the directory; none: as far as can be seen without
///         writing, it can be written
std::optional<Error> state_trouble(const std::filesystem::path& state);

/// What to do about the one and the other.
inline constexpr std::string_view kStepOfFullState =
    "Free some space there, or name another state directory: --state DIR";
inline constexpr std::string_view kStepOfClosedState =
    "Run this as root, or name another state directory: --state DIR";

/// The same error, or what it comes of where that is the state directory: whoever had no room tells of a file, or of an index.
Error blaming_state(Error error, const std::filesystem::path& state);

/// Puts the state directory first among the gaps of a scan, with its step for all that come of it, where it is what they come of.
void blame_state(std::vector<model::Gap>& gaps, const std::filesystem::path& state);

}  // namespace thimble::cli
