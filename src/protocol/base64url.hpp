#pragma once
/// @file Base64 with the alphabet for URLs, without padding (RFC 4648, section 5).

#include "thimble/base/result.hpp"

#include <string>
#include <string_view>

namespace thimble::protocol {

std::string format_base64url(std::string_view bytes);

/// @return the bytes; only the one text that stands for them is taken: no padding, no stray last bits
/// @error Invalid "protocol.bad_base64"
Result<std::string> parse_base64url(std::string_view text);

}  // namespace thimble::protocol
