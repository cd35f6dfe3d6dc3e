#pragma once
/// @file The state of a rollout, as the engine takes it, from what is stored. Within transactions.

#include "thimble/base/instant.hpp"
#include "thimble/rollout/holds.hpp"
#include "thimble/rollout/rollout.hpp"
#include "thimble/server/context.hpp"
#include "thimble/store/connection.hpp"
#include "thimble/store/deployments.hpp"
#include "thimble/store/rollouts.hpp"

#include <chrono>
#include <span>
#include <string>
#include <vector>

namespace thimble::server {

/// A rollout with everything that a step needs.
struct LiveRollout {
    store::RolloutRecord record;
    rollout::Rollout rollout;
    std::vector<store::DeploymentHost> rows;  ///< those of rollout.hosts, in their order
    rollout::Openings openings;
    std::vector<rollout::PeerElsewhere> elsewhere;  ///< what other rollouts do to hosts of its sets
};

/// How far ahead windows are looked for: where people are told when; and where something begins now or does not. What
/// is open for longer than the latter suffices for any transaction.
inline constexpr std::chrono::days kTellsAhead{370};
inline constexpr std::chrono::days kDecidesAhead{8};

/// @param ahead  how far its openings reach
/// @error NotFound "server.no_rollout"
Result<LiveRollout> live_rollout(
    Context& context,
    store::Connection& connection,
    const std::string& deployment_id,
    Instant now,
    std::chrono::days ahead = kTellsAhead);

/// The state that a record, its rings, approvals, deferrals and hosts stand for.
/// @param rows  its hosts, or none of them
Result<rollout::Rollout> stored_rollout(
    Context& context,
    store::Connection& connection,
    const store::RolloutRecord& record,
    std::span<const store::DeploymentHost> rows,
    Instant now);
/// A host of it, without its deferrals, and without what was taken back in its group.
rollout::RolloutHost stored_host(const store::DeploymentHost& row);

/// A policy as it was kept, read once.
/// @param hosts  as of rollout::parse_policy
/// @error as rollout::parse_policy
Result<ParsedPolicies::Kept> kept_policy(
    Context& context, const std::string& document, std::size_t hosts);
/// The policy by which a rollout goes; of an emergency, as it is then.
Result<rollout::Policy> policy_of(Context& context, const store::RolloutRecord& record);

/// When its policy lets hosts be changed, from before `now` until so many days after.
Result<rollout::Openings> openings_around(
    const rollout::Policy& policy, Instant now, std::chrono::days ahead);

Error no_rollout();

}  // namespace thimble::server
