#include "thimble/inventory/dpkg_status.hpp"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>

namespace {

/// A status file as Debian has it: some 900 bytes a package, most of them of no interest.
std::string status_of(std::int64_t packages) {
    std::string text;
    for (std::int64_t at = 0; at < packages; ++at) {
        const std::string number = std::to_string(at);
        text +=
            "Package: libexample" + number + "\nStatus: install ok installed\nPriority: optional\n";
        text += "Section: libs\nInstalled-Size: 1234\nMaintainer: A Maintainer <a@example.org>\n";
        text +=
            "Architecture: amd64\nMulti-Arch: same\nSource: example" + number + " (1:2." + number;
        text += "-1+deb12u3)\nVersion: 1:2." + number + "-1+deb12u3+b1\n";
        text += "Depends: libc6 (>= 2.34), libstdc++6 (>= 12), zlib1g (>= 1:1.2.11.dfsg)\n";
        text += "Description: library that does something\n";
        for (int line = 0; line < 9; ++line) {
            text += " A line of the long description, as long as such lines mostly are.\n";
        }
        text += "Homepage: https://example.org/\n\n";
    }
    return text;
}

void parse_dpkg_status_by_packages(benchmark::State& state) {
    const std::string text = status_of(state.range(0));
    for (auto _ : state) {
        benchmark::DoNotOptimize(thimble::inventory::parse_dpkg_status(text));
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(parse_dpkg_status_by_packages)->Arg(100)->Arg(800)->Arg(4000);

}  // namespace
