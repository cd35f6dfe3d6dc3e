#include "thimble/server/emergency_watch.hpp"

#include "thimble/rollout/emergency.hpp"
#include "thimble/server/lead.hpp"
#include "thimble/server/random.hpp"
#include "thimble/server/rollout_course.hpp"
#include "thimble/server/rollout_freeze.hpp"
#include "thimble/server/rollout_state.hpp"
#include "thimble/store/fleet.hpp"
#include "thimble/store/rollouts.hpp"
#include "thimble/store/taken_back.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace thimble::server {
namespace {

/// For so long after its end an emergency binds: what was known of it then opens none again.
constexpr std::chrono::days kBinds{30};
/// What is asked here of a policy does not depend on how many hosts there are.
constexpr std::size_t kAnyNumberOfHosts = 1;

/// A patch that is urgent, with the hosts of a policy on which it is.
struct Urgent {
    std::string source;
    std::string to_version;
    std::vector<std::string> hosts;  ///< by id
};
using UrgentByName = std::map<std::string, Urgent>;  ///< "curl 7.88-2"

/// All that is urgent for a policy.
struct AllUrgent {
    UrgentByName patches;
    std::vector<std::string> first_ring;  ///< ids of its hosts
};

/// What has to be urgent for a policy; none: anything.
std::optional<store::NamedUrgent> named_by(const model::PlanSelection& selection) {
    auto names = rollout::urgent_names(selection);
    return names ? std::optional(store::NamedUrgent{
                       std::move(names->sources), std::move(names->vulnerabilities)})
                 : std::nullopt;
}

/// @param hosts  all, by id
UrgentByName urgent_on(
    const rollout::Policy& policy,
    const model::PlanSelection& selection,
    std::span<const rollout::HostFacts> hosts,
    std::vector<store::UrgentPatch> patches) {
    UrgentByName urgent;
    for (store::UrgentPatch& patch : patches) {
        const auto host =
            std::ranges::lower_bound(hosts, patch.host_id, {}, &rollout::HostFacts::id);
        const bool is_about =
            host != hosts.end() && host->id == patch.host_id && rollout::is_about(policy, *host);
        const bool is_excluded =
            std::ranges::find(selection.excluded, patch.source) != selection.excluded.end();
        if (is_about && !is_excluded) {
            Urgent& one = urgent[patch.source + " " + patch.to_version];
            one.source = patch.source;
            one.to_version = patch.to_version;
            one.hosts.push_back(std::move(patch.host_id));
        }
    }
    return urgent;
}

/// Hosts of no ring are patched by no rollout, so none is opened for them.
Result<void> keep_those_in_rings(
    const rollout::Policy& policy, std::span<const rollout::HostFacts> hosts, AllUrgent& all) {
    THIMBLE_TRY(const rollout::AssignedHosts placed, rollout::assigned(policy, hosts));
    for (const rollout::RolloutHost& host : placed.hosts) {
        if (host.ring == 0) {
            all.first_ring.push_back(host.id);
        }
    }
    for (auto& [name, one] : all.patches) {
        std::erase_if(one.hosts, [&](const std::string& host) {
            return !std::ranges::binary_search(placed.hosts, host, {}, &rollout::RolloutHost::id);
        });
    }
    std::erase_if(all.patches, [](const auto& one) { return one.second.hosts.empty(); });
    return {};
}

/// What is urgent on hosts that a policy would patch.
/// @param hosts  all, by id
Result<AllUrgent> urgent_of(
    Context& context,
    store::Connection& connection,
    std::span<const rollout::HostFacts> hosts,
    const store::PolicyRecord& kept,
    Instant now) {
    THIMBLE_TRY(const auto about, kept_policy(context, kept.document, kAnyNumberOfHosts));
    const model::PlanSelection selection = rollout::selection_at(*about, now);
    THIMBLE_TRY(
        auto patches,
        store::urgent_patches(
            connection, store::EmergencyMemory{kept.name, now - kBinds}, named_by(selection)));
    AllUrgent all{urgent_on(*about, selection, hosts, std::move(patches)), {}};
    if (!all.patches.empty()) {
        std::vector<rollout::HostFacts> its_hosts;
        std::ranges::copy_if(
            hosts, std::back_inserter(its_hosts), [&](const rollout::HostFacts& host) {
                return rollout::is_about(*about, host);
            });
        THIMBLE_TRY(const auto policy, kept_policy(context, kept.document, its_hosts.size()));
        THIMBLE_TRY(keep_those_in_rings(*policy, its_hosts, all));
    }
    return all;
}

RolloutOrder order_for(const std::string& policy, const Urgent& urgent) {
    RolloutOrder order;
    order.id = random_id();
    order.policy = policy;
    order.is_emergency = true;
    order.requester = "server";
    order.host_group = "*";
    order.opened_for = urgent.source + " " + urgent.to_version;
    order.packages = {urgent.source};
    order.why = "opened by rule, exploited or with a public exploit: " + order.opened_for;
    return order;
}

/// Those of which nothing is new stay as the emergency leaves them that was opened before, or has left them.
Result<void> leave_out_known(
    store::Connection& connection, const Urgent& urgent, RolloutOrder& order) {
    THIMBLE_TRY(const auto all, store::urgent_hosts(connection, urgent.source, urgent.to_version));
    THIMBLE_TRY(
        const auto bound, store::hosts_in_emergencies(connection, order.policy, order.opened_for));
    order.without = {all.begin(), all.end()};
    order.without.insert(bound.begin(), bound.end());
    for (const std::string& host : urgent.hosts) {
        order.without.erase(host);
    }
    order.why += "; again, for what is new since: " + std::to_string(urgent.hosts.size())
        + (urgent.hosts.size() == 1 ? " host" : " hosts");
    return {};
}

/// An emergency that would be opened.
struct Opening {
    RolloutOrder order;
    std::vector<std::string> hosts;  ///< for which it would be, by id
    std::set<std::string>
        kept_back;  ///< hosts to which the patch must not go, whatever the rings need
};

/// What would be opened for an urgent patch of a policy.
Result<Opening> opening_of(
    store::Connection& connection, const store::EmergencyMemory& memory, const Urgent& urgent) {
    RolloutOrder order = order_for(memory.policy, urgent);
    THIMBLE_TRY(const bool is_again, store::was_opened_for(connection, memory, order.opened_for));
    if (is_again) {
        THIMBLE_TRY(leave_out_known(connection, urgent, order));
    }
    THIMBLE_TRY(
        const auto kept_back, store::hosts_without(connection, urgent.source, urgent.to_version));
    order.without.insert(kept_back.begin(), kept_back.end());
    return Opening{std::move(order), urgent.hosts, {kept_back.begin(), kept_back.end()}};
}

/// Who is asked for an emergency.
struct Fleet {
    std::span<const rollout::HostFacts> hosts;  ///< all, by id
    std::span<const std::string> first_ring;    ///< of the policy, by id
};

/// Without the hosts that are left out. Where nothing would be tried before the others then, those of the first ring are
/// in it: what was stopped there, or is under way there, comes first there, as ever.
Result<PlannedRollout> plan_with_first_ring(
    Context& context,
    store::Connection& connection,
    const Fleet& fleet,
    Opening& opening,
    Instant now) {
    RolloutOrder& order = opening.order;
    auto planned = plan_rollout(context, connection, order, fleet.hosts, now);
    if (planned || planned.error().code != "rollout.no_first_ring" || order.without.empty()) {
        return planned;
    }
    for (const std::string& host : fleet.first_ring) {
        if (!opening.kept_back.contains(host)) {
            order.without.erase(host);
        }
    }
    return plan_rollout(context, connection, order, fleet.hosts, now);
}

/// Where the first ring is known to have the patch already, hosts of later rings go first at once. Of a ring that is not judged
/// yet its own plans will tell.
Result<PlannedRollout> plan_emergency(
    Context& context,
    store::Connection& connection,
    const Fleet& fleet,
    Opening& opening,
    Instant now) {
    RolloutOrder& order = opening.order;
    THIMBLE_TRY(auto planned, plan_with_first_ring(context, connection, fleet, opening, now));
    std::vector<std::string> first_ring(fleet.first_ring.begin(), fleet.first_ring.end());
    std::erase_if(
        first_ring, [&](const std::string& host) { return order.without.contains(host); });
    THIMBLE_TRY(
        const bool is_unknown, store::are_behind(connection, first_ring, opening.hosts.front()));
    const std::size_t moved =
        is_unknown ? 0 : rollout::put_first(planned.rollout, fleet.hosts, opening.hosts).size();
    order.asks_first = moved > 0;
    order.why += moved > 0 ? "; " + words_of_first(moved) : "";
    return planned;
}

/// Told before anything is planned: it stays so at each look.
Error nowhere_first(const std::string& patch) {
    return failure(
        ErrorKind::Invalid,
        "rollout.no_first_ring",
        "no emergency for " + patch
            + ": it is kept from every host of the first ring, so nothing would be tried before "
              "the others: thimble taken-back list");
}

/// Opens the first that can be: one that cannot does not keep the others. One at a time, so that one that is stopped
/// does not stop the others; the next look opens the next.
/// @return whether one was opened
/// @error that of the last that cannot be, where none was
Result<bool> open_one(
    Context& context,
    store::Connection& connection,
    Trail& trail,
    const store::PolicyRecord& policy) {
    const Instant now = trail.now();
    THIMBLE_TRY(check_lead(context, connection));
    THIMBLE_TRY(const std::vector<rollout::HostFacts> hosts, host_facts(connection));
    const store::EmergencyMemory memory{policy.name, now - kBinds};
    THIMBLE_TRY(const AllUrgent all, urgent_of(context, connection, hosts, policy, now));
    std::optional<Error> refused;
    for (const auto& [name, urgent] : all.patches) {
        THIMBLE_TRY(Opening opening, opening_of(connection, memory, urgent));
        const bool is_kept_back = std::ranges::all_of(all.first_ring, [&](const std::string& host) {
            return opening.kept_back.contains(host);
        });
        if (is_kept_back) {
            refused = nowhere_first(name);
            continue;
        }
        auto planned = plan_emergency(context, connection, {hosts, all.first_ring}, opening, now);
        if (!planned && planned.error().kind == ErrorKind::Invalid) {
            refused = because("no emergency for " + name, planned.error());
            continue;
        }
        if (!planned) {
            return std::move(planned).error();
        }
        const RolloutOrder& order = opening.order;
        THIMBLE_TRY(keep_rollout(connection, order, *planned));
        THIMBLE_TRY(store::note_triggers(connection, order.id));
        THIMBLE_TRY(
            trail.note({"server", "rollout.create", order.id, "", order.policy, order.why}));
        THIMBLE_TRY(drive_rollout(context, connection, trail, order.id, rollout::Ticked{}));
        return true;
    }
    if (refused) {
        return *std::move(refused);
    }
    return false;
}

/// All hosts, read once a look, and only where something is urgent.
using HostsOfLook = std::optional<std::vector<rollout::HostFacts>>;

/// Whether a look is worth a transaction. Cheap: most of the time nothing is urgent anywhere.
Result<bool> may_open(
    Context& context,
    store::Connection& connection,
    HostsOfLook& hosts,
    const store::PolicyRecord& kept,
    Instant now) {
    THIMBLE_TRY(const auto policy, kept_policy(context, kept.document, kAnyNumberOfHosts));
    if (policy->emergency.opens != rollout::EmergencyOpening::ByRule) {
        return false;
    }
    const store::EmergencyMemory memory{kept.name, now - kBinds};
    THIMBLE_TRY(
        const auto anywhere,
        store::urgent_patches(
            connection, memory, named_by(rollout::selection_at(*policy, now)), 1));
    if (anywhere.empty()) {
        return false;
    }
    if (!hosts) {
        THIMBLE_TRY(hosts, host_facts(connection));
    }
    THIMBLE_TRY(const AllUrgent all, urgent_of(context, connection, *hosts, kept, now));
    return !all.patches.empty();
}

}  // namespace

Result<std::size_t> open_emergencies(Context& context, Instant now) {
    THIMBLE_TRY(const auto policies, context.database.look([](store::Connection& connection) {
        return store::all_policies(connection);
    }));
    std::size_t opened = 0;
    HostsOfLook hosts;
    std::optional<Error> broken;
    for (const store::PolicyRecord& policy : policies) {
        auto done = context.database.look([&](store::Connection& connection) {
            return may_open(context, connection, hosts, policy, now);
        });
        if (done && *done) {
            done = change(context, now, [&](store::Connection& connection, Trail& trail) {
                return open_one(context, connection, trail, policy);
            });
        }
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
