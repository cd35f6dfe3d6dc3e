#include "thimble/rollout/explain.hpp"

#include "thimble/calendar/parse_window.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace thimble::rollout {
namespace {

constexpr std::array<std::string_view, 27> kReasonNames{
    "none",
    "rollout-ended",
    "rollout-paused",
    "rollout-halted",
    "ring-ahead",
    "deferral",
    "freeze",
    "window",
    "too-long",
    "not-frozen",
    "approval",
    "taken-back",
    "notice",
    "deferred-by-owner",
    "at-once",
    "peer",
    "broken-peer",
    "peer-elsewhere",
    "broken-peer-elsewhere",
    "order",
    "order-broken",
    "retry",
    "reboot-retry",
    "reboot-refused",
    "preparations",
    "restart-is-owners",
    "reboot-is-owners"};

std::string quoted(const std::string& name) {
    return "\"" + name + "\"";
}

std::string because(const std::string& why) {
    return why.empty() ? "" : ": " + why;
}

std::string from(Instant until) {
    return until == Instant() ? "" : ", at the earliest from " + format_instant(until) + " on";
}

std::string ring_ahead(const Rollout& rollout, const Holds& holds, std::size_t ring) {
    const RingTally& tally = holds.tally(ring);
    const RingPhase phase = rollout.rings[ring].phase;
    std::string text = "its ring begins when ring " + quoted(rollout.policy.rings[ring].name)
        + " has passed, which is " + std::string(ring_phase_name(phase));
    if (phase == RingPhase::Soaking) {
        const std::string lacks = what_lacks(rollout, ring, tally);
        const Instant soaked = rollout.rings[ring].since + rollout.policy.rings[ring].soak;
        text += lacks.empty() ? " until " + format_instant(soaked) : ": " + lacks;
    } else if (phase == RingPhase::Open) {
        text += ": " + std::to_string(tally.succeeded) + " of "
            + std::to_string(tally.hosts - tally.unneeded) + " hosts succeeded";
    }
    return text;
}

std::string approval(const Rollout& rollout) {
    const ApprovalRule& rule = rollout.policy.approval;
    return "it needs the word of " + std::to_string(rule.people)
        + (rule.people == 1 ? " person" : " people") + " other than " + rollout.requester
        + " for the frozen set " + rollout.frozen.substr(0, 12) + ", not older than "
        + calendar::format_length(rule.good_for);
}

std::string freeze(const Rollout& rollout, Instant now) {
    const auto it = std::ranges::find_if(
        rollout.policy.freezes, [now](const Freeze& one) { return one.span.has(now); });
    if (it == rollout.policy.freezes.end()) {
        return "a freeze";
    }
    return "the freeze " + quoted(it->name) + " until " + format_instant(it->span.end)
        + (it->owner.empty() ? "" : " (" + it->owner + ")");
}

std::string order(const Rollout& rollout, const RolloutHost& host, const RolloutHost& before) {
    return "it is of step " + std::to_string(host.order) + " of "
        + std::to_string(rollout.policy.order.size()) + " of the order, and host " + before.id
        + " of step " + std::to_string(before.order) + " is "
        + std::string(host_stage_name(before.stage));
}

std::string put_off(const Rollout& rollout, const RolloutHost& host) {
    return "its owner has put it off (" + std::to_string(host.deferrals) + " of "
        + std::to_string(rollout.policy.notice.deferrals) + " times)";
}

std::string too_long(const Rollout& rollout, const RolloutHost& host, const Hold& hold) {
    const std::string needs = calendar::format_length(
        host.stage == HostStage::PendingReboot ? needs_of_reboot(rollout.policy)
                                               : needs_of_change(rollout.policy, host));
    return hold.until == Instant()
        ? "no window ahead is as long as the " + needs + " that it takes: it needs a longer one"
        : "what is left of the window is too short for the " + needs + " that it takes"
            + from(hold.until);
}

std::string held(
    const Rollout& rollout,
    const RolloutHost& host,
    const Holds& holds,
    const Hold& hold,
    Instant now) {
    const std::string& ring = rollout.policy.rings[host.ring].name;
    switch (hold.reason) {
        case HoldReason::None: return "it goes on with the next step";
        case HoldReason::RolloutEnded:
            return "the rollout is " + std::string(rollout_phase_name(rollout.phase))
                + because(rollout.why);
        case HoldReason::RolloutPaused: return "the rollout is paused" + because(rollout.why);
        case HoldReason::RolloutHalted: return "the rollout is halted" + because(rollout.why);
        case HoldReason::RingAhead: return ring_ahead(rollout, holds, hold.other);
        case HoldReason::Deferral:
            return "ring " + quoted(ring) + " begins "
                + calendar::format_length(rollout.policy.rings[host.ring].after)
                + " after the rollout" + from(hold.until);
        case HoldReason::Freeze: return freeze(rollout, now) + " holds" + from(hold.until);
        case HoldReason::Window: return "no window is open" + from(hold.until);
        case HoldReason::TooLong: return too_long(rollout, host, hold);
        case HoldReason::NotFrozen: return "the first ring is still being planned";
        case HoldReason::Approval: return approval(rollout);
        case HoldReason::TakenBack:
            return "host " + host.taken_back_on
                + " of its group took this set back: look why, then thimble taken-back review";
        case HoldReason::Notice:
            return "its owner knows since " + format_instant(host.noticed_at)
                + " and has notice of " + calendar::format_length(rollout.policy.notice.before)
                + from(hold.until);
        case HoldReason::DeferredByOwner: return put_off(rollout, host) + from(hold.until);
        case HoldReason::AtOnce: return "as many hosts as are allowed at once are being changed";
        case HoldReason::Peer:
            return "host " + rollout.hosts[hold.other].id
                + " of its availability set is being changed";
        case HoldReason::BrokenPeer:
            return "host " + rollout.hosts[hold.other].id
                + " of its availability set failed: mend it, then retry its ring";
        case HoldReason::PeerElsewhere:
            return "host " + holds.elsewhere()[hold.other].host
                + " of its availability set is being changed by rollout "
                + holds.elsewhere()[hold.other].rollout;
        case HoldReason::BrokenPeerElsewhere:
            return "host " + holds.elsewhere()[hold.other].host
                + " of its availability set failed in rollout "
                + holds.elsewhere()[hold.other].rollout
                + ": mend it, then retry its ring there, or cancel that rollout";
        case HoldReason::Order: return order(rollout, host, rollout.hosts[hold.other]);
        case HoldReason::OrderBroken:
            return order(rollout, host, rollout.hosts[hold.other])
                + ": look after that one, then retry their ring";
        case HoldReason::Retry: return "a pre-check refused; it is tried again" + from(hold.until);
        case HoldReason::RebootRetry:
            return "the host refused to reboot; it is told again" + from(hold.until);
        case HoldReason::RebootRefused:
            return "the host refused to reboot " + std::to_string(host.refused_reboots)
                + " times: see what it says, then retry its ring";
        case HoldReason::Preparations:
            return "as many hosts as are allowed at once are being prepared";
        case HoldReason::RestartIsOwners:
            return rollout.policy.restart_services
                ? "installed; services still run what was replaced, though they were to be "
                  "restarted: look after it, then retry its ring"
                : "installed; services still run what was replaced: their restart is their owner's";
        case HoldReason::RebootIsOwners: return "installed; the policy leaves reboots to the owner";
    }
    return "";
}

std::string stands(const Rollout& rollout, const RolloutHost& host) {
    const std::string since = " since " + format_instant(host.since);
    switch (host.stage) {
        case HostStage::Preparing: return "it is being planned and rehearsed" + since;
        case HostStage::Changing: return "it is being changed" + since;
        case HostStage::Rebooting: return "it is rebooting" + since;
        case HostStage::Succeeded: return "it is done" + since;
        case HostStage::NothingToDo: return "it misses nothing of what is rolled out";
        case HostStage::Blocked: return "its plan was refused: work for an administrator";
        case HostStage::RehearsalFailed: return "its rehearsal failed; the host is as it was";
        case HostStage::Failed: return "it failed: mend it, then retry its ring";
        case HostStage::HookFailed:
            return "a hook of its owner failed" + since + ": look after it, then retry its ring";
        case HostStage::NotReturned:
            return "it did not come back from its reboot as it should: look after it, then retry "
                   "its ring";
        case HostStage::Silent: return "nothing is heard of it; it is as it was";
        case HostStage::Left: return "it was taken out";
        case HostStage::Skipped: return "a pre-check refused too often; retry its ring";
        case HostStage::Waiting:
        case HostStage::Ready:
        case HostStage::PendingRestart:
        case HostStage::PendingReboot: break;
    }
    return std::string(rollout_phase_name(rollout.phase));
}

}  // namespace

std::string_view hold_reason_name(HoldReason reason) {
    return kReasonNames.at(static_cast<std::size_t>(reason));
}

Explanation explain(const Rollout& rollout, std::size_t host, const Holds& holds, Instant now) {
    const RolloutHost& one = rollout.hosts.at(host);
    const bool waits = one.stage == HostStage::Waiting || one.stage == HostStage::Ready
        || one.stage == HostStage::PendingReboot || one.stage == HostStage::PendingRestart
        || (one.stage == HostStage::Skipped && one.tries < kMostTries);
    if (!waits) {
        const bool is_stopped =
            rollout.phase == RolloutPhase::Paused || rollout.phase == RolloutPhase::Halted;
        std::string sentence = stands(rollout, one);
        if (is_stopped) {
            sentence += "; the rollout is " + std::string(rollout_phase_name(rollout.phase))
                + because(rollout.why);
        }
        return {one.stage, {}, std::move(sentence)};
    }
    const Hold hold = holds.of(host);
    return {one.stage, hold, held(rollout, one, holds, hold, now)};
}

}  // namespace thimble::rollout
