#pragma once
/// @file Opens emergencies by rule: what is exploited, or has a public exploit and must not wait, and can be patched.

#include "thimble/server/context.hpp"

namespace thimble::server {

/// Begins a rollout for each policy whose emergencies open by rule, of the patches that hosts of it miss, that can be had (or may
/// be had: nobody could ask the repositories, and planning does), and that close something that is exploited, or has a public exploit and an outcome of out-of-cycle or
/// immediate. What an emergency of the last 30 days was opened for is not opened for again; one that is not over is
/// waited for.
/// @return how many were opened
/// @error Invalid as rollout::begin_rollout, of a policy whose first ring has no host: it is named, others are opened
Result<std::size_t> open_emergencies(Context& context, Instant now);

}  // namespace thimble::server
