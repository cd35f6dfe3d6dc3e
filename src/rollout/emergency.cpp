#include "thimble/rollout/emergency.hpp"

#include "thimble/rollout/holds.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace thimble::rollout {
namespace {

/// What a host must be like for what was tried on another to count for it.
using System = std::pair<std::string_view, std::string_view>;

/// @return none: nothing is known of the host
std::optional<System> system_of(std::span<const HostFacts> hosts, const std::string& id) {
    const auto host = std::ranges::lower_bound(hosts, id, {}, &HostFacts::id);
    return host == hosts.end() || host->id != id
        ? std::nullopt
        : std::optional(System(host->operating_system, host->architecture));
}

/// Whether a host of the first ring shows, or will show, what the patch does.
bool tries_it(const RolloutHost& host, bool is_urgent) {
    switch (host.stage) {
        case HostStage::Waiting:
        case HostStage::Preparing:
        case HostStage::Silent:
        case HostStage::Failed: return is_urgent;  // before the set is frozen only a plan can fail
        case HostStage::NothingToDo:
        case HostStage::Left: return false;
        case HostStage::Ready:
        case HostStage::Changing:
        case HostStage::Rebooting:
        case HostStage::Succeeded:
        case HostStage::PendingRestart:
        case HostStage::PendingReboot:
        case HostStage::Blocked:
        case HostStage::RehearsalFailed:
        case HostStage::Skipped:
        case HostStage::HookFailed:
        case HostStage::NotReturned: return true;
    }
    return false;
}

}  // namespace

std::optional<UrgentNames> urgent_names(const model::PlanSelection& selection) {
    return selection.security || selection.all
        ? std::nullopt
        : std::optional(UrgentNames{selection.packages, selection.vulnerabilities});
}

std::vector<std::string> emergency_doubts(const Policy& policy) {
    const auto names = urgent_names(policy.selection);
    const bool is_doubtful = policy.emergency.opens == EmergencyOpening::ByRule && names
        && !policy.selection.advisories.empty();
    return is_doubtful
        ? std::vector<std::string>{
              "advisories open no emergency by rule, since which patches they are is known only "
              "when a host plans: name the packages or the cves as well"}
        : std::vector<std::string>();
}

std::vector<std::size_t> put_first(
    Rollout& rollout, std::span<const HostFacts> hosts, std::span<const std::string> urgent) {
    const auto misses_it = [&](const RolloutHost& host) {
        return std::ranges::binary_search(urgent, host.id);
    };
    std::set<System> tried;
    for (const RolloutHost& host : rollout.hosts) {
        const auto system = system_of(hosts, host.id);
        if (host.ring == 0 && system && tries_it(host, misses_it(host))) {
            tried.insert(*system);
        }
    }
    std::vector<std::size_t> moved;
    for (std::size_t at = 0; at < rollout.hosts.size(); ++at) {
        RolloutHost& host = rollout.hosts[at];
        const bool may_go = host.ring != 0 && host.stage == HostStage::Waiting
            && host.taken_back_on.empty() && misses_it(host);
        const auto system = may_go ? system_of(hosts, host.id) : std::nullopt;
        if (system && tried.insert(*system).second) {
            host.ring = 0;
            moved.push_back(at);
        }
    }
    return moved;
}

Unplanned unplanned_of(const Rollout& rollout, bool is_emergency, Instant now) {
    Unplanned unplanned;
    for (const RolloutHost& host : rollout.hosts) {
        const bool is_open = host.stage == HostStage::Waiting || host.stage == HostStage::Preparing;
        if (host.ring != 0 || !is_open) {
            continue;
        }
        if (is_emergency && now >= host.since + kPlannedWithin) {
            unplanned.late.push_back(host.id);
        } else {
            unplanned.is_waited_for = true;
        }
    }
    return unplanned;
}

std::string why_no_skip(
    const Rollout& rollout,
    std::size_t ring,
    bool is_by_rule,
    std::string_view person,
    Instant now) {
    if (ring != 0) {
        return {};
    }
    const auto is_another = [&](const Approval& approval) {
        return approval.person != person && is_good(approval, rollout, now);
    };
    if (is_by_rule && std::ranges::none_of(rollout.approvals, is_another)) {
        return "nobody skips the first ring of an emergency alone: somebody else must approve it "
               "first (thimble rollout approve)";
    }
    return person == rollout.requester
        ? "who began a rollout cannot skip its first ring: somebody else must"
        : "";
}

}  // namespace thimble::rollout
