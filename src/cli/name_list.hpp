#pragma once
/// @file Many names in few columns. Pure.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace thimble::cli {

/// As many of the names as fit, at least one, and how many more there are: "curl 7.88, nginx 1.22 and 3 more".
/// @param columns  for the names; none of them is cut
std::string listed_names(
    std::span<const std::string> names, std::string_view separator, std::size_t columns);

}  // namespace thimble::cli
