#pragma once
/// @file Drives rollouts: what the ring engine decides becomes jobs. Within transactions; the decisions are
/// those of the rollout.

#include "thimble/base/instant.hpp"
#include "thimble/model/plan.hpp"
#include "thimble/rollout/step.hpp"
#include "thimble/server/context.hpp"
#include "thimble/server/rollout_state.hpp"
#include "thimble/store/jobs.hpp"

#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace thimble::server {

/// What a person asks for when a rollout begins.
struct RolloutOrder {
    std::string id;  ///< of the deployment
    std::string policy;
    bool is_emergency = false;
    std::string requester;  ///< "user:NAME"
    std::string why;
    std::string host_group;  ///< that its rights are limited to, or *
    // NOLINTBEGIN(readability-redundant-member-init): g++ warns of fields that are left out
    std::vector<std::string> packages = {};  ///< these alone; empty: what the policy selects
    std::string opened_for = {};             ///< by rule: "curl 7.88-2"
    std::set<std::string> without = {};      ///< ids of hosts that are left out
    bool asks_first = false;                 ///< of an emergency: approval before its first ring
    // NOLINTEND(readability-redundant-member-init)
};

/// Hosts as policies see them, by id; those that are revoked or enrolled again are left out.
Result<std::vector<rollout::HostFacts>> host_facts(store::Connection& connection);
/// One of them.
rollout::HostFacts facts_of(const store::RolloutCandidate& host);

/// What would begin.
struct PlannedRollout {
    std::string document;  ///< text of the policy
    model::PlanSelection selection;
    rollout::Rollout rollout;
};

/// Assigns the hosts that the policy is about to its rings; nothing is kept yet.
/// @param hosts  all, as host_facts
/// @error NotFound "server.no_policy"; Conflict "server.no_emergency"; Invalid as rollout::begin_rollout
Result<PlannedRollout> plan_rollout(
    Context& context,
    store::Connection& connection,
    const RolloutOrder& order,
    std::span<const rollout::HostFacts> hosts,
    Instant now);
/// Its first step is for drive_rollout.
Result<void> keep_rollout(
    store::Connection& connection, const RolloutOrder& order, const PlannedRollout& planned);

/// Takes an event into a rollout and gives its hosts what follows.
/// @error NotFound "server.no_rollout"
Result<void> drive_rollout(
    Context& context,
    store::Connection& connection,
    Trail& trail,
    const std::string& deployment_id,
    const rollout::Event& event);

/// Why the transaction or reboot of a host may not begin now, whatever it was told before; empty: it may.
Result<std::string> why_no_turn(
    Context& context, store::Connection& connection, const store::Job& job, Instant now);

/// One step of every rollout that is not over, each in a transaction of its own.
Result<void> drive_rollouts(Context& context, Instant now);

}  // namespace thimble::server
