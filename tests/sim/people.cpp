// What people do in a simulation.
#include "world.hpp"

#include <string>
#include <vector>

namespace thimble::sim {
namespace {

using rollout::CoursePhase;
using rollout::HostStage;
using rollout::RolloutPhase;

constexpr std::int64_t kHour = 3600;

}  // namespace

void World::approve() {
    if (kept_.rollout.frozen.empty()) {
        return;
    }
    for (std::uint32_t one = 0; one <= kept_.rollout.policy.approval.people; ++one) {
        const std::string person = one == 0 ? "user:requester" : "user:p" + std::to_string(one);
        commit([this, person] {
            told_.emplace_back(
                [this, person, now = time_ + skew_] { checker_.approved(person, now); });
            drive(rollout::Approved{person, "set"});
        });
    }
}

/// Somebody has looked after what a host of the group took back.
void World::look_after(std::size_t group) {
    commit([this, group] {
        told_.emplace_back([this, group] { checker_.looked_after(group); });
        note("somebody has looked after what was taken back on " + kept_.taken_back_on[group]);
        keep_back(group, "");
        drive(rollout::Ticked{});
    });
}

/// The owner of a host wants it left alone, which the policy may not allow.
void World::defer() {
    const auto host = static_cast<std::size_t>(
        chance_.between(0, static_cast<std::int64_t>(scenario_.hosts.size()) - 1));
    const std::int64_t now = time_ + skew_;
    const std::int64_t until =
        now + chance_.between(-kHour, scenario_.notice + (2 * scenario_.longest_deferral));
    commit([this, host, now, until] {
        const std::uint32_t before = kept_.rollout.hosts[host].deferrals;
        drive(
            rollout::Deferred{host, Instant(std::chrono::seconds(until)), "user:owner", "a fair"});
        if (kept_.rollout.hosts[host].deferrals != before) {
            note(scenario_.hosts[host].id + " is put off by " + std::to_string(until - now) + " s");
            // Before what the same step commands.
            told_.insert(
                told_.begin(), [this, host, now, until] { checker_.deferred(host, now, until); });
        }
    });
}

/// What people do: 0 pause, 1 halt, 2 skip a ring, 3 retry one.
void World::act(std::int64_t what, std::size_t ring) {
    commit([this, what, ring] {
        switch (what) {
            case 0: drive(rollout::Paused{"lunch"}); break;
            case 1: drive(rollout::HaltedByPerson{"stop"}); break;
            case 2:
                told_.emplace_back([this, ring] { checker_.skipped(ring); });
                drive(rollout::RingSkipped{ring});
                break;
            case 3: {
                told_.emplace_back([this, ring] { checker_.retried(ring); });
                // What is begun anew has no course any more.
                drive(rollout::RingRetried{ring});
                break;
            }
            default: break;
        }
        for (std::size_t host = 0; host < kept_.courses.size(); ++host) {
            const HostStage stage = rollout::stage_of(kept_.courses[host]);
            const bool is_set_back = kept_.rollout.hosts[host].stage == HostStage::Waiting
                && stage != HostStage::Waiting;
            if (is_set_back) {
                kept_.courses[host] = {};
                kept_.courses[host].phase = CoursePhase::Waiting;
            }
        }
    });
}

/// Whether a host of a ring is told that somebody has to look after one before it.
bool World::is_held_by_order(std::size_t ring) const {
    const rollout::Holds holds(kept_.rollout, openings_, clock());
    for (std::size_t host = 0; host < kept_.rollout.hosts.size(); ++host) {
        if (kept_.rollout.hosts[host].ring == ring
            && holds.of(host).reason == rollout::HoldReason::OrderBroken) {
            return true;
        }
    }
    return false;
}

void World::person() {
    if (fails(scenario_.faults.person_acts)) {
        const auto rings = static_cast<std::int64_t>(kept_.rollout.rings.size());
        act(chance_.between(0, 3), static_cast<std::size_t>(chance_.between(0, rings - 1)));
    }
    for (std::int64_t asked = is_calm() || scenario_.notice == 0 ? 0 : chance_.between(0, 3);
         asked > 0;
         --asked) {
        defer();
    }
    const bool is_stopped =
        kept_.rollout.phase == RolloutPhase::Paused || kept_.rollout.phase == RolloutPhase::Halted;
    if (is_stopped && (is_calm() || chance_.one_in(200))) {
        commit([this] {
            told_.insert(told_.begin(), [this] { checker_.resumed(); });
            note("resumed");
            drive(rollout::Resumed{"go on"});
        });
    }
    if (chance_.one_in(300) || is_calm()) {
        approve();
    }
    for (std::size_t group = 0; group < kGroups; ++group) {
        if (!kept_.taken_back_on[group].empty() && (is_calm() || chance_.one_in(100))) {
            look_after(group);
        }
    }
    if (is_calm() && kept_.rollout.phase == RolloutPhase::Running) {
        for (std::size_t ring = 0; ring < kept_.rollout.rings.size(); ++ring) {
            const auto tally = rollout::tallies_of(kept_.rollout)[ring];
            if (tally.failed + tally.rehearsals_failed > 0 || is_held_by_order(ring)) {
                act(3, ring);
            }
            const bool is_settled =
                tally.waiting + tally.preparing + tally.ready + tally.changing == 0;
            if (kept_.rollout.rings[ring].phase == rollout::RingPhase::Soaking && is_settled
                && !rollout::what_lacks(kept_.rollout, ring, tally).empty()) {
                act(2, ring);
            }
        }
    }
    if (time_ < kBegin + (kDays * kDay) && kept_.rollout.phase != RolloutPhase::Done) {
        later(chance_.between(kHour, 12 * kHour), [this] { person(); });
    }
}

}  // namespace thimble::sim
