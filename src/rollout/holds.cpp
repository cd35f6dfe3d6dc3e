#include "thimble/rollout/holds.hpp"

#include "thimble/rollout/notice.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <string_view>

namespace thimble::rollout {
namespace {

using enum HostStage;

constexpr std::size_t kNobody = static_cast<std::size_t>(-1);

bool has_people(const Rollout& rollout, Instant now) {
    std::vector<std::string_view> people;
    for (const Approval& approval : rollout.approvals) {
        const bool counts = is_good(approval, rollout, now)
            && std::ranges::find(people, approval.person) == people.end();
        if (counts) {
            people.emplace_back(approval.person);
        }
    }
    return people.size() >= rollout.policy.approval.people;
}

std::size_t approved_ring(const Policy& policy) {
    const auto ring = std::ranges::find(policy.rings, policy.approval.before_ring, &RingRule::name);
    return ring == policy.rings.end() ? 0 : static_cast<std::size_t>(ring - policy.rings.begin());
}

std::size_t at_once_of(const Policy& policy, std::size_t ring, std::size_t hosts) {
    return hosts_at_once(policy.rings[ring].at_once.value_or(default_at_once(hosts)), hosts);
}

/// The stretch that is open now; nullptr: none is. The next one is at `next`.
const calendar::Span* open_span(
    const std::vector<calendar::Span>& spans, Instant now, Instant& next) {
    const auto after = std::ranges::upper_bound(spans, now, {}, &calendar::Span::end);
    if (after == spans.end()) {
        return nullptr;
    }
    if (after->begin <= now) {
        const auto following = std::next(after);
        next = following == spans.end() ? Instant() : following->begin;
        return &*after;
    }
    next = after->begin;
    return nullptr;
}

/// Freezes and windows.
/// @param needs  how long it lasts
Hold time_hold(
    const Policy& policy,
    const std::vector<calendar::Span>& spans,
    std::chrono::seconds needs,
    Instant now) {
    Instant next;
    const calendar::Span* open = open_span(spans, now, next);
    if (open == nullptr) {
        const bool is_frozen = std::ranges::any_of(
            policy.freezes, [now](const Freeze& freeze) { return freeze.span.has(now); });
        return {is_frozen ? HoldReason::Freeze : HoldReason::Window, next, 0};
    }
    if (now + needs <= open->end) {
        return {};
    }
    const auto fitting = std::ranges::find_if(spans, [&](const calendar::Span& span) {
        return span.begin > now && span.begin + needs <= span.end;
    });
    return {HoldReason::TooLong, fitting == spans.end() ? Instant() : fitting->begin, 0};
}

/// The phases in which nothing begins.
Hold phase_hold(RolloutPhase phase) {
    switch (phase) {
        case RolloutPhase::Running: return {};
        case RolloutPhase::Paused: return {HoldReason::RolloutPaused, {}, 0};
        case RolloutPhase::Halted: return {HoldReason::RolloutHalted, {}, 0};
        case RolloutPhase::Done:
        case RolloutPhase::Cancelled: return {HoldReason::RolloutEnded, {}, 0};
    }
    return {};
}

/// Whether nothing but people's word lets anything be changed now.
bool is_passing_freeze(const Policy& policy, Instant now) {
    return std::ranges::any_of(
        policy.passed_freezes, [now](const Freeze& freeze) { return freeze.span.has(now); });
}

Hold approval_hold(const Rollout& rollout, std::uint32_t ring, Instant now) {
    const bool is_due =
        ring >= approved_ring(rollout.policy) || is_passing_freeze(rollout.policy, now);
    return is_due && !has_people(rollout, now) ? Hold{HoldReason::Approval, {}, 0} : Hold{};
}

/// Who may change a host may restart it; within a soft freeze nobody may without people's word.
Hold reboot_word_hold(const Rollout& rollout, Instant now) {
    return is_passing_freeze(rollout.policy, now) && !has_people(rollout, now)
        ? Hold{HoldReason::Approval, {}, 0}
        : Hold{};
}

/// Ready, and a person has to do something before it moves.
bool is_left_alone(const Policy& policy, const RolloutHost& host, Instant now) {
    const bool is_taken_back = host.stage == Ready && !host.taken_back_on.empty();
    return is_taken_back || is_put_off(policy, host, now);
}

Hold taken_back_hold(const RolloutHost& host) {
    return host.taken_back_on.empty() ? Hold{} : Hold{HoldReason::TakenBack, {}, 0};
}

/// What a host of the order means for those after it.
enum class OrderStand : std::uint8_t {
    Done,   ///< nothing more is wanted of it, or its end does not hold others
    Open,   ///< it is still to be done
    Ended,  ///< it has ended, and somebody must look
};

OrderStand order_stand(const Policy& policy, const RolloutHost& host) {
    const OrderStand ended =
        policy.order_failure == OrderFailure::GoOn ? OrderStand::Done : OrderStand::Ended;
    switch (host.stage) {
        case Waiting:
        case Preparing:
        case Ready:
        case Changing:
        case Rebooting: return OrderStand::Open;
        case Succeeded:
        case NothingToDo:
        case Blocked:
        case Left: return OrderStand::Done;
        case PendingRestart: return policy.restart_services ? ended : OrderStand::Done;
        case PendingReboot:
            if (policy.reboot.rule == RebootRule::Never) {
                return OrderStand::Done;
            }
            return refuses_reboot(policy, host) ? ended : OrderStand::Open;
        case Skipped: return is_retried(host) ? OrderStand::Open : ended;
        case RehearsalFailed:
        case Failed:
        case HookFailed:
        case NotReturned:
        case Silent: return ended;
    }
    return OrderStand::Open;
}

}  // namespace

bool is_good(const Approval& approval, const Rollout& rollout, Instant now) {
    return approval.frozen == rollout.frozen && approval.person != rollout.requester
        && now < approval.at + rollout.policy.approval.good_for;
}

bool is_begun_anew(const RolloutHost& host) {
    return host.stage == Waiting || is_retried(host);
}

bool is_broken(HostStage stage) {
    return stage == Failed || stage == HookFailed || stage == NotReturned;
}

bool is_in_change(HostStage stage) {
    return stage == Changing || stage == Rebooting;
}

Holds::Holds(
    const Rollout& rollout,
    const Openings& openings,
    Instant now,
    std::span<const PeerElsewhere> elsewhere)
    : rollout_(rollout),
      openings_(openings),
      now_(now),
      tallies_(tallies_of(rollout)),
      elsewhere_(elsewhere),
      before_open_(rollout.rings.size(), kNobody),
      before_ended_(rollout.rings.size(), kNobody),
      put_off_(rollout.rings.size()) {
    std::uint32_t sets = 0;
    for (const RolloutHost& host : rollout.hosts) {
        sets = std::max(sets, host.set);
        rebooting_ += host.stage == Rebooting ? 1U : 0U;
        put_off_[host.ring] += is_left_alone(rollout.policy, host, now) ? 1U : 0U;
    }
    for (const RingTally& tally : tallies_) {
        preparing_ += tally.preparing;
    }
    note_elsewhere();
    changing_peer_.assign(sets + 1, kNobody);
    broken_peer_.assign(sets + 1, kNobody);
    for (std::size_t at = 0; at < rollout.hosts.size(); ++at) {
        note_peer(at);
        note_order(at);
    }
}

void Holds::note_move(std::size_t at, HostStage before) {
    const RolloutHost& host = rollout_.hosts[at];
    RingTally& tally = tallies_[host.ring];
    if (before == Ready) {
        --tally.ready;
    } else if (before == PendingReboot) {
        --tally.pending;
        --tally.awaited;
    } else {
        --tally.waiting;
    }
    ++(host.stage == Preparing ? tally.preparing : tally.changing);
    preparing_ += host.stage == Preparing ? 1U : 0U;
    rebooting_ += host.stage == Rebooting ? 1U : 0U;
    note_peer(at);
}

void Holds::note_elsewhere() {
    if (elsewhere_.empty()) {
        return;
    }
    std::map<std::string_view, std::size_t> numbers;
    for (std::size_t at = 0; at < rollout_.sets.size(); ++at) {
        numbers.emplace(rollout_.sets[at], at);
    }
    elsewhere_of_set_.resize(rollout_.sets.size());
    for (std::size_t at = 0; at < elsewhere_.size(); ++at) {
        if (const auto set = numbers.find(elsewhere_[at].set); set != numbers.end()) {
            elsewhere_of_set_[set->second].push_back(at);
        }
    }
}

void Holds::note_peer(std::size_t at) {
    const RolloutHost& host = rollout_.hosts[at];
    if (host.set != 0 && is_in_change(host.stage)) {
        changing_peer_[host.set] = at;
    }
    if (host.set != 0 && is_broken(host.stage)) {
        broken_peer_[host.set] = at;
    }
}

/// Hosts move towards their ends within one step, and none of them ends in it: once is enough.
void Holds::note_order(std::size_t at) {
    const RolloutHost& host = rollout_.hosts[at];
    const OrderStand stand = order_stand(rollout_.policy, host);
    if (host.order == 0 || stand == OrderStand::Done) {
        return;
    }
    std::size_t& first = (stand == OrderStand::Open ? before_open_ : before_ended_)[host.ring];
    if (first == kNobody || host.order < rollout_.hosts[first].order) {
        first = at;
    }
}

Hold Holds::order_hold(const RolloutHost& host) const {
    const auto is_before = [&](std::size_t at) {
        return at != kNobody && rollout_.hosts[at].order < host.order;
    };
    if (is_before(before_ended_[host.ring])) {
        return {HoldReason::OrderBroken, {}, before_ended_[host.ring]};
    }
    return is_before(before_open_[host.ring]) ? Hold{HoldReason::Order, {}, before_open_[host.ring]}
                                              : Hold{};
}

std::size_t Holds::stalled(std::size_t ring) const {
    if (before_ended_[ring] == kNobody) {
        return put_off_[ring];
    }
    return static_cast<std::size_t>(
        std::ranges::count_if(rollout_.hosts, [this, ring](const RolloutHost& host) {
            return host.ring == ring && host.stage == Ready
                && (is_left_alone(rollout_.policy, host, now_)
                    || order_hold(host).reason == HoldReason::OrderBroken);
        }));
}

Hold Holds::of(std::size_t at) const {
    const RolloutHost& host = rollout_.hosts[at];
    if (const Hold phase = phase_hold(rollout_.phase); phase.reason != HoldReason::None) {
        return phase;
    }
    if (const Hold ring = ring_hold(host.ring); ring.reason != HoldReason::None) {
        return ring;
    }
    if (is_begun_anew(host)) {
        return hold_of_begin(host);
    }
    if (host.stage == Ready) {
        return hold_of_change(host);
    }
    if (host.stage == PendingReboot) {
        return hold_of_reboot(host);
    }
    if (host.stage == PendingRestart) {
        return {HoldReason::RestartIsOwners, {}, 0};
    }
    return {};
}

Hold Holds::ring_hold(std::size_t ring) const {
    const RingPhase phase = rollout_.rings[ring].phase;
    if (phase != RingPhase::Waiting) {
        return {};
    }
    for (std::size_t at = 0; at < ring; ++at) {
        const RingPhase ahead = rollout_.rings[at].phase;
        if (ahead != RingPhase::Passed && ahead != RingPhase::Skipped) {
            return {HoldReason::RingAhead, {}, at};
        }
    }
    return {HoldReason::Deferral, rollout_.began + rollout_.policy.rings[ring].after, ring};
}

Hold Holds::hold_of_begin(const RolloutHost& host) const {
    if (host.stage == Skipped && now_ < host.since + kRetryAfter) {
        return {HoldReason::Retry, host.since + kRetryAfter, 0};
    }
    return preparing_ < kMostPreparing ? Hold{} : Hold{HoldReason::Preparations, {}, 0};
}

Hold Holds::peer_hold(const RolloutHost& host) const {
    if (host.set == 0) {
        return {};
    }
    if (broken_peer_[host.set] != kNobody) {
        return {HoldReason::BrokenPeer, {}, broken_peer_[host.set]};
    }
    const std::size_t peer = changing_peer_[host.set];
    return peer == kNobody ? Hold{} : Hold{HoldReason::Peer, {}, peer};
}

Hold Holds::elsewhere_hold(const RolloutHost& host) const {
    if (host.set == 0 || elsewhere_.empty()) {
        return {};
    }
    Hold hold;
    for (const std::size_t at : elsewhere_of_set_[host.set - 1]) {
        const PeerElsewhere& peer = elsewhere_[at];
        if (peer.host == host.id) {
            continue;
        }
        if (peer.is_broken) {
            return {HoldReason::BrokenPeerElsewhere, {}, at};
        }
        if (hold.reason == HoldReason::None) {
            hold = {HoldReason::PeerElsewhere, {}, at};
        }
    }
    return hold;
}

/// What other hosts must have come to before one is touched.
Hold Holds::others_hold(const RolloutHost& host) const {
    for (const Hold& hold : {order_hold(host), peer_hold(host), elsewhere_hold(host)}) {
        if (hold.reason != HoldReason::None) {
            return hold;
        }
    }
    return {};
}

Hold Holds::hold_of_change(const RolloutHost& host) const {
    if (rollout_.frozen.empty()) {
        return {HoldReason::NotFrozen, {}, 0};
    }
    if (const Hold word = approval_hold(rollout_, host.ring, now_);
        word.reason != HoldReason::None) {
        return word;
    }
    for (const Hold& hold : {taken_back_hold(host), notice_hold(rollout_.policy, host, now_)}) {
        if (hold.reason != HoldReason::None) {
            return hold;
        }
    }
    if (const Hold time = time_hold(
            rollout_.policy, openings_.install, needs_of_change(rollout_.policy, host), now_);
        time.reason != HoldReason::None) {
        return time;
    }
    if (const Hold others = others_hold(host); others.reason != HoldReason::None) {
        return others;
    }
    const RingTally& tally = tallies_[host.ring];
    return tally.changing < at_once_of(rollout_.policy, host.ring, tally.hosts)
        ? Hold{}
        : Hold{HoldReason::AtOnce, {}, host.ring};
}

Hold Holds::hold_of_reboot(const RolloutHost& host) const {
    if (rollout_.policy.reboot.rule == RebootRule::Never) {
        return {HoldReason::RebootIsOwners, {}, 0};
    }
    const RebootPolicy& reboot = rollout_.policy.reboot;
    if (refuses_reboot(rollout_.policy, host)) {
        return {HoldReason::RebootRefused, {}, 0};
    }
    if (const Instant again = reboot_again_at(host); now_ < again) {
        return {HoldReason::RebootRetry, again, 0};
    }
    if (const Hold word = reboot_word_hold(rollout_, now_); word.reason != HoldReason::None) {
        return word;
    }
    if (const Hold time =
            time_hold(rollout_.policy, openings_.reboot, needs_of_reboot(rollout_.policy), now_);
        time.reason != HoldReason::None) {
        return time;
    }
    if (const Hold others = others_hold(host); others.reason != HoldReason::None) {
        return others;
    }
    return rebooting_ < reboot.at_once ? Hold{} : Hold{HoldReason::AtOnce, {}, host.ring};
}

Hold lease_hold(
    const Rollout& rollout,
    const RolloutHost& host,
    const LeaseAsked& asked,
    const Openings& openings,
    Instant now) {
    if (const Hold phase = phase_hold(rollout.phase); phase.reason != HoldReason::None) {
        return phase;
    }
    if (asked.is_reboot) {
        if (const Hold word = reboot_word_hold(rollout, now); word.reason != HoldReason::None) {
            return word;
        }
    } else if (!asked.is_restart) {
        for (const Hold& word :
             {approval_hold(rollout, host.ring, now), notice_hold(rollout.policy, host, now)}) {
            if (word.reason != HoldReason::None) {
                return word;
            }
        }
    }
    return time_hold(
        rollout.policy, asked.is_reboot ? openings.reboot : openings.install, asked.needs, now);
}

std::chrono::seconds needs_of_change(const Policy& policy, const RolloutHost& host) {
    return host.expected + model::time_before_change(policy.hooks);
}

std::chrono::seconds needs_of_reboot(const Policy& policy) {
    std::chrono::seconds drain{0};
    for (const model::OwnerHook& hook : policy.hooks) {
        drain += hook.step == model::HookStep::Drain ? hook.limit : std::chrono::seconds(0);
    }
    return policy.reboot.returns_within + drain;
}

}  // namespace thimble::rollout
