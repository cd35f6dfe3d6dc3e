#pragma once
/// @file How often and until when the owners of hosts have put off their changes. Within transactions; whether they may
/// is decided by the rollout.

#include "thimble/base/instant.hpp"
#include "thimble/rollout/step.hpp"
#include "thimble/server/context.hpp"
#include "thimble/server/rollout_state.hpp"
#include "thimble/store/deployments.hpp"

#include <cstddef>
#include <span>
#include <string>

namespace thimble::server {

/// Puts into the state of a host when the most urgent patch of its plan is due.
/// @param host  index in live.rollout.hosts
Result<void> learn_due(store::Connection& connection, LiveRollout& live, std::size_t host);

/// Puts the deferrals of a rollout into the state of its hosts; of those that are put off now, also when they are due.
/// @param rows   of the hosts, in their order, ascending ids
/// @param hosts  may be some of them
Result<void> take_deferrals(
    store::Connection& connection,
    const std::string& deployment_id,
    std::span<const store::DeploymentHost> rows,
    std::span<rollout::RolloutHost> hosts,
    Instant now);

/// Tells the owners who have notice since this step.
Result<void> tell_of_notice(
    Trail& trail,
    const std::string& deployment_id,
    const rollout::Rollout& before,
    const rollout::Rollout& after);

}  // namespace thimble::server
