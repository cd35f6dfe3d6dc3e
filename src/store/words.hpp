#pragma once
/// @file Lists of words in one column, and in one condition.

#include "thimble/store/connection.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::store {

/// "a,b"; none of them has a comma.
std::string joined(std::span<const std::string> words);
/// What `joined` made; "" is no word.
std::vector<std::string> split(std::string_view text);

/// ":p2, :p3" for a condition with IN; the words are added to the values of the statement.
std::string placeholders(std::span<const std::string> words, Row& values);

}  // namespace thimble::store
