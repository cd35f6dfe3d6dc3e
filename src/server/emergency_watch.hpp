#pragma once
/// @file Opens emergencies by rule: what is exploited, or has a public exploit and must not wait, and can be patched.

#include "thimble/server/context.hpp"

namespace thimble::server {

/// Begins a rollout for each policy whose emergencies open by rule, of the patches that hosts of it miss, that
/// nothing known keeps from being installed, and that close something that is exploited, or has a public exploit and an outcome of out-of-cycle or
/// immediate. Its hosts wait for one that is not over. One that has ended binds for 30 days from then: what its hosts missed
/// at its end, by vulnerabilities that made it urgent, opens none again. A host that is exposed since, that was not in it, or
/// another vulnerability of the patch that is exploited does; hosts of which nothing is new are left out then. A policy that names
/// patches opens them for these alone.
/// @return how many were opened
/// @error Invalid as rollout::begin_rollout, of a policy whose first ring has no host: it is named, others are opened
Result<std::size_t> open_emergencies(Context& context, Instant now);

}  // namespace thimble::server
