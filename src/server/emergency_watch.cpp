#include "thimble/server/emergency_watch.hpp"

#include "thimble/server/lead.hpp"
#include "thimble/server/random.hpp"
#include "thimble/server/rollout_course.hpp"
#include "thimble/server/rollout_state.hpp"
#include "thimble/store/rollouts.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace thimble::server {
namespace {

constexpr std::chrono::days kRemembered{30};

/// "curl 7.88-2" of everything that is urgent on the hosts of a policy, and its sources.
std::map<std::string, std::string> urgent_on(
    const rollout::Policy& policy,
    std::span<const rollout::HostFacts> hosts,
    std::span<const store::UrgentPatch> patches,
    Instant now) {
    const model::PlanSelection selection = rollout::selection_at(policy, now);
    std::map<std::string, std::string> urgent;
    for (const store::UrgentPatch& patch : patches) {
        // Hosts come in the order of their ids.
        const auto host =
            std::ranges::lower_bound(hosts, patch.host_id, {}, &rollout::HostFacts::id);
        const bool is_known = host != hosts.end() && host->id == patch.host_id;
        const bool is_excluded =
            std::ranges::find(selection.excluded, patch.source) != selection.excluded.end();
        if (is_known && rollout::is_about(policy, *host) && !is_excluded) {
            urgent[patch.source + " " + patch.to_version] = patch.source;
        }
    }
    return urgent;
}

/// What would be opened for a policy; none: nothing, or it was.
Result<std::optional<RolloutOrder>> order_for(
    Context& context,
    store::Connection& connection,
    const store::PolicyRecord& kept,
    std::span<const rollout::HostFacts> hosts,
    Instant now) {
    THIMBLE_TRY(const auto policy, kept_policy(context, kept.document, hosts.size()));
    if (policy->emergency.opens != rollout::EmergencyOpening::ByRule) {
        return std::optional<RolloutOrder>();
    }
    THIMBLE_TRY(const auto patches, store::urgent_patches(connection));
    auto urgent = urgent_on(*policy, hosts, patches, now);
    THIMBLE_TRY(
        const auto earlier, store::emergencies_of(connection, kept.name, now - kRemembered));
    std::erase_if(urgent, [&](const auto& one) {
        return std::ranges::find(earlier, one.first) != earlier.end();
    });
    if (urgent.empty()) {
        return std::optional<RolloutOrder>();
    }
    RolloutOrder order;
    order.id = random_id();
    order.policy = kept.name;
    order.is_emergency = true;
    order.requester = "server";
    order.host_group = "*";
    // One at a time, so that one that is stopped does not stop the others; the next step opens the next.
    order.opened_for = urgent.begin()->first;
    order.packages = {urgent.begin()->second};
    order.why = "opened by rule, exploited or with a public exploit: " + order.opened_for;
    return std::optional(std::move(order));
}

}  // namespace

Result<std::size_t> open_emergencies(Context& context, Instant now) {
    THIMBLE_TRY(const auto policies, context.database.look([](store::Connection& connection) {
        return store::all_policies(connection);
    }));
    std::size_t opened = 0;
    std::optional<Error> broken;
    for (const store::PolicyRecord& policy : policies) {
        auto done =
            change(context, now, [&](store::Connection& connection, Trail& trail) -> Result<bool> {
                THIMBLE_TRY(check_lead(context, connection));
                THIMBLE_TRY(const auto hosts, host_facts(connection));
                THIMBLE_TRY(const auto order, order_for(context, connection, policy, hosts, now));
                if (!order) {
                    return false;
                }
                THIMBLE_TRY(const auto planned, plan_rollout(context, connection, *order, now));
                THIMBLE_TRY(keep_rollout(connection, *order, planned));
                THIMBLE_TRY(trail.note(
                    {"server", "rollout.create", order->id, "", order->policy, order->why}));
                THIMBLE_TRY(
                    drive_rollout(context, connection, trail, order->id, rollout::Ticked{}));
                return true;
            });
        if (!done && done.error().code == "server.not_leading") {
            return opened;
        }
        if (!done) {
            broken = std::move(done).error();
        } else if (*done) {
            ++opened;
        }
    }
    if (broken) {
        return *std::move(broken);
    }
    return opened;
}

}  // namespace thimble::server
