#include "thimble/rollout/step.hpp"

#include <algorithm>
#include <utility>

namespace thimble::rollout {
namespace {

using enum HostStage;

bool is_begun_anew(const RolloutHost& host) {
    return host.stage == Waiting || is_retried(host);
}

bool is_in_change(HostStage stage) {
    return stage == Changing || stage == Rebooting;
}

bool has_people(const Rollout& rollout, Instant now) {
    std::vector<std::string_view> people;
    for (const Approval& approval : rollout.approvals) {
        const bool counts = approval.frozen == rollout.frozen
            && approval.person != rollout.requester
            && now < approval.at + rollout.policy.approval.good_for
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

std::size_t failures_allowed(const Policy& policy, std::size_t hosts) {
    return policy.health.most_failures.value_or(default_failures(hosts));
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
    return now + needs <= open->end ? Hold{} : Hold{HoldReason::TooLong, next, 0};
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

Hold approval_hold(const Rollout& rollout, std::uint32_t ring, Instant now) {
    return ring < approved_ring(rollout.policy) || has_people(rollout, now)
        ? Hold{}
        : Hold{HoldReason::Approval, {}, 0};
}

/// What a step works with: the state, and what must be counted over all hosts.
class Engine {
public:
    Engine(Rollout& rollout, const Openings& openings, Instant now)
        : rollout_(rollout), openings_(openings), now_(now), tallies_(tallies_of(rollout)) {
        std::uint32_t sets = 0;
        for (const RolloutHost& host : rollout.hosts) {
            sets = std::max(sets, host.set);
        }
        changing_peer_.assign(sets + 1, kNobody);
        broken_peer_.assign(sets + 1, kNobody);
        for (std::size_t at = 0; at < rollout.hosts.size(); ++at) {
            note_peer(at);
        }
    }

    void move_rings() {
        for (std::size_t at = 0; at < rollout_.rings.size(); ++at) {
            move_ring(at);
            if (rollout_.phase != RolloutPhase::Running) {
                return;
            }
        }
        const bool all_passed = std::ranges::all_of(rollout_.rings, [](const RingState& ring) {
            return ring.phase == RingPhase::Passed || ring.phase == RingPhase::Skipped;
        });
        const bool any_moves = std::ranges::any_of(rollout_.hosts, [this](const RolloutHost& host) {
            return is_in_change(host.stage) || is_begun_anew(host) || host.stage == Preparing
                || host.stage == Ready || is_awaited(rollout_.policy, host.stage);
        });
        if (all_passed && !any_moves) {
            enter(RolloutPhase::Done, "");
        }
    }

    void command_hosts(std::vector<Command>& commands) {
        for (std::size_t at = 0; at < rollout_.hosts.size(); ++at) {
            const HostStage stage = rollout_.hosts[at].stage;
            const bool moves = is_begun_anew(rollout_.hosts[at]) || stage == Ready
                || (stage == PendingReboot && is_awaited(rollout_.policy, stage));
            if (moves && hold(at).reason == HoldReason::None) {
                move_host(at, commands);
            }
        }
    }

    [[nodiscard]] Hold hold(std::size_t at) const {
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

private:
    static constexpr std::size_t kNobody = static_cast<std::size_t>(-1);

    void note_peer(std::size_t at) {
        const RolloutHost& host = rollout_.hosts[at];
        if (host.set != 0 && is_in_change(host.stage)) {
            changing_peer_[host.set] = at;
        }
        if (host.set != 0 && (host.stage == Failed || host.stage == NotReturned)) {
            broken_peer_[host.set] = at;
        }
    }

    void enter(RolloutPhase phase, std::string why) {
        rollout_.phase = phase;
        rollout_.since = now_;
        rollout_.why = std::move(why);
    }

    void enter(RingState& ring, RingPhase phase) const {
        ring.phase = phase;
        ring.since = now_;
    }

    [[nodiscard]] bool may_open(std::size_t at) const {
        const bool is_ahead_done = at == 0 || rollout_.rings[at - 1].phase == RingPhase::Passed
            || rollout_.rings[at - 1].phase == RingPhase::Skipped;
        return is_ahead_done && now_ >= rollout_.began + rollout_.policy.rings[at].after;
    }

    /// Whether no host of a ring will move by itself any more.
    [[nodiscard]] bool is_settled(std::size_t ring) const {
        const RingTally& tally = tallies_[ring];
        return tally.waiting + tally.preparing + tally.ready + tally.changing == 0;
    }

    /// What goes wrong in a ring stops the rollout as soon as it is seen.
    [[nodiscard]] std::string why_halted(std::size_t at) const {
        for (const RolloutHost& host : rollout_.hosts) {
            // Those before the last resumption have been looked after.
            if (host.ring == at && host.stage == NotReturned && host.since >= rollout_.since) {
                return "host " + host.id + " did not come back from its reboot as it should";
            }
        }
        const RingTally& tally = tallies_[at];
        const std::size_t bad = tally.failed + tally.rehearsals_failed;
        const std::size_t forgiven = rollout_.rings[at].forgiven;
        const std::size_t allowed = failures_allowed(rollout_.policy, tally.hosts);
        const std::string ring = "ring " + rollout_.policy.rings[at].name + ": ";
        if (bad > forgiven + allowed) {
            return ring + std::to_string(bad - forgiven) + " hosts failed, "
                + std::to_string(allowed) + " may";
        }
        const bool has_new = bad > forgiven;
        const std::size_t ended = tally.succeeded + bad;
        if (is_settled(at) && has_new
            && tally.succeeded * kWhole < ended * rollout_.policy.health.success_share) {
            return ring + std::to_string(tally.succeeded) + " of " + std::to_string(ended)
                + " hosts that ended succeeded";
        }
        return "";
    }

    void move_ring(std::size_t at) {
        RingState& ring = rollout_.rings[at];
        if (ring.phase == RingPhase::Waiting) {
            if (!may_open(at)) {
                return;
            }
            enter(ring, RingPhase::Open);
        }
        if (std::string why = why_halted(at); !why.empty()) {
            enter(RolloutPhase::Halted, std::move(why));
            return;
        }
        const bool is_next_waiting =
            at + 1 < rollout_.rings.size() && rollout_.rings[at + 1].phase == RingPhase::Waiting;
        if (ring.phase == RingPhase::Passed && is_next_waiting
            && (!is_settled(at) || !what_lacks(rollout_, at, tallies_[at]).empty())) {
            enter(ring, RingPhase::Open);  // a late end, or hosts that were begun anew
        }
        if (ring.phase == RingPhase::Soaking && !is_settled(at)) {
            enter(ring, RingPhase::Open);
        }
        if (ring.phase == RingPhase::Open && is_settled(at)) {
            enter(ring, RingPhase::Soaking);
        }
        if (ring.phase == RingPhase::Soaking && now_ >= ring.since + rollout_.policy.rings[at].soak
            && what_lacks(rollout_, at, tallies_[at]).empty()) {
            enter(ring, RingPhase::Passed);
        }
    }

    void move_host(std::size_t at, std::vector<Command>& commands) {
        RolloutHost& host = rollout_.hosts[at];
        RingTally& tally = tallies_[host.ring];
        host.since = now_;
        if (host.stage == Ready) {
            --tally.ready;
            ++tally.changing;
            host.stage = Changing;
            commands.push_back({Command::Kind::Change, at});
        } else if (host.stage == PendingReboot) {
            --tally.pending;
            ++tally.changing;
            ++rebooting_;
            host.stage = Rebooting;
            commands.push_back({Command::Kind::Reboot, at});
        } else {
            --tally.waiting;
            ++tally.preparing;
            ++host.tries;
            host.stage = Preparing;
            commands.push_back({Command::Kind::Begin, at});
        }
        note_peer(at);
    }

    [[nodiscard]] Hold ring_hold(std::size_t ring) const {
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

    [[nodiscard]] Hold hold_of_begin(const RolloutHost& host) const {
        if (host.stage == Skipped && now_ < host.since + kRetryAfter) {
            return {HoldReason::Retry, host.since + kRetryAfter, 0};
        }
        std::size_t preparing = 0;
        for (const RingTally& tally : tallies_) {
            preparing += tally.preparing;
        }
        return preparing < kMostPreparing ? Hold{} : Hold{HoldReason::Preparations, {}, 0};
    }

    [[nodiscard]] Hold peer_hold(const RolloutHost& host) const {
        if (host.set == 0) {
            return {};
        }
        if (broken_peer_[host.set] != kNobody) {
            return {HoldReason::BrokenPeer, {}, broken_peer_[host.set]};
        }
        const std::size_t peer = changing_peer_[host.set];
        return peer == kNobody ? Hold{} : Hold{HoldReason::Peer, {}, peer};
    }

    [[nodiscard]] Hold hold_of_change(const RolloutHost& host) const {
        if (rollout_.frozen.empty()) {
            return {HoldReason::NotFrozen, {}, 0};
        }
        if (const Hold word = approval_hold(rollout_, host.ring, now_);
            word.reason != HoldReason::None) {
            return word;
        }
        if (const Hold time = time_hold(rollout_.policy, openings_.install, host.expected, now_);
            time.reason != HoldReason::None) {
            return time;
        }
        if (const Hold peer = peer_hold(host); peer.reason != HoldReason::None) {
            return peer;
        }
        const RingTally& tally = tallies_[host.ring];
        return tally.changing < at_once_of(rollout_.policy, host.ring, tally.hosts)
            ? Hold{}
            : Hold{HoldReason::AtOnce, {}, host.ring};
    }

    [[nodiscard]] Hold hold_of_reboot(const RolloutHost& host) const {
        if (rollout_.policy.reboot.rule == RebootRule::Never) {
            return {HoldReason::RebootIsOwners, {}, 0};
        }
        const RebootPolicy& reboot = rollout_.policy.reboot;
        if (const Hold time =
                time_hold(rollout_.policy, openings_.reboot, reboot.returns_within, now_);
            time.reason != HoldReason::None) {
            return time;
        }
        if (const Hold peer = peer_hold(host); peer.reason != HoldReason::None) {
            return peer;
        }
        return rebooting_ < reboot.at_once ? Hold{} : Hold{HoldReason::AtOnce, {}, host.ring};
    }

    [[nodiscard]] std::size_t count_rebooting() const {
        return static_cast<std::size_t>(
            std::ranges::count(rollout_.hosts, Rebooting, &RolloutHost::stage));
    }

    Rollout& rollout_;
    const Openings& openings_;
    Instant now_;
    std::vector<RingTally> tallies_;
    std::vector<std::size_t> changing_peer_;  // by set
    std::vector<std::size_t> broken_peer_;    // by set
    std::size_t rebooting_ = count_rebooting();
};

void set_phase(Rollout& rollout, RolloutPhase phase, const std::string& why, Instant now) {
    rollout.phase = phase;
    rollout.since = now;
    rollout.why = why;
}

bool is_over(const Rollout& rollout) {
    return rollout.phase == RolloutPhase::Done || rollout.phase == RolloutPhase::Cancelled;
}

void resume(Rollout& rollout, const std::string& why, Instant now) {
    const std::vector<RingTally> tallies = tallies_of(rollout);
    for (std::size_t at = 0; at < rollout.rings.size(); ++at) {
        rollout.rings[at].forgiven =
            static_cast<std::uint32_t>(tallies[at].failed + tallies[at].rehearsals_failed);
    }
    set_phase(rollout, RolloutPhase::Running, why, now);
}

/// Takes an event into the state; nothing is decided yet.
class Take {
public:
    Take(Rollout& rollout, std::vector<Command>& commands, Instant now)
        : rollout_(rollout), commands_(commands), now_(now) {}

    void operator()(const Ticked&) const {}
    void operator()(const Approved& approved) const {
        rollout_.approvals.push_back({approved.person, approved.frozen, now_});
    }
    void operator()(const Paused& paused) const { stop(RolloutPhase::Paused, paused.why); }
    void operator()(const HaltedByPerson& halted) const { stop(RolloutPhase::Halted, halted.why); }
    void operator()(const CancelledByPerson& cancelled) const {
        stop(RolloutPhase::Cancelled, cancelled.why);
    }
    void operator()(const Resumed& resumed) const {
        const bool is_stopped =
            rollout_.phase == RolloutPhase::Paused || rollout_.phase == RolloutPhase::Halted;
        if (is_stopped) {
            resume(rollout_, resumed.why, now_);
        }
    }
    void operator()(const RingSkipped& skipped) const {
        // Without a frozen set the next ring would have nothing that it may install.
        if (skipped.ring >= rollout_.rings.size() || is_over(rollout_) || rollout_.frozen.empty()) {
            return;
        }
        RingState& ring = rollout_.rings[skipped.ring];
        if (ring.phase == RingPhase::Open || ring.phase == RingPhase::Soaking) {
            const RingTally tally = tallies_of(rollout_)[skipped.ring];
            ring = {
                RingPhase::Skipped,
                now_,
                static_cast<std::uint32_t>(tally.failed + tally.rehearsals_failed)};
        }
    }
    void operator()(const RingRetried& retried) const {
        for (RolloutHost& host : rollout_.hosts) {
            const bool has_ended_badly = host.stage == Failed || host.stage == NotReturned
                || host.stage == RehearsalFailed || host.stage == Blocked || host.stage == Skipped
                || host.stage == Silent;
            if (host.ring == retried.ring && has_ended_badly && !is_over(rollout_)) {
                host.stage = Waiting;
                host.since = now_;
                host.tries = 0;
                rollout_.rings[host.ring].forgiven = 0;  // nobody of them has failed any more
            }
        }
    }

private:
    /// What a host has not begun is taken back from it.
    void stop(RolloutPhase phase, const std::string& why) const {
        if (is_over(rollout_)) {
            return;
        }
        set_phase(rollout_, phase, why, now_);
        for (std::size_t at = 0; at < rollout_.hosts.size(); ++at) {
            if (is_in_change(rollout_.hosts[at].stage)) {
                commands_.push_back({Command::Kind::Withdraw, at});
            }
        }
    }

    Rollout& rollout_;
    std::vector<Command>& commands_;
    Instant now_;
};

}  // namespace

Step step(Rollout rollout, const Event& event, const Openings& openings, Instant now) {
    Step result{std::move(rollout), {}};
    std::visit(Take(result.rollout, result.commands, now), event);
    if (result.rollout.phase != RolloutPhase::Running) {
        return result;
    }
    Engine engine(result.rollout, openings, now);
    engine.move_rings();
    if (result.rollout.phase == RolloutPhase::Running) {
        engine.command_hosts(result.commands);
    } else if (result.rollout.phase == RolloutPhase::Halted) {
        for (std::size_t at = 0; at < result.rollout.hosts.size(); ++at) {
            if (is_in_change(result.rollout.hosts[at].stage)) {
                result.commands.push_back({Command::Kind::Withdraw, at});
            }
        }
    }
    return result;
}

Hold hold_of(const Rollout& rollout, std::size_t host, const Openings& openings, Instant now) {
    Rollout copy = rollout;
    return Engine(copy, openings, now).hold(host);
}

Hold lease_hold(
    const Rollout& rollout,
    const RolloutHost& host,
    bool is_reboot,
    const Openings& openings,
    Instant now) {
    if (const Hold phase = phase_hold(rollout.phase); phase.reason != HoldReason::None) {
        return phase;
    }
    const Hold word = is_reboot ? Hold{} : approval_hold(rollout, host.ring, now);
    if (word.reason != HoldReason::None) {
        return word;
    }
    return time_hold(
        rollout.policy,
        is_reboot ? openings.reboot : openings.install,
        is_reboot ? rollout.policy.reboot.returns_within : host.expected,
        now);
}

}  // namespace thimble::rollout
