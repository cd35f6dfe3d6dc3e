#pragma once
/// @file Failures as responses: problem+json (RFC 9457). Pure.

#include "thimble/base/error.hpp"
#include "thimble/server/exchange.hpp"

namespace thimble::server {

/// The status that fits an error's kind; what is ours to mend shows no inner words.
Response problem_of(const Error& error);

/// A problem by status, stable code and words.
Response problem(unsigned status, std::string_view code, std::string_view detail);

}  // namespace thimble::server
