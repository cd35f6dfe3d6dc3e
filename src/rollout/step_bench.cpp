#include "thimble/rollout/step.hpp"

#include <benchmark/benchmark.h>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace thimble::rollout {
namespace {

constexpr Instant kNow{std::chrono::seconds(1'800'000'000)};

/// A rollout over four rings in the middle of its last one: what a step has to look at is most then.
Rollout rollout_of(std::size_t hosts) {
    Policy policy;
    policy.name = "p";
    policy.rings = default_rings(hosts);
    std::vector<HostFacts> facts(hosts);
    for (std::size_t at = 0; at < hosts; ++at) {
        facts[at].id = "0123456789abcdef0123456789" + std::to_string(1'000'000 + at);
        facts[at].tags = {at < hosts / 100 + 1 ? "ring=test" : "ha=s" + std::to_string(at / 3)};
    }
    Rollout rollout = *begin_rollout(policy, facts, "user:anna", kNow - std::chrono::days(30));
    rollout.frozen = "set";
    for (std::size_t ring = 0; ring < 4; ++ring) {
        rollout.rings[ring].phase = ring < 3 ? RingPhase::Passed : RingPhase::Open;
    }
    for (std::size_t at = 0; at < hosts; ++at) {
        RolloutHost& host = rollout.hosts[at];
        host.stage = host.ring < 3 || at % 2 == 0 ? HostStage::Succeeded : HostStage::Ready;
    }
    return rollout;
}

const Openings& always() {
    static const Openings openings{
        {{kNow - std::chrono::days(1), kNow + std::chrono::days(1)}}, {}};
    return openings;
}

void step_by_hosts(benchmark::State& state) {
    const Rollout rollout = rollout_of(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        state.PauseTiming();
        Rollout copy = rollout;
        state.ResumeTiming();
        Step next = step(std::move(copy), Ticked{}, always(), kNow);
        benchmark::DoNotOptimize(next.commands.size());
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(step_by_hosts)->Arg(1'000)->Arg(100'000)->Unit(benchmark::kMillisecond);

/// A thousand rollouts of a hundred hosts each, every one of them a step.
void step_of_rollouts(benchmark::State& state) {
    const std::vector<Rollout> rollouts(static_cast<std::size_t>(state.range(0)), rollout_of(100));
    for (auto _ : state) {
        state.PauseTiming();
        std::vector<Rollout> copies = rollouts;
        state.ResumeTiming();
        for (Rollout& copy : copies) {
            Step next = step(std::move(copy), Ticked{}, always(), kNow);
            benchmark::DoNotOptimize(next.commands.size());
        }
    }
}
BENCHMARK(step_of_rollouts)->Arg(1'000)->Unit(benchmark::kMillisecond);

/// From the policy to the first commands, for a fleet.
void begin_by_hosts(benchmark::State& state) {
    const Rollout rollout = rollout_of(static_cast<std::size_t>(state.range(0)));
    std::vector<HostFacts> facts;
    for (const RolloutHost& host : rollout.hosts) {
        facts.push_back({host.id, host.id, "", {host.ring == 0 ? "ring=test" : "x"}, ""});
    }
    for (auto _ : state) {
        Rollout begun = *begin_rollout(rollout.policy, facts, "user:anna", kNow);
        Step next = step(std::move(begun), Ticked{}, always(), kNow);
        benchmark::DoNotOptimize(next.commands.size());
    }
}
BENCHMARK(begin_by_hosts)->Arg(100'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace thimble::rollout
