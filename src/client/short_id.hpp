#pragma once
/// @file Ids as people read and type them: as short as they stay apart. Pure.

#include <cstddef>
#include <span>
#include <string>

namespace thimble::client {

inline constexpr std::size_t kShortestId = 8;

/// How many characters tell these ids apart: at least 8, where the ids are that long.
/// O(n log n).
std::size_t short_id_width(std::span<const std::string> ids);

}  // namespace thimble::client
