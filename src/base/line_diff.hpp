#pragma once
/// @file A bounded unified diff for people.

#include <cstddef>
#include <string>
#include <string_view>

namespace thimble {

/// The shortest way from `before` to `after` by lines, with three lines of context; "---" and "+++"
/// lines are left to the caller. What can be read on a terminal only: control characters become '?'.
///
/// Empty when the texts are the same, or one of them is no text (a NUL in it). Texts that differ in
/// more than 1,000 lines are shown as one whole replaced by the other. O(lines x differences).
/// @param limit  bytes; a longer diff ends with "…"
std::string line_diff(std::string_view before, std::string_view after, std::size_t limit);

}  // namespace thimble
