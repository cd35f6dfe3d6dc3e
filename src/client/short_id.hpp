#pragma once
/// @file Ids as people read and type them: as short as they stay apart. Pure.

#include "thimble/base/result.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace thimble::client {

inline constexpr std::size_t kShortestId = 8;

/// How many characters tell these ids apart: at least 8, where the ids are that long.
/// O(n log n).
std::size_t short_id_width(std::span<const std::string> ids);

/// As much of a digest as people are shown, and must name at least of what they approve.
inline constexpr std::size_t kShortestDigest = 12;

/// What somebody names is a digest: all of it, or its beginning.
/// @return whether it is that one
/// @error Invalid "client.short_digest"
Result<bool> names_digest(std::string_view named, std::string_view digest);

}  // namespace thimble::client
