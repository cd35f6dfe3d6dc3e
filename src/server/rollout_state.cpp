#include "thimble/server/rollout_state.hpp"

#include "thimble/server/course_steps.hpp"
#include "thimble/server/owner_deferral.hpp"
#include "thimble/store/taken_back.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace thimble::server {
namespace {

/// A window that was open so long ago is not asked about.
constexpr std::chrono::days kBehind{8};

/// Which hosts of its availability sets other rollouts change now, or have broken.
Result<std::vector<rollout::PeerElsewhere>> peers_elsewhere(
    store::Connection& connection, const std::string& deployment_id) {
    THIMBLE_TRY(const auto rows, store::set_members_elsewhere(connection, deployment_id));
    std::vector<rollout::PeerElsewhere> peers;
    for (const store::DeploymentHost& row : rows) {
        const rollout::HostStage stage = rollout::stage_of(course_of(row));
        if (rollout::is_in_change(stage) || rollout::is_broken(stage)) {
            peers.push_back(
                {row.set_name, row.host_id, row.deployment_id, rollout::is_broken(stage)});
        }
    }
    return peers;
}

}  // namespace

Result<ParsedPolicies::Kept> kept_policy(
    Context& context, const std::string& document, std::size_t hosts) {
    return context.policies.with(
        [&](ParsedPolicies& policies) { return policies.of(document, hosts); });
}

Result<rollout::Policy> policy_of(Context& context, const store::RolloutRecord& record) {
    THIMBLE_TRY(
        const auto kept,
        kept_policy(context, record.document, static_cast<std::size_t>(record.hosts)));
    if (!record.is_emergency) {
        return *kept;
    }
    rollout::Policy policy = rollout::in_emergency(*kept);
    if (record.asks_first) {
        policy.approval.before_ring.clear();
    }
    return policy;
}

Error no_rollout() {
    return failure(ErrorKind::NotFound, "server.no_rollout", "there is no such rollout");
}

rollout::RolloutHost stored_host(const store::DeploymentHost& row) {
    rollout::RolloutHost host;
    host.id = row.host_id;
    host.ring = static_cast<std::uint32_t>(row.ring);
    host.set = static_cast<std::uint32_t>(row.availability_set);
    host.stage = rollout::stage_of(course_of(row));
    host.since = row.since;
    host.tries = static_cast<std::uint32_t>(row.tries);
    host.expected = std::chrono::seconds(row.expected_seconds);
    host.order = static_cast<std::uint32_t>(row.order_step);
    host.refused_reboots = static_cast<std::uint32_t>(row.refused_reboots);
    host.noticed_at = row.noticed_at;
    return host;
}

Result<rollout::Openings> openings_around(
    const rollout::Policy& policy, Instant now, std::chrono::days ahead) {
    return rollout::openings_of(policy, now - kBehind, now + ahead);
}

Result<rollout::Rollout> stored_rollout(
    Context& context,
    store::Connection& connection,
    const store::RolloutRecord& record,
    std::span<const store::DeploymentHost> rows,
    Instant now) {
    rollout::Rollout state;
    THIMBLE_TRY(state.policy, policy_of(context, record));
    THIMBLE_TRY(const auto deployment, store::deployment_of(connection, record.deployment_id));
    if (!deployment) {
        return no_rollout();
    }
    state.requester = deployment->created_by;
    state.began = deployment->created_at;
    state.phase =
        rollout::rollout_phase_named(record.phase).value_or(rollout::RolloutPhase::Halted);
    state.since = record.since;
    state.why = record.why;
    state.frozen = record.frozen_digest;
    THIMBLE_TRY(const auto approvals, store::approvals_of(connection, record.deployment_id));
    for (const store::RolloutApproval& approval : approvals) {
        state.approvals.push_back({approval.person, approval.frozen, approval.approved_at});
    }
    state.rings.resize(state.policy.rings.size());
    THIMBLE_TRY(const auto rings, store::rollout_rings(connection, record.deployment_id));
    for (const store::RolloutRingRecord& ring : rings) {
        state.rings.at(static_cast<std::size_t>(ring.ring)) = {
            rollout::ring_phase_named(ring.phase).value_or(rollout::RingPhase::Waiting),
            ring.since,
            static_cast<std::uint32_t>(ring.forgiven)};
    }
    state.hosts.reserve(rows.size());
    for (const store::DeploymentHost& row : rows) {
        const auto set = static_cast<std::size_t>(row.availability_set);
        state.sets.resize(std::max(state.sets.size(), set));
        if (set > 0) {
            state.sets[set - 1] = row.set_name;
        }
        state.hosts.push_back(stored_host(row));
    }
    THIMBLE_TRY(take_deferrals(connection, record.deployment_id, rows, state.hosts, now));
    return state;
}

Result<LiveRollout> live_rollout(
    Context& context,
    store::Connection& connection,
    const std::string& deployment_id,
    Instant now,
    std::chrono::days ahead) {
    THIMBLE_TRY(auto record, store::rollout_of(connection, deployment_id));
    if (!record) {
        return no_rollout();
    }
    LiveRollout live;
    live.record = *std::move(record);
    THIMBLE_TRY(live.rows, store::hosts_of_deployment(connection, deployment_id));
    THIMBLE_TRY(live.rollout, stored_rollout(context, connection, live.record, live.rows, now));
    THIMBLE_TRY(auto kept, store::hosts_kept_back(connection, deployment_id));
    for (rollout::RolloutHost& host : live.rollout.hosts) {
        if (const auto found = kept.find(host.id); found != kept.end()) {
            host.taken_back_on = std::move(found->second);
        }
    }
    THIMBLE_TRY(live.openings, openings_around(live.rollout.policy, now, ahead));
    THIMBLE_TRY(live.elsewhere, peers_elsewhere(connection, deployment_id));
    return live;
}

}  // namespace thimble::server
