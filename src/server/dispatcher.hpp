#pragma once
/// @file From a request to its answer: route, who asks, rights, repeated writes, handler.

#include "thimble/server/context.hpp"
#include "thimble/server/route_table.hpp"

namespace thimble::server {

/// What may be read of the body before anything is known of the rest of the request.
std::size_t body_limit(const Routed& routed);

/// A refusal that needs no body: no such address, wrong method, no certificate of ours, revoked.
std::optional<Response> refusal_of(Context& context, const Request& request, const Routed& routed);

/// Whether a host that has a certificate of ours is not known here, while another server may have enrolled it
/// a moment ago: look into the database before it is refused.
bool is_stranger(const Context& context, const Request& request, const Routed& routed);

/// Looks into the database. Blocks for a moment.
/// @return a problem when there is no answer now
Response meet_stranger(Context& context, const Request& request);

/// Answers a request that was not refused. Blocks as long as its route's `work` says.
Answer answer(Context& context, const Request& request, const Routed& routed, Attempt attempt);

/// Adds what every response has: security headers, and ETag where it can serve.
Response finished(const Request& request, Response response);

}  // namespace thimble::server
