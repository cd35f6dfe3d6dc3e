#include "thimble/server/rollout_freeze.hpp"

#include "thimble/base/json_writer.hpp"
#include "thimble/model/frozen_set.hpp"
#include "thimble/rollout/emergency.hpp"
#include "thimble/server/rollout_course.hpp"
#include "thimble/server/rollout_plans.hpp"
#include "thimble/store/rollouts.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace thimble::server {
namespace {

std::string json_of(const LiveRollout& live, const std::vector<std::size_t>& moved) {
    constexpr std::size_t kMostNamed = 20;
    std::string text;
    JsonWriter json(text);
    json.open_object().key("moved").number(static_cast<std::int64_t>(moved.size()));
    json.key("hosts").open_array();
    for (std::size_t at = 0; at < std::min(moved.size(), kMostNamed); ++at) {
        json.text(live.rollout.hosts[moved[at]].id);
    }
    json.close_array().close_object();
    return text;
}

/// Whether it is an emergency by rule of which hosts of later rings may have to go first.
bool has_later_to_go_first(const LiveRollout& live) {
    const bool has_later = std::ranges::any_of(
        live.rollout.hosts, [](const rollout::RolloutHost& host) { return host.ring != 0; });
    return has_later && live.record.opened_for.contains(' ');
}

/// Who misses what an emergency by rule was opened for; ascending.
Result<std::vector<std::string>> urgent_of(
    store::Connection& connection, const std::string& opened_for) {
    const std::size_t blank = opened_for.find(' ');
    return store::urgent_hosts(
        connection, opened_for.substr(0, blank), opened_for.substr(blank + 1));
}

/// Who would go first of an emergency by rule, were it to be frozen now. All hosts of the fleet are read for it, where one
/// could.
Result<std::vector<std::size_t>> first_of_later_rings(
    store::Connection& connection,
    const std::vector<std::string>& urgent,
    rollout::Rollout& state) {
    const bool any = std::ranges::any_of(state.hosts, [&](const rollout::RolloutHost& host) {
        return host.ring != 0 && std::ranges::binary_search(urgent, host.id);
    });
    if (!any) {
        return std::vector<std::size_t>();
    }
    THIMBLE_TRY(const auto hosts, host_facts(connection));
    return rollout::put_first(state, hosts, urgent);
}

Result<void> keep_first(
    store::Connection& connection,
    Trail& trail,
    LiveRollout& live,
    const std::vector<std::size_t>& moved) {
    for (const std::size_t at : moved) {
        live.rollout.hosts[at].since = live.rows[at].since = trail.now();
        live.rows[at].ring = 0;
        THIMBLE_TRY(store::set_deployment_host(connection, live.rows[at]));
    }
    live.rollout.why = words_of_first(moved.size());
    live.rollout.policy.approval.before_ring.clear();
    live.record.why = live.rollout.why;
    live.record.asks_first = true;
    THIMBLE_TRY(store::set_rollout(connection, live.record));
    return trail.note(
        {"server",
         "rollout.first",
         live.record.deployment_id,
         "",
         json_of(live, moved),
         live.rollout.why});
}

/// Late hosts plan what was frozen when they come. Of a system of which nothing is planned yet nothing would be.
Result<bool> can_do_without(
    store::Connection& connection,
    const model::FrozenSet& set,
    const std::vector<std::string>& late) {
    if (late.empty()) {
        return true;
    }
    const auto systems = set.part_digests();
    for (const std::string& host : late) {
        THIMBLE_TRY(const std::string system, system_of(connection, host));
        if (!systems.contains(system)) {
            return false;
        }
    }
    return true;
}

}  // namespace

std::string words_of_first(std::size_t moved) {
    return "none of the first ring misses it on their systems, so " + std::to_string(moved)
        + (moved == 1 ? " host of a later ring goes first" : " hosts of later rings go first");
}

Result<void> freeze_when_planned(store::Connection& connection, Trail& trail, LiveRollout& live) {
    if (!live.rollout.frozen.empty()) {
        return {};
    }
    const rollout::Unplanned unplanned =
        rollout::unplanned_of(live.rollout, live.record.is_emergency, trail.now());
    if (unplanned.is_waited_for) {
        return {};
    }
    THIMBLE_TRY(const auto set, model::FrozenSet::parse(live.record.frozen));
    THIMBLE_TRY(const bool is_now, can_do_without(connection, set, unplanned.late));
    if (has_later_to_go_first(live)) {
        if (live.rollout.phase != rollout::RolloutPhase::Running) {
            return {};  // it says why it stands still; nothing is frozen that nobody tries
        }
        THIMBLE_TRY(const auto urgent, urgent_of(connection, live.record.opened_for));
        const bool is_late_for_it = std::ranges::any_of(
            unplanned.late, [&](const auto& id) { return std::ranges::binary_search(urgent, id); });
        if (!is_now && is_late_for_it) {
            return {};  // the set waits for that host, whoever goes first
        }
        rollout::Rollout with_first = live.rollout;
        THIMBLE_TRY(const auto moved, first_of_later_rings(connection, urgent, with_first));
        if (!moved.empty()) {
            live.rollout = std::move(with_first);
            return keep_first(connection, trail, live, moved);
        }
    }
    if (!is_now) {
        return {};
    }
    live.rollout.frozen = set.digest();
    live.record.frozen_digest = live.rollout.frozen;
    return store::set_rollout(connection, live.record);
}

}  // namespace thimble::server
