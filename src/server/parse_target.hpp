#pragma once
/// @file The target of a request, cookies, and which form of an answer is wanted.

#include "thimble/base/result.hpp"
#include "thimble/server/exchange.hpp"

#include <string>
#include <string_view>

namespace thimble::server {

/// Reads an origin-form target (RFC 9112, section 3.2.1): at most 2,048 bytes, 16 segments, 64 pairs.
/// @error Invalid "server.bad_target"  also for empty and dot segments, NUL and bad percent codes
Result<Target> parse_target(std::string_view text);

/// The value of a cookie in a Cookie header (RFC 6265, section 4.2); empty when it is not there.
std::string_view cookie_value(std::string_view header, std::string_view name);

/// The forms of a list.
enum class ListFormat : std::uint8_t { Json, Ndjson, Csv };

/// The form that an Accept header names first; JSON when it names none of ours.
ListFormat parse_accept(std::string_view header);

}  // namespace thimble::server
