#pragma once
/// @file Deployments, where their hosts stand, the plans of hosts and the runs that they tell of.

#include "thimble/base/instant.hpp"
#include "thimble/store/connection.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace thimble::store {

struct Deployment {
    std::string id;
    std::string selection;  ///< JSON
    bool restart_services = false;
    std::string created_by;
    Instant created_at;
    std::string why;
    Instant cancelled_at;          ///< 0: never
    std::string host_group = "*";  ///< the one that whoever started it is limited to; "*": every
    bool operator==(const Deployment&) const = default;
};

/// One host of a deployment; phases and kinds are words of the rollout.
struct DeploymentHost {
    std::string deployment_id;
    std::string host_id;
    std::string phase;
    Instant since;
    std::string job_kind;
    std::string job_id;
    std::string plan_digest;
    std::string run;
    std::string why;
    std::int64_t ring = 0;              ///< of a rollout
    std::int64_t availability_set = 0;  ///< 0: of none
    std::int64_t tries = 0;             ///< how often it was begun
    std::int64_t expected_seconds = 0;  ///< of its transaction; 0: unknown
    std::int64_t refused_reboots = 0;
    std::int64_t order_step = 0;  ///< of the policy's order; 0: of none
    // NOLINTBEGIN(readability-redundant-member-init): g++ warns of fields that are left out
    std::string set_name = {};  ///< of its availability set; empty: of none
    Instant noticed_at = {};    ///< since when its owner knows of it; 0: nobody was told
    /// The emergency that took it from this deployment, which has not begun it again; empty: none.
    std::string gave_way_to = {};
    // NOLINTEND(readability-redundant-member-init)
    bool operator==(const DeploymentHost&) const = default;
};

/// A plan that was frozen on a host.
struct HostPlan {
    std::string digest;
    std::string host_id;
    std::string document;  ///< digest of the document that it is
    std::string patches;   ///< "nginx 1.2-3, openssl 3.0-4": source and version of each
    std::int64_t steps = 0;
    std::int64_t download_bytes = 0;
    std::string restart;
    std::int64_t problems = 0;
    Instant created_at;
    bool operator==(const HostPlan&) const = default;
};

/// A run of a host: a transaction, there or back.
struct HostRun {
    std::string host_id;
    std::string run;
    std::string plan_digest;
    std::string kind;
    std::string result;
    std::string why;
    std::string job_id;
    Instant reported_at;
    bool operator==(const HostRun&) const = default;
};

Result<void> add_deployment(Connection& connection, const Deployment& deployment);
Result<std::optional<Deployment>> deployment_of(Connection& connection, const std::string& id);
/// @return whether it was not cancelled before
Result<bool> cancel_deployment(Connection& connection, const std::string& id, Instant now);

Result<void> add_deployment_host(Connection& connection, const DeploymentHost& host);
/// Adds many at once.
Result<void> add_deployment_hosts(Connection& connection, std::span<const DeploymentHost> hosts);
/// Puts what is known now in the place of what was; key: deployment and host. Its set and its step of the order stay.
Result<void> set_deployment_host(Connection& connection, const DeploymentHost& host);
Result<std::vector<DeploymentHost>> hosts_of_deployment(
    Connection& connection, const std::string& deployment_id);
/// One of them.
Result<std::optional<DeploymentHost>> host_of_deployment(
    Connection& connection, const std::string& deployment_id, const std::string& host_id);
/// Where a host stands in all deployments that have it, by their ids.
Result<std::vector<DeploymentHost>> deployments_of_host(
    Connection& connection, const std::string& host_id);
/// Hosts of availability sets in all rollouts but one that are not over, by rollout and id.
Result<std::vector<DeploymentHost>> set_members_elsewhere(
    Connection& connection, const std::string& deployment_id);
/// The host whose latest job is that one.
Result<std::optional<DeploymentHost>> deployment_host_of_job(
    Connection& connection, const std::string& job_id);
/// The deployment that has a job under way on a host; empty: none has.
/// @param phases_under_way  words of the rollout
Result<std::string> deployment_under_way(
    Connection& connection,
    const std::string& host_id,
    const std::vector<std::string>& phases_under_way);

/// Hosts of rollouts that run, which stand in one of these phases.
/// @param phases  words of the rollout
Result<std::vector<std::string>> hosts_of_running_rollouts(
    Connection& connection, const std::vector<std::string>& phases);

/// A plan that is there already stays as it is.
Result<void> keep_plan(Connection& connection, const HostPlan& plan);
Result<std::optional<HostPlan>> plan_of(Connection& connection, const std::string& digest);
/// Source and version of each patch of a plan, as `patches` names them.
using PlannedPatches = std::vector<std::pair<std::string, std::string>>;
PlannedPatches planned_patches(const HostPlan& plan);
/// Puts what its job tells now in the place of what it told; another job's run stays.
Result<void> keep_run(Connection& connection, const HostRun& run);
/// The plan of a run that a host told of; empty: none is known.
Result<std::string> plan_of_run(
    Connection& connection, const std::string& host_id, const std::string& run);

}  // namespace thimble::store
