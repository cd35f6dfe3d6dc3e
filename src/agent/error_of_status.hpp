#pragma once
/// @file What an answer of a server of ours that is no success means to who asked.

#include "thimble/base/error.hpp"

#include <string_view>

namespace thimble::agent {

/// @param body  a problem (RFC 9457), or anything
/// @param room  of the error code, when the answer has none
/// @return the code of the server's problem, or "<room>.odd_answer": Denied for 401 and 403, NotFound for 404,
///         Conflict for 409, Unavailable for 429 and 5xx, Invalid for the rest
Error error_of_status(int status, std::string_view body, std::string_view room);

}  // namespace thimble::agent
