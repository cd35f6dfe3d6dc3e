// A million hosts: what a new advisory, a new catalog and a changed host cost. Reads the catalog of
// THIMBLE_CATALOG; the hosts are made up.
#include "thimble/fleet/fleet_overview.hpp"
#include "thimble/fleet/fleet_population_bench.hpp"
#include "thimble/fleet/reassess.hpp"

#include <benchmark/benchmark.h>
#include <sys/resource.h>
#include <time.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>

namespace thimble::fleet {
namespace {

constexpr double kMiB = 1024.0 * 1024.0;

/// The latest fleet that was asked for: two would not tell the memory of one.
struct Scene {
    catalog::Catalog catalog;
    std::optional<FleetIndex> index;
    std::int64_t hosts = 0;
    Numbering numbering = Numbering::Cohort;
    double fill_seconds = 0;
};

/// nullptr without data.
Scene* scene_of(benchmark::State& state) {
    static const std::unique_ptr<Scene> scene = []() -> std::unique_ptr<Scene> {
        const char* path = std::getenv("THIMBLE_CATALOG");
        auto catalog = catalog::Catalog::open(path == nullptr ? "" : path);
        return catalog ? std::make_unique<Scene>(Scene{*std::move(catalog), {}, 0, {}, 0})
                       : nullptr;
    }();
    if (scene == nullptr) {
        state.SkipWithError("skipped: no data (THIMBLE_CATALOG)");
        return nullptr;
    }
    const auto numbering = static_cast<Numbering>(state.range(1));
    if (!scene->index || scene->hosts != state.range(0) || scene->numbering != numbering) {
        scene->index.reset();
        scene->index.emplace();
        scene->hosts = state.range(0);
        scene->numbering = numbering;
        const auto before = std::chrono::steady_clock::now();
        Population(scene->catalog)
            .fill(*scene->index, static_cast<std::uint32_t>(state.range(0)), numbering);
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - before;
        scene->fill_seconds = took.count();
    }
    constexpr std::array kLabels{"cohort numbers", "random numbers", "cohort numbers, changelogs"};
    state.SetLabel(kLabels.at(static_cast<std::size_t>(numbering)));
    return scene.get();
}

double peak_mib() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024.0;
}

double thread_cpu_seconds() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Wall and processor time of each call: on a machine that is shared, others take their part of the wall.
class Latencies {
public:
    template <class Work>
    void time(benchmark::State& state, Work work) {
        const double cpu = thread_cpu_seconds();
        const auto before = std::chrono::steady_clock::now();
        work();
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - before;
        cpu_us_.push_back((thread_cpu_seconds() - cpu) * 1e6);
        wall_us_.push_back(took.count() * 1e6);
        state.SetIterationTime(took.count());
    }
    void report(benchmark::State& state) {
        std::ranges::sort(wall_us_);
        std::ranges::sort(cpu_us_);
        state.counters["p50_us"] = wall_us_[wall_us_.size() / 2];
        state.counters["p99_us"] = wall_us_[wall_us_.size() * 99 / 100];
        state.counters["max_us"] = wall_us_.back();
        state.counters["cpu_p50_us"] = cpu_us_[cpu_us_.size() / 2];
        state.counters["cpu_p99_us"] = cpu_us_[cpu_us_.size() * 99 / 100];
        state.counters["cpu_max_us"] = cpu_us_.back();
    }

private:
    std::vector<double> wall_us_;
    std::vector<double> cpu_us_;
};

void whole_fleet_against_whole_catalog(benchmark::State& state) {
    Scene* scene = scene_of(state);
    if (scene == nullptr) {
        return;
    }
    std::uint64_t open = 0;
    std::size_t findings = 0;
    for (auto _ : state) {
        const auto assessment = reassess(*scene->index, scene->catalog, 2);
        open = 0;
        for (const HostStanding& host : assessment->hosts) {
            open += host.open;
        }
        findings = assessment->findings.size();
    }
    state.counters["open"] = static_cast<double>(open);
    state.counters["findings"] = static_cast<double>(findings);
    state.counters["versions"] = static_cast<double>(scene->index->versions().size());
    state.counters["sets_MiB"] = static_cast<double>(scene->index->set_bytes()) / kMiB;
    state.counters["lists_MiB"] = static_cast<double>(scene->index->list_bytes()) / kMiB;
    state.counters["peak_MiB"] = peak_mib();
    state.counters["fill_s"] = scene->fill_seconds;
}

/// What the lists of vulnerabilities, advisories and packages are made from: of all hosts, or every tenth.
void overview_of_whole_fleet(benchmark::State& state) {
    Scene* scene = scene_of(state);
    if (scene == nullptr) {
        return;
    }
    std::vector<HostNumber> tenth;
    for (std::int64_t host = 0; host < scene->hosts; host += 10) {
        tenth.push_back(HostNumber{static_cast<std::uint32_t>(host)});
    }
    const HostSet among = HostSet::of(tenth);
    std::size_t open = 0;
    for (auto _ : state) {
        const auto overview =
            overview_of(*scene->index, scene->catalog, state.range(2) == 0 ? nullptr : &among);
        open = overview->vulnerabilities.size();
    }
    state.counters["vulnerabilities"] = static_cast<double>(open);
}

/// One of all pairs of a package and a vulnerability that are open anywhere, drawn evenly.
void new_advisory_to_hosts(benchmark::State& state) {
    Scene* scene = scene_of(state);
    if (scene == nullptr) {
        return;
    }
    const FleetIndex& index = *scene->index;
    const auto assessment = reassess(index, scene->catalog, 2);
    const auto judge = FleetJudge::over(index, scene->catalog);
    std::mt19937_64 random(3);
    Latencies latencies;
    std::uint64_t hosts = 0;
    for (auto _ : state) {
        const PackageFinding& finding =
            assessment->findings[random() % assessment->findings.size()];
        const IndexedPackage& package = index.packages()[finding.package];
        const AdvisoryTarget target{
            index.releases()[package.release].sections.front().key,
            package.name,
            assessment->vulnerabilities[finding.vulnerability]};
        HostSet affected;
        latencies.time(state, [&] { affected = judge->affected({&target, 1}); });
        hosts += affected.size();
    }
    latencies.report(state);
    state.counters["hosts"] = static_cast<double>(hosts) / static_cast<double>(state.iterations());
}

/// From a vulnerability of which only the id is known, in every package and release that has it open.
void vulnerability_to_hosts(benchmark::State& state) {
    Scene* scene = scene_of(state);
    if (scene == nullptr) {
        return;
    }
    const FleetIndex& index = *scene->index;
    const auto assessment = reassess(index, scene->catalog, 2);
    const auto judge = FleetJudge::over(index, scene->catalog);
    std::mt19937_64 random(4);
    Latencies latencies;
    for (auto _ : state) {
        const PackageFinding& finding =
            assessment->findings[random() % assessment->findings.size()];
        HostSet affected;
        latencies.time(state, [&] {
            affected = *judge->affected(assessment->vulnerabilities[finding.vulnerability]);
        });
        benchmark::DoNotOptimize(affected.size());
    }
    latencies.report(state);
}

/// A host that is put in the place of another of its role, one patch level later, and back.
void host_with_another_list(benchmark::State& state) {
    Scene* scene = scene_of(state);
    if (scene == nullptr) {
        return;
    }
    FleetIndex& index = *scene->index;
    const std::array lists{*index.list_of("cohort 5"), *index.list_of("cohort 6")};
    const std::array host{HostNumber{0}};
    const ListNumber before = *index.list_of(host[0]);
    std::size_t turn = 0;
    for (auto _ : state) {
        index.put(host, lists[turn++ % 2]);
    }
    index.put(host, before);
}

// In this order: the memory of the first fleet is looked at before the second is made.
void by_numbering(Numbering numbering) {
    const std::vector<std::int64_t> arguments{1'000'000, static_cast<std::int64_t>(numbering)};
    benchmark::RegisterBenchmark(
        "whole_fleet_against_whole_catalog", whole_fleet_against_whole_catalog)
        ->Args(arguments)
        ->Iterations(5)
        ->UseRealTime()
        ->Unit(benchmark::kMillisecond);
    for (const std::int64_t is_limited : {0, 1}) {
        benchmark::RegisterBenchmark("overview_of_whole_fleet", overview_of_whole_fleet)
            ->Args({arguments[0], arguments[1], is_limited})
            ->Iterations(3)
            ->UseRealTime()
            ->Unit(benchmark::kMillisecond);
    }
    benchmark::RegisterBenchmark("new_advisory_to_hosts", new_advisory_to_hosts)
        ->Args(arguments)
        ->Iterations(20'000)
        ->UseManualTime()
        ->Unit(benchmark::kMicrosecond);
    benchmark::RegisterBenchmark("vulnerability_to_hosts", vulnerability_to_hosts)
        ->Args(arguments)
        ->Iterations(2'000)
        ->UseManualTime()
        ->Unit(benchmark::kMicrosecond);
    benchmark::RegisterBenchmark("host_with_another_list", host_with_another_list)
        ->Args(arguments)
        ->Unit(benchmark::kMicrosecond);
}

/// As many hosts as bench/fleet_tables.sql has.
void beside_tables() {
    benchmark::RegisterBenchmark("new_advisory_to_hosts", new_advisory_to_hosts)
        ->Args({100'000, static_cast<std::int64_t>(Numbering::Random)})
        ->Iterations(20'000)
        ->UseManualTime()
        ->Unit(benchmark::kMicrosecond);
}

const bool kRegistered = [] {
    beside_tables();
    by_numbering(Numbering::Cohort);
    by_numbering(Numbering::Random);
    by_numbering(Numbering::Told);
    return true;
}();

}  // namespace
}  // namespace thimble::fleet
