#pragma once
/// @file A number with its noun, for people: "1 package", "3 packages".

#include <cstdint>
#include <string>
#include <string_view>

namespace thimble {

inline std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
    return std::to_string(count).append(" ").append(count == 1 ? one : many);
}

/// Of a noun whose plural ends in "s" and changes nothing else.
inline std::string counted(std::uint64_t count, std::string_view one) {
    return counted(count, one, std::string(one).append("s"));
}

}  // namespace thimble
