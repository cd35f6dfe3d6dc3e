#pragma once
/// @file JSON of others that decides who somebody is. Pure.

#include "thimble/base/json_members.hpp"

#include <cstddef>
#include <string_view>

namespace thimble::openid {

/// As parse_json, but of at most that many bytes, and no object may name a member twice: of two readers
/// one would take the first, one the last (RFC 7515, section 4; RFC 7519, section 4).
/// @return an object
/// @error Corrupt "openid.bad_json"
Result<JsonValue> parse_strict_json(std::string_view text, std::size_t most_bytes);

/// Whether a text is one address on https, as far as it must be before it is asked or shown: printable
/// ASCII, no fragment, at most 1,024 bytes.
bool is_https_address(std::string_view text);

}  // namespace thimble::openid
