#pragma once
/// @file What hosts outside say of a control, for people. Pure.

#include <string>
#include <string_view>
#include <vector>

namespace thimble::client {

/// What they say of one control on one host.
struct OutsideSaying {
    std::string where;  ///< "web1", or "wall on web1"
    std::string word;   ///< `outside` of the API
    std::string why;
};

/// "gets through from outside: laptop, which is not allowed, reaches …", "not asked from outside", "proven from outside".
std::string outside_sentence(std::string_view word, std::string_view why);

/// A line for all of whom the same is said, worst first, at most ten; what is left out is counted. At most 80 columns where no
/// word is longer. Empty: nobody says anything.
std::string outside_lines(std::vector<OutsideSaying> sayings);

}  // namespace thimble::client
