#pragma once
/// @file Members of a request's body, and the texts that may stand in them. Pure.

#include "thimble/base/json_members.hpp"
#include "thimble/server/exchange.hpp"

#include <string>
#include <string_view>

namespace thimble::server {

/// What is wrong with a body: Invalid "server.bad_body".
Error bad_body(std::string what);

/// The body as JSON.
/// @error Invalid "server.bad_body"
Result<JsonValue> body_of(const Request& request);

/// What JsonMembers found missing, as the fault of who asked.
/// @error Invalid "server.bad_body"
Result<void> check_members(const JsonMembers& members);

/// A name for people: 1 to 128 bytes of valid UTF-8 without control characters.
/// @error Invalid "server.bad_body"  names the member
Result<std::string> checked_name(std::string text, std::string_view member);

/// A word: 1 to 64 of a-z, 0-9, "-", "_", ".", not beginning with "." or "-".
/// @error as checked_name
Result<std::string> checked_word(std::string text, std::string_view member);

/// The reason that is given for something: member `why`, 1 to 1000 bytes without NUL; and all members as
/// check_members.
/// @error Invalid "server.bad_body"
Result<std::string> checked_reason(JsonMembers& members);
/// Likewise where it may be left out, which is an empty one.
Result<std::string> checked_reason_or_none(JsonMembers& members);

/// Likewise of `?why=` of an address.
/// @error Invalid "server.bad_parameter"
Result<std::string> checked_reason_or_none(const Target& target);

/// A number of a member that may be absent, within bounds.
/// @error as checked_name
Result<std::int64_t> checked_number(
    JsonMembers& members, std::string_view member, std::int64_t otherwise, std::int64_t largest);

}  // namespace thimble::server
