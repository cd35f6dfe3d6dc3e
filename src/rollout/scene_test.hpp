#pragma once
/// @file A rollout for tests, whose hosts do as they are told.

#include "thimble/rollout/step.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace thimble::rollout {

inline constexpr std::chrono::minutes kMinute{1};

inline Instant at(int minutes) {
    return Instant(std::chrono::seconds(1'800'000'000) + minutes * kMinute);
}

/// A rollout whose hosts do as they are told.
class Scene {
public:
    explicit Scene(std::vector<int> hosts_by_ring) {
        policy.name = "p";
        for (std::size_t ring = 0; ring < hosts_by_ring.size(); ++ring) {
            RingRule rule;
            rule.name = "ring" + std::to_string(ring);
            rule.hosts = HostQuery{.hosts = {}, .groups = {rule.name}, .tags = {}, .systems = {}};
            rule.at_once = HostLimit{.count = 2, .share = 0};
            policy.rings.push_back(rule);
            for (int host = 0; host < hosts_by_ring[ring]; ++host) {
                HostFacts facts;
                facts.id = std::to_string(ring) + "-" + std::to_string(host);
                facts.group = rule.name;
                hosts.push_back(facts);
            }
        }
    }

    void begin() {
        rollout = *begin_rollout(policy, hosts, "user:anna", at(0));
        openings = *openings_of(policy, at(-60), at(100'000));
        tick();
    }

    void take(const Event& event) {
        Step next = step(rollout, event, openings, now);
        rollout = std::move(next.rollout);
        commands = std::move(next.commands);
    }
    void tick() { take(Ticked{}); }
    void freeze() {
        rollout.frozen = "set";
        tick();
    }
    void move(const std::string& id, HostStage stage) { move(index_of(id), stage); }
    void move(std::size_t at, HostStage stage) {
        rollout.hosts[at].stage = stage;
        rollout.hosts[at].since = now;
        tick();
    }

    [[nodiscard]] std::size_t index_of(const std::string& id) const {
        const auto host = std::ranges::find(rollout.hosts, id, &RolloutHost::id);
        return static_cast<std::size_t>(host - rollout.hosts.begin());
    }
    [[nodiscard]] const RolloutHost& host(const std::string& id) const {
        return rollout.hosts[index_of(id)];
    }
    [[nodiscard]] HoldReason held(const std::string& id) const {
        return Holds(rollout, openings, now).of(index_of(id)).reason;
    }
    /// The hosts of a ring that are at a stage, as "0-0 0-1".
    [[nodiscard]] std::string at_stage(HostStage stage) const {
        std::string ids;
        for (const RolloutHost& one : rollout.hosts) {
            if (one.stage == stage) {
                ids.append(ids.empty() ? "" : " ").append(one.id);
            }
        }
        return ids;
    }
    void all_in_ring(std::uint32_t ring, HostStage from, HostStage to) {
        for (std::size_t one = 0; one < rollout.hosts.size(); ++one) {
            if (rollout.hosts[one].ring == ring && rollout.hosts[one].stage == from) {
                move(one, to);
            }
        }
    }
    /// Brings a ring through, as far as it goes.
    void finish_ring(std::uint32_t ring) {
        all_in_ring(ring, HostStage::Preparing, HostStage::Ready);
        if (rollout.frozen.empty()) {
            freeze();
        }
        for (int round = 0; round < 20; ++round) {
            all_in_ring(ring, HostStage::Changing, HostStage::Succeeded);
            tick();
        }
    }

    Policy policy;
    std::vector<HostFacts> hosts;
    Rollout rollout;
    Openings openings;
    Instant now = at(0);
    std::vector<Command> commands;
};

}  // namespace thimble::rollout
