#pragma once
/// @file Percent-encoding of text from outside for URLs and package URLs.

#include <string>
#include <string_view>

namespace thimble::report {

/// Letters, digits and `.-_~:` stay, every other byte becomes %XX.
/// @source RFC 3986 section 2.1; package-url specification (':' stays bare)
std::string percent_encoded(std::string_view text);

}  // namespace thimble::report
