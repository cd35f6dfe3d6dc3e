#include "thimble/server/owner_deferral.hpp"

#include "thimble/base/json_writer.hpp"
#include "thimble/store/fleet.hpp"
#include "thimble/store/rollouts.hpp"

#include <algorithm>
#include <cstddef>

namespace thimble::server {
namespace {

std::string json_of(const rollout::RolloutHost& host, const rollout::NoticeRule& rule) {
    std::string text;
    JsonWriter json(text);
    json.open_object().member("host", host.id);
    json.member("not_before", format_instant(host.noticed_at + rule.before)).close_object();
    return text;
}

/// When the most urgent patch of the plan of a host is due; 0: none of them has a date.
Result<Instant> due_of_plan(store::Connection& connection, const store::DeploymentHost& row) {
    THIMBLE_TRY(const auto plan, store::plan_of(connection, row.plan_digest));
    if (!plan) {
        return Instant();
    }
    THIMBLE_TRY(const auto due, store::due_patches_of(connection, row.host_id));
    const auto planned = store::planned_patches(*plan);
    Instant first;
    for (const store::DuePatch& patch : due) {
        const bool is_planned = std::ranges::any_of(
            planned, [&](const auto& one) { return one.first == patch.source; });
        if (is_planned && (first == Instant() || patch.due_at < first)) {
            first = patch.due_at;
        }
    }
    return first;
}

}  // namespace

Result<void> learn_due(store::Connection& connection, LiveRollout& live, std::size_t host) {
    THIMBLE_TRY(live.rollout.hosts.at(host).due_at, due_of_plan(connection, live.rows.at(host)));
    return {};
}

Result<void> take_deferrals(
    store::Connection& connection,
    const std::string& deployment_id,
    std::span<const store::DeploymentHost> rows,
    std::span<rollout::RolloutHost> hosts,
    Instant now) {
    THIMBLE_TRY(const auto deferrals, store::deferrals_of(connection, deployment_id));
    for (const store::RolloutDeferral& deferral : deferrals) {
        const auto host =
            std::ranges::lower_bound(hosts, deferral.host_id, {}, &rollout::RolloutHost::id);
        if (host != hosts.end() && host->id == deferral.host_id) {
            host->deferrals = static_cast<std::uint32_t>(deferral.number);
            host->deferred_until = deferral.until;
        }
    }
    for (std::size_t at = 0; at < hosts.size(); ++at) {
        if (now < hosts[at].deferred_until) {
            THIMBLE_TRY(hosts[at].due_at, due_of_plan(connection, rows[at]));
        }
    }
    return {};
}

Result<void> tell_of_notice(
    Trail& trail,
    const std::string& deployment_id,
    const rollout::Rollout& before,
    const rollout::Rollout& after) {
    for (std::size_t at = 0; at < after.hosts.size(); ++at) {
        const rollout::RolloutHost& host = after.hosts[at];
        if (host.noticed_at != before.hosts[at].noticed_at) {
            THIMBLE_TRY(trail.note(
                {"server",
                 "rollout.notice",
                 deployment_id,
                 "",
                 json_of(host, after.policy.notice),
                 ""}));
        }
    }
    return {};
}

}  // namespace thimble::server
