#include "thimble/rollout/step.hpp"

#include "thimble/rollout/notice.hpp"

#include <algorithm>
#include <utility>

namespace thimble::rollout {
namespace {

using enum HostStage;

std::size_t failures_allowed(const Policy& policy, std::size_t hosts) {
    return policy.health.most_failures.value_or(default_failures(hosts));
}

/// Why one host alone stops everything; empty: it does not.
std::string why_stopped_by(const RolloutHost& host) {
    if (host.stage == NotReturned) {
        return "host " + host.id + " did not come back from its reboot as it should";
    }
    return host.stage == HookFailed
        ? "a hook of host " + host.id + " failed, for which the policy halts"
        : "";
}

/// Moves rings, then the hosts that nothing holds.
class Engine {
public:
    Engine(
        Rollout& rollout,
        const Openings& openings,
        Instant now,
        std::span<const PeerElsewhere> elsewhere)
        : rollout_(rollout), now_(now), holds_(rollout, openings, now, elsewhere) {}

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
                || host.stage == Ready || is_awaited(rollout_.policy, host);
        });
        if (all_passed && !any_moves) {
            enter(RolloutPhase::Done, "");
        }
    }

    void command_hosts(std::vector<Command>& commands) {
        for (std::size_t at = 0; at < rollout_.hosts.size(); ++at) {
            const RolloutHost& host = rollout_.hosts[at];
            const bool moves =
                is_begun_anew(host) || host.stage == Ready || is_awaited(rollout_.policy, host);
            if (moves && holds_.of(at).reason == HoldReason::None) {
                move_host(at, commands);
            }
        }
    }

private:
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
        const RingTally& tally = holds_.tally(ring);
        return tally.waiting + tally.preparing + tally.changing == 0
            && tally.ready == holds_.stalled(ring);
    }

    /// What goes wrong in a ring stops the rollout as soon as it is seen.
    [[nodiscard]] std::string why_halted(std::size_t at) const {
        for (const RolloutHost& host : rollout_.hosts) {
            // Those before the last resumption have been looked after.
            if (host.ring == at && host.since >= rollout_.since) {
                if (std::string why = why_stopped_by(host); !why.empty()) {
                    return why;
                }
            }
        }
        const RingTally& tally = holds_.tally(at);
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
        // What was forgiven and has come to a good end is forgiven to nobody else.
        const RingTally& tally = holds_.tally(at);
        ring.forgiven = std::min(
            ring.forgiven, static_cast<std::uint32_t>(tally.failed + tally.rehearsals_failed));
        if (std::string why = why_halted(at); !why.empty()) {
            enter(RolloutPhase::Halted, std::move(why));
            return;
        }
        const bool is_next_waiting =
            at + 1 < rollout_.rings.size() && rollout_.rings[at + 1].phase == RingPhase::Waiting;
        if (ring.phase == RingPhase::Passed && is_next_waiting
            && (!is_settled(at) || !what_lacks(rollout_, at, holds_.tally(at)).empty())) {
            enter(ring, RingPhase::Open);  // a late end, or hosts that were begun anew
        }
        if (ring.phase == RingPhase::Soaking && !is_settled(at)) {
            enter(ring, RingPhase::Open);
        }
        if (ring.phase == RingPhase::Open && is_settled(at)) {
            enter(ring, RingPhase::Soaking);
        }
        if (ring.phase == RingPhase::Soaking && now_ >= ring.since + rollout_.policy.rings[at].soak
            && what_lacks(rollout_, at, holds_.tally(at)).empty()) {
            enter(ring, RingPhase::Passed);
        }
    }

    void move_host(std::size_t at, std::vector<Command>& commands) {
        RolloutHost& host = rollout_.hosts[at];
        const HostStage before = host.stage;
        host.since = now_;
        if (before == Ready) {
            host.stage = Changing;
            commands.push_back({Command::Kind::Change, at});
        } else if (before == PendingReboot) {
            host.stage = Rebooting;
            commands.push_back({Command::Kind::Reboot, at});
        } else {
            ++host.tries;
            host.refused_reboots = 0;
            host.stage = Preparing;
            commands.push_back({Command::Kind::Begin, at});
        }
        holds_.note_move(at, before);
    }

    Rollout& rollout_;
    Instant now_;
    Holds holds_;
};

void set_phase(Rollout& rollout, RolloutPhase phase, const std::string& why, Instant now) {
    rollout.phase = phase;
    rollout.since = now;
    rollout.why = why;
}

bool is_over(const Rollout& rollout) {
    return rollout.phase == RolloutPhase::Done || rollout.phase == RolloutPhase::Cancelled;
}

/// A halt is resumed by who has looked after what failed. A pause is not: nobody need have seen what failed meanwhile.
void resume(Rollout& rollout, const std::string& why, Instant now) {
    if (rollout.phase == RolloutPhase::Paused) {
        for (const RolloutHost& host : rollout.hosts) {
            const std::string stopped = host.since >= rollout.since ? why_stopped_by(host) : "";
            if (!stopped.empty()) {
                set_phase(rollout, RolloutPhase::Halted, stopped, now);
                return;
            }
        }
        set_phase(rollout, RolloutPhase::Running, why, now);
        return;
    }
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

    void operator()(const Ticked& /*ticked*/) const {}
    void operator()(const Approved& approved) const {
        // Said twice it is one word, from when it was said first.
        const bool is_said = std::ranges::any_of(rollout_.approvals, [&](const Approval& word) {
            return word.person == approved.person && word.frozen == approved.frozen
                && is_good(word, rollout_, now_);
        });
        if (!is_said) {
            rollout_.approvals.push_back({approved.person, approved.frozen, now_});
        }
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
            const bool is_unlive = host.stage == PendingRestart && rollout_.policy.restart_services;
            const bool has_ended_badly = is_broken(host.stage) || host.stage == RehearsalFailed
                || host.stage == Blocked || host.stage == Skipped || host.stage == Silent
                || is_unlive;
            const bool is_told_again = refuses_reboot(rollout_.policy, host);
            if (host.ring == retried.ring && is_told_again && !is_over(rollout_)) {
                host.refused_reboots =
                    0;  // what it installed is installed: the reboot alone is due
                rollout_.rings[host.ring].forgiven = 0;
            }
            if (host.ring == retried.ring && has_ended_badly && !is_over(rollout_)) {
                host.refused_reboots = 0;
                host.stage = Waiting;
                host.since = now_;
                host.tries = 0;
                rollout_.rings[host.ring].forgiven = 0;  // nobody of them has failed any more
            }
        }
    }

    void operator()(const Deferred& deferred) const {
        const bool is_there = deferred.host < rollout_.hosts.size();
        if (is_there && why_no_deferral(rollout_, deferred.host, deferred.until, now_).empty()) {
            RolloutHost& host = rollout_.hosts[deferred.host];
            host.deferred_until = deferred.until;
            ++host.deferrals;
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

Step step(
    Rollout rollout,
    const Event& event,
    const Openings& openings,
    Instant now,
    std::span<const PeerElsewhere> elsewhere) {
    Step result{std::move(rollout), {}};
    give_notice(result.rollout, now);
    std::visit(Take(result.rollout, result.commands, now), event);
    if (result.rollout.phase != RolloutPhase::Running) {
        return result;
    }
    Engine engine(result.rollout, openings, now, elsewhere);
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

}  // namespace thimble::rollout
