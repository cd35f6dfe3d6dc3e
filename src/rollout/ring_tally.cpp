#include "thimble/rollout/ring_tally.hpp"

#include <algorithm>

namespace thimble::rollout {
namespace {

using enum HostStage;

/// Whether a host is as live as its policy wants it: the owner keeps restarts or reboots for himself.
bool is_left_to_owner(const Policy& policy, HostStage stage) {
    return (stage == PendingReboot && policy.reboot.rule == RebootRule::Never)
        || (stage == PendingRestart && !policy.restart_services);
}

std::string percent(std::size_t part, std::size_t whole) {
    return whole == 0 ? "0 %" : std::to_string(part * 100 / whole) + " %";
}

}  // namespace

bool is_retried(const RolloutHost& host) {
    return host.stage == Skipped && host.tries < kMostTries;
}

bool refuses_reboot(const Policy& policy, const RolloutHost& host) {
    return host.stage == PendingReboot && policy.reboot.rule == RebootRule::InWindow
        && host.refused_reboots >= kMostRebootTries;
}

bool is_awaited(const Policy& policy, const RolloutHost& host) {
    return host.stage == PendingReboot && policy.reboot.rule == RebootRule::InWindow
        && !refuses_reboot(policy, host);
}

Instant reboot_again_at(const RolloutHost& host) {
    if (host.refused_reboots == 0) {
        return {};
    }
    const std::uint32_t doublings = std::min(host.refused_reboots, kMostRebootTries) - 1;
    return host.since + kRebootRetryAfter * (std::int64_t{1} << doublings);
}

std::vector<RingTally> tallies_of(const Rollout& rollout) {
    std::vector<RingTally> tallies(rollout.rings.size());
    for (const RolloutHost& host : rollout.hosts) {
        RingTally& tally = tallies[host.ring];
        ++tally.hosts;
        switch (host.stage) {
            case Waiting: ++tally.waiting; break;
            case Preparing: ++tally.preparing; break;
            case Ready: ++tally.ready; break;
            case Changing:
            case Rebooting: ++tally.changing; break;
            case Succeeded: ++tally.succeeded; break;
            case NothingToDo: ++tally.unneeded; break;
            case PendingRestart:
            case PendingReboot:
                if (refuses_reboot(rollout.policy, host)) {
                    ++tally.failed;
                    break;
                }
                ++tally.pending;
                tally.awaited += is_awaited(rollout.policy, host) ? 1U : 0U;
                tally.left_to_owner += is_left_to_owner(rollout.policy, host.stage) ? 1U : 0U;
                break;
            case Blocked:
            case Left: ++tally.blocked; break;
            case RehearsalFailed: ++tally.rehearsals_failed; break;
            case Skipped: ++(is_retried(host) ? tally.waiting : tally.silent); break;
            case Failed:
            case HookFailed:
            case NotReturned: ++tally.failed; break;
            case Silent: ++tally.silent; break;
        }
    }
    return tallies;
}

std::string what_lacks(const Rollout& rollout, std::size_t ring, const RingTally& tally) {
    const HealthRule& health = rollout.policy.health;
    const std::size_t succeeded = tally.succeeded + tally.left_to_owner;
    const std::size_t failed = tally.failed + tally.rehearsals_failed;
    const std::size_t concerned = tally.hosts - tally.unneeded;
    const std::size_t expected = concerned - tally.blocked;
    if (expected == 0) {
        return concerned == 0 ? "" : "every host of it that misses something is blocked";
    }
    const std::size_t least = std::min<std::size_t>(
        expected,
        std::max<std::size_t>(
            health.least_successes, (concerned * health.least_share + kWhole - 1) / kWhole));
    if (tally.awaited > 0) {
        return std::to_string(tally.awaited) + " hosts wait for a restart or reboot";
    }
    if (tally.failed > rollout.rings[ring].forgiven) {
        return std::to_string(tally.failed) + " hosts failed and nobody has looked after them";
    }
    if (succeeded < least) {
        return std::to_string(succeeded) + " hosts succeeded, " + std::to_string(least) + " must";
    }
    if (succeeded * kWhole < (succeeded + failed) * health.success_share) {
        return percent(succeeded, succeeded + failed) + " of those that ended succeeded, "
            + percent(health.success_share, kWhole) + " must";
    }
    if ((succeeded + failed) * kWhole < expected * health.coverage_share) {
        return percent(succeeded + failed, expected) + " of its hosts have ended, "
            + percent(health.coverage_share, kWhole) + " must";
    }
    return "";
}

}  // namespace thimble::rollout
