#pragma once
/// @file Base64 for addresses (RFC 4648, section 5), without padding.

#include <optional>
#include <string>
#include <string_view>

namespace thimble::server {

std::string base64url_of(std::string_view bytes);

/// @return none for other characters, an impossible length, or bits that are not zero at the end
std::optional<std::string> bytes_of_base64url(std::string_view text);

}  // namespace thimble::server
