// What an enclosure costs by itself. Needs root; THIMBLE_WORK is its work folder.
#include "thimble/host/enclosure.hpp"

#include "thimble/host/host.hpp"
#include "thimble/host/run_command.hpp"

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <string>

namespace thimble::host {
namespace {

EnclosureOptions options() {
    const char* const chosen = std::getenv("THIMBLE_WORK");
    return EnclosureOptions{
        .root = "/",
        .work = chosen == nullptr ? "/var/tmp/thimble-bench" : chosen,
        .masked = {},
        .binds = {}};
}

void open_and_close_a_clone(benchmark::State& state) {
    for (auto _ : state) {
        const auto clone = Enclosure::open(options());
        if (!clone) {
            state.SkipWithError(clone.error().text().c_str());
            return;
        }
    }
}
BENCHMARK(open_and_close_a_clone)->Unit(benchmark::kMillisecond);

void run_true_in_a_clone(benchmark::State& state) {
    const auto clone = Enclosure::open(options());
    if (!clone) {
        state.SkipWithError(clone.error().text().c_str());
        return;
    }
    for (auto _ : state) {
        benchmark::DoNotOptimize((*clone)->run(Command{.argv = {"true"}}));
    }
}
BENCHMARK(run_true_in_a_clone)->Unit(benchmark::kMillisecond);

void run_true_bare(benchmark::State& state) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(run_command(Command{.argv = {"true"}}));
    }
}
BENCHMARK(run_true_bare)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace thimble::host
