#pragma once
/// @file What a rollout wants of the plans of its hosts: the frozen set. Within transactions.

#include "thimble/base/result.hpp"
#include "thimble/model/fleet_health.hpp"
#include "thimble/model/owner_hook.hpp"
#include "thimble/model/plan.hpp"
#include "thimble/server/context.hpp"
#include "thimble/store/connection.hpp"
#include "thimble/store/deployments.hpp"
#include "thimble/store/rollouts.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace thimble::server {

/// "Debian 12 amd64": the same for hosts on which the same patches mean the same; empty: the host is not known.
Result<std::string> system_of(store::Connection& connection, const std::string& host_id);

/// What a course must know of the rollout that it is part of.
struct RolloutTurn {
    bool is_rollout = false;  ///< its transactions wait for their turn
    bool is_over = false;     ///< done or cancelled: nothing begins any more
};
Result<RolloutTurn> turn_of(store::Connection& connection, const std::string& deployment_id);
/// How long a host of a deployment may take to come back from a reboot, with its hooks and its services settling.
Result<std::chrono::minutes> returns_within(
    Context& context, store::Connection& connection, const std::string& deployment_id);

/// What a host of a deployment is asked to plan: what was selected; in a rollout, after its first ring, the
/// packages of the frozen set. What an exception keeps away from the host is excluded, and what was taken back in its group.
Result<model::PlanSelection> selection_for(
    store::Connection& connection,
    const store::Deployment& deployment,
    const store::DeploymentHost& host);

/// What a host of a rollout must show after its transaction; none: its deployment is no rollout.
Result<std::optional<model::PlanHealth>> health_for(
    Context& context, store::Connection& connection, const std::string& deployment_id);

/// The hooks that the policy of a rollout names; none: its deployment is no rollout.
Result<std::vector<model::OwnerHook>> hooks_for(
    Context& context, store::Connection& connection, const std::string& deployment_id);

/// Takes the plan of a host into the set while the first ring is planned; later it must be in the set.
/// @return why the plan is outside; empty: it is not, or its deployment is no rollout
Result<std::string> why_outside_rollout(
    store::Connection& connection, const store::DeploymentHost& host, const model::Plan& plan);

/// Whether a host that plans nothing of what was left out is behind what the rollout has planned so far: see FrozenSet::why_behind.
/// @param excluded  of what it was asked for
/// @return why; empty: it is not, or its deployment is no rollout
Result<std::string> why_behind_rollout(
    store::Connection& connection,
    const store::DeploymentHost& host,
    const std::vector<model::LeftOut>& left_out,
    const std::vector<std::string>& excluded);

/// Whether a rollout brings a source package to a host; none: that is not known before its set is frozen.
Result<std::optional<bool>> carries(
    store::Connection& connection,
    const store::RolloutRecord& rollout,
    const std::string& host_id,
    const std::string& source);

/// What a host needs to see who signed the set that its plan is of; empty: nobody did, or it is no rollout.
Result<std::string> approval_evidence(
    store::Connection& connection, const std::string& deployment_id, const std::string& host_id);

}  // namespace thimble::server
