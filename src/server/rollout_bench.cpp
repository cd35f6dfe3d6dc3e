#include "thimble/server/emergency_watch.hpp"
#include "thimble/server/rollout_state.hpp"
#include "thimble/server/scene_bench.hpp"

#include <benchmark/benchmark.h>

#include <map>
#include <memory>

namespace thimble::server {
namespace {

/// One rollout of so many hosts, in the middle of its last ring; made once for all that look at it.
Server& in_last_ring(std::size_t hosts) {
    static std::map<std::size_t, std::unique_ptr<Server>> servers;
    std::unique_ptr<Server>& server = servers[hosts];
    if (!server) {
        server = std::make_unique<Server>();
        server->add_hosts(hosts, hosts);
        server->keep_policy("g0", "");
        server->add_rollout("g0", 0, hosts);
    }
    return *server;
}

/// A step of a rollout from the file to the file: hosts that are ready get their signed jobs.
void server_step_by_hosts_and_jobs(benchmark::State& state) {
    Server& server = in_last_ring(static_cast<std::size_t>(state.range(0)));
    Instant now = kNow;
    for (auto _ : state) {
        state.PauseTiming();
        server.make_ready("g0", static_cast<std::size_t>(state.range(1)));
        const std::int64_t before = server.count("job");
        now += std::chrono::seconds(1);
        state.ResumeTiming();
        THIMBLE_CHECK(drive_rollouts(server.context, now));
        state.PauseTiming();
        THIMBLE_CHECK(server.count("job") - before == state.range(1));
        state.ResumeTiming();
    }
}
BENCHMARK(server_step_by_hosts_and_jobs)
    ->Args({1'000, 0})
    ->Args({100'000, 0})
    ->Args({100'000, 100})
    ->Args({100'000, 1'000})
    ->Iterations(5)
    ->Unit(benchmark::kMillisecond);

/// What a step reads before the engine decides.
void server_load_by_hosts(benchmark::State& state) {
    Server& server = in_last_ring(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        const auto live = server.context.database.look([&](store::Connection& connection) {
            return live_rollout(server.context, connection, "g0", kNow, kDecidesAhead);
        });
        benchmark::DoNotOptimize(live->rows.size());
    }
}
BENCHMARK(server_load_by_hosts)->Arg(100'000)->Iterations(5)->Unit(benchmark::kMillisecond);

/// From what is exploited on so many hosts of the fleet, judged, to signed jobs for its first ring.
void emergency_to_jobs_by_hosts_and_exposed(benchmark::State& state) {
    const auto hosts = static_cast<std::size_t>(state.range(0));
    const auto exposed = static_cast<std::size_t>(state.range(1));
    for (auto _ : state) {
        state.PauseTiming();
        auto server = std::make_unique<Server>();
        server->add_hosts(hosts, 1'000'000);
        server->keep_policy("g0", "emergency: {opens: by rule}\n");
        server->judge(0, exposed, true);
        server->judge(exposed, hosts, false);
        state.ResumeTiming();
        THIMBLE_CHECK(*open_emergencies(server->context, kNow) == 1);
        state.PauseTiming();
        state.counters["jobs"] = static_cast<double>(server->count("job"));
        server.reset();
        state.ResumeTiming();
    }
}
BENCHMARK(emergency_to_jobs_by_hosts_and_exposed)
    ->Args({100'000, 64})
    ->Args({100'000, 100'000})
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

/// One pass of the server over so many rollouts that run, each with a policy and hosts of its own.
void server_pass_by_rollouts_hosts_and_jobs_of_each(benchmark::State& state) {
    const auto rollouts = static_cast<std::size_t>(state.range(0));
    const auto each = static_cast<std::size_t>(state.range(1));
    Server server;
    server.add_hosts(rollouts * each, each);
    for (std::size_t at = 0; at < rollouts; ++at) {
        server.keep_policy("g" + std::to_string(at), "");
        server.add_rollout("g" + std::to_string(at), at * each, (at + 1) * each);
    }
    const double before = kilobytes("VmRSS");
    Instant now = kNow;
    for (auto _ : state) {
        state.PauseTiming();
        for (std::size_t at = 0; at < rollouts && state.range(2) > 0; ++at) {
            server.make_ready("g" + std::to_string(at), static_cast<std::size_t>(state.range(2)));
        }
        now += std::chrono::seconds(1);
        state.ResumeTiming();
        THIMBLE_CHECK(drive_rollouts(server.context, now));
    }
    state.counters["MiB_more"] = (kilobytes("VmRSS") - before) / 1024;
    state.counters["MiB_peak"] = kilobytes("VmHWM") / 1024;
}
BENCHMARK(server_pass_by_rollouts_hosts_and_jobs_of_each)
    ->Args({1'000, 100, 0})
    ->Args({1'000, 100, 1})
    ->Iterations(3)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace thimble::server
