// simulate_rollouts SEED [COUNT]: plays rollouts; prints what was broken and how to play it again.
#include "scenario.hpp"
#include "world.hpp"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <string>

namespace {

using namespace thimble::sim;

/// Prints the scenario, what happened and what was broken.
void tell(const Scenario& scenario, const Played& played) {
    std::cout << describe(scenario);
    for (const std::string& line : played.log) {
        std::cout << line << '\n';
    }
    for (const std::string& breach : played.breaches) {
        std::cout << "BROKEN " << breach << '\n';
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2 || argc > 3) {
        std::cerr << "usage: simulate_rollouts SEED [COUNT]\n"
                     "One seed is told in full; of many only what is broken.\n";
        return 64;
    }
    const std::uint64_t first = std::strtoull(argv[1], nullptr, 10);
    const std::uint64_t count = argc == 3 ? std::strtoull(argv[2], nullptr, 10) : 1;
    std::map<std::string, std::size_t> ends;
    std::size_t changes = 0;
    std::size_t crashes = 0;
    std::size_t hosts = 0;
    for (std::uint64_t seed = first; seed < first + count; ++seed) {
        const Scenario scenario = scenario_of(seed);
        const Played played = World(scenario, count == 1).play();
        ++ends[played.end];
        changes += played.changes;
        crashes += played.crashes;
        hosts += scenario.hosts.size();
        if (count == 1 || !played.breaches.empty()) {
            tell(scenario, played);
        }
        if (!played.breaches.empty()) {
            std::cout << "Play it again: ./dev simulate " << seed << '\n';
            return 1;
        }
    }
    std::cout << count << " rollouts, " << hosts << " hosts, " << changes << " transactions, "
              << crashes << " crashes of the server:";
    for (const auto& end : ends) {
        std::cout << ' ' << end.second << ' ' << end.first;
    }
    std::cout << '\n';
    return 0;
}
