#pragma once
/// @file Of many names the first ones, and how many more there are: "curl, nginx and 3 more".

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace thimble {

/// At most `most` of the names, with commas.
std::string some_names(std::span<const std::string> names, std::size_t most);

/// As many of the names as fit, at least one.
/// @param columns  for the names; none of them is cut
std::string listed_names(
    std::span<const std::string> names, std::string_view separator, std::size_t columns);

}  // namespace thimble
