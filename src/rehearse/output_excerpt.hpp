#pragma once
/// @file What of a long output tells why a transaction failed. Pure.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::rehearse {

/// The last lines of an output, since what went wrong mostly stands there, and before them the error lines of dpkg, apt, rpm and dnf
/// that came earlier, the first ones first, each with the line before it, which is the last word of a script, and the one after it.
/// @param most  lines of the answer
/// @return lines that are not blank, in their order; where some are left out a line before the last ones counts them. Not empty, and
/// its last line the last of the output that is not blank, unless there is none or `most` is 0.
std::vector<std::string> output_excerpt(std::string_view output, std::size_t most);

}  // namespace thimble::rehearse
