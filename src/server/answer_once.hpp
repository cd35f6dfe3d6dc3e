#pragma once
/// @file A write with an Idempotency-Key: done once, answered as often as it is asked, by whichever server.

#include "thimble/server/context.hpp"
#include "thimble/server/route_table.hpp"

#include <string_view>

namespace thimble::server {

using Handler = Result<Answer> (*)(Context&, const Call&);

/// A handler and what it is of.
struct Handled {
    Endpoint endpoint = Endpoint::Health;
    Handler handler = nullptr;
};

/// The answer, or the problem that the error is.
Answer answer_of(Result<Answer> result);

/// @param key  the header, as whoever is signed in sent it
Answer answer_once(
    Context& context, const Call& call, const Handled& handled, std::string_view key);

}  // namespace thimble::server
