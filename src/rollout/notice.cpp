#include "thimble/rollout/notice.hpp"

#include "thimble/calendar/parse_window.hpp"

#include <algorithm>
#include <chrono>

namespace thimble::rollout {
namespace {

/// Until when the owner has put it off, by the last deferral and the due date.
Instant put_off_until(const RolloutHost& host) {
    return host.due_at == Instant() ? host.deferred_until
                                    : std::min(host.deferred_until, host.due_at);
}

/// Whether its transaction is still to come, and its owner knows.
bool may_object(const RolloutHost& host) {
    return host.noticed_at != Instant()
        && (host.stage == HostStage::Ready || host.stage == HostStage::Preparing
            || is_begun_anew(host));
}

bool is_over(const Rollout& rollout) {
    return rollout.phase == RolloutPhase::Done || rollout.phase == RolloutPhase::Cancelled;
}

/// Why nobody may put it off at all.
std::string why_never(const Rollout& rollout, const RolloutHost& host) {
    const std::uint32_t times = rollout.policy.notice.deferrals;
    if (is_over(rollout)) {
        return "the rollout is " + std::string(rollout_phase_name(rollout.phase));
    }
    if (times == 0) {
        return "the policy lets nobody put it off (notice.defer)";
    }
    if (!may_object(host)) {
        return host.noticed_at == Instant()
            ? "its owner has no notice of it yet: it is " + std::string(host_stage_name(host.stage))
            : "it is " + std::string(host_stage_name(host.stage))
                + ": nothing of it can be put off (any more)";
    }
    return host.deferrals < times ? ""
                                  : "it was put off " + std::to_string(host.deferrals)
            + (host.deferrals == 1 ? " time" : " times")
            + ", as often as notice.defer.times allows";
}

}  // namespace

void give_notice(Rollout& rollout, Instant now) {
    if (rollout.policy.notice.before == std::chrono::seconds(0) || is_over(rollout)) {
        return;
    }
    for (RolloutHost& host : rollout.hosts) {
        if (host.stage == HostStage::Ready && host.noticed_at == Instant()) {
            host.noticed_at = now;
        }
    }
}

Hold notice_hold(const Policy& policy, const RolloutHost& host, Instant now) {
    if (policy.notice.before == std::chrono::seconds(0)) {
        return {};
    }
    const Instant heard = host.noticed_at + policy.notice.before;
    const Instant put_off = put_off_until(host);
    if (now < put_off && heard <= put_off) {
        return {HoldReason::DeferredByOwner, put_off, 0};
    }
    return now < heard ? Hold{HoldReason::Notice, heard, 0} : Hold{};
}

bool is_put_off(const Policy& policy, const RolloutHost& host, Instant now) {
    return host.stage == HostStage::Ready
        && notice_hold(policy, host, now).reason == HoldReason::DeferredByOwner;
}

std::string why_no_deferral(const Rollout& rollout, std::size_t host, Instant until, Instant now) {
    const RolloutHost& one = rollout.hosts.at(host);
    const NoticeRule& rule = rollout.policy.notice;
    if (std::string never = why_never(rollout, one); !never.empty()) {
        return never;
    }
    if (const Instant last = now + rule.longest; until > last) {
        return "notice.defer.at_most is " + calendar::format_length(rule.longest)
            + ": at the latest until " + format_instant(last);
    }
    if (one.due_at != Instant() && until > one.due_at) {
        return "the most urgent of its patches is due at " + format_instant(one.due_at)
            + ", past which nothing is put off";
    }
    const Instant begins = std::max({now, one.noticed_at + rule.before, put_off_until(one)});
    return until > begins
        ? ""
        : "it is left alone until " + format_instant(begins) + " anyway: name a later time";
}

}  // namespace thimble::rollout
