#include "thimble/rollout/policy.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace thimble::rollout {
namespace {

constexpr std::size_t kSmallFleet = 200;
constexpr std::size_t kSmallRing = 25;
constexpr std::size_t kMiddleRing = 100;
constexpr std::size_t kLargeRing = 1000;

bool has(const std::vector<std::string>& list, const std::string& item) {
    return std::ranges::find(list, item) != list.end();
}

RingRule share_ring(std::string name, std::uint32_t percent, int after_days) {
    RingRule ring;
    ring.name = std::move(name);
    ring.share = percent * (kWhole / 100);
    ring.after = std::chrono::days(after_days);
    ring.soak = std::chrono::days(1);
    return ring;
}

}  // namespace

bool matches(const HostQuery& query, const HostFacts& host) {
    const bool has_tag = std::ranges::any_of(
        host.tags, [&](const std::string& tag) { return has(query.tags, tag); });
    const bool has_system = std::ranges::any_of(query.systems, [&](const std::string& system) {
        return host.operating_system.starts_with(system);
    });
    return (query.hosts.empty() || has(query.hosts, host.id) || has(query.hosts, host.name))
        && (query.groups.empty() || has(query.groups, host.group))
        && (query.tags.empty() || has_tag) && (query.systems.empty() || has_system);
}

bool is_about(const Policy& policy, const HostFacts& host) {
    return matches(policy.hosts, host)
        && !(policy.hosts_except && matches(*policy.hosts_except, host));
}

std::vector<RingRule> default_rings(std::size_t hosts) {
    RingRule test;
    test.name = "test";
    test.hosts = HostQuery{.hosts = {}, .groups = {}, .tags = {"ring=test"}, .systems = {}};
    test.soak = std::chrono::days(1);
    const bool is_small = hosts <= kSmallFleet;
    return {
        test,
        share_ring("first", is_small ? 5 : 1, 1),
        share_ring("fast", is_small ? 15 : 9, 6),
        share_ring("broad", is_small ? 80 : 90, 9)};
}

model::PlanSelection selection_at(const Policy& policy, Instant now) {
    model::PlanSelection selection = policy.selection;
    for (const PatchExclusion& exclusion : policy.exclusions) {
        if (now < exclusion.until && !has(selection.excluded, exclusion.package)) {
            selection.excluded.push_back(exclusion.package);
        }
    }
    return selection;
}

Policy in_emergency(Policy policy) {
    policy.windows.clear();
    policy.notice = {};
    const auto soft =
        std::ranges::stable_partition(policy.freezes, std::identity{}, &Freeze::is_hard);
    policy.passed_freezes.assign(soft.begin(), soft.end());
    policy.freezes.erase(soft.begin(), soft.end());
    const auto& soaks = policy.emergency.soaks;
    for (std::size_t at = 0; at < policy.rings.size(); ++at) {
        RingRule& ring = policy.rings[at];
        ring.after = std::chrono::seconds(0);
        if (!soaks.empty()) {
            ring.soak = std::min(ring.soak, soaks[std::min(at, soaks.size() - 1)]);
        }
    }
    // What the policy asks for earlier it asks for in an emergency too.
    const bool is_before_all = policy.approval.people > 0
        && (policy.approval.before_ring.empty()
            || policy.approval.before_ring == policy.rings.front().name);
    policy.approval.people = std::max(policy.approval.people, 1U);
    policy.approval.before_ring =
        is_before_all || policy.rings.size() == 1 ? "" : policy.rings[1].name;
    return policy;
}

std::size_t hosts_at_once(const HostLimit& limit, std::size_t hosts) {
    const std::size_t shared = hosts * limit.share / kWhole;
    return std::max({std::size_t{1}, std::size_t{limit.count}, shared});
}

HostLimit default_at_once(std::size_t hosts) {
    if (hosts < kSmallRing) {
        return {.count = 1, .share = 0};
    }
    if (hosts <= kMiddleRing) {
        return {.count = 1, .share = 500};
    }
    return {.count = 1, .share = hosts <= kLargeRing ? 800U : 1000U};
}

std::uint32_t default_failures(std::size_t hosts) {
    if (hosts < kSmallRing) {
        return 1;
    }
    return hosts <= kMiddleRing ? 5 : 10;
}

std::string_view reboot_rule_name(RebootRule rule) {
    switch (rule) {
        case RebootRule::Never: return "never";
        case RebootRule::InWindow: return "in window";
    }
    return "";
}

}  // namespace thimble::rollout
