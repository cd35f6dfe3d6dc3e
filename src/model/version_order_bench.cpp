// Comparisons of real-looking versions; the catalog's search makes about nine for a package.
#include "thimble/model/version_order.hpp"

#include <benchmark/benchmark.h>

#include <array>
#include <string_view>

namespace thimble::model {
namespace {

struct Pairs {
    std::string_view order;
    std::array<std::array<std::string_view, 2>, 4> pairs;
};

constexpr std::array<Pairs, 7> kPairs = {{
    {"dpkg",
     {{{"1:9.2p1-2+deb12u3", "1:9.2p1-2+deb12u7"},
       {"6.1.124-1", "6.1.119-1"},
       {"3.0.15-1~deb12u1", "3.0.16-1~deb12u1"},
       {"2.36-9+deb12u9", "2.36-9+deb12u9"}}}},
    {"rpm",
     {{{"0:3.9.18-3.el9_4.5", "0:3.9.19-8.el9"},
       {"1:9.0.117-2.el9_8", "1:9.0.118-1.el9_8"},
       {"5.14.0-427.13.1.el9_4", "5.14.0-427.16.1.el9_4"},
       {"2.0.5^20260117git1be041b-1.fc40", "2.0.5.1-1.fc40"}}}},
    {"apk",
     {{{"1.36.1-r5", "1.36.1-r15"},
       {"1.6_rc1-r0", "1.6-r0"},
       {"3.1.4-r5", "3.1.4-r6"},
       {"9.6_p1-r0", "9.6_p1-r0"}}}},
    {"npm",
     {{{"4.17.20", "4.17.21"},
       {"1.0.0-beta.2", "1.0.0-beta.11"},
       {"7.5.3", "7.5.3"},
       {"18.2.0", "18.3.1"}}}},
    {"PyPI",
     {{{"2.31.0", "2.32.0"},
       {"1.0rc1", "1.0"},
       {"2.0.1+cu118", "2.0.1"},
       {"41.0.7", "42.0.0.dev1"}}}},
    {"crates.io",
     {{{"1.0.197", "1.0.203"},
       {"0.3.0-alpha.1", "0.3.0"},
       {"111.25.0+1.1.1t", "111.26.0"},
       {"0.8.5", "0.8.5"}}}},
    {"Go",
     {{{"v1.2.3", "v1.2.4"},
       {"v0.0.0-20190101000000-abcdef012345", "v0.0.0-20230203040506-012345abcdef"},
       {"v2.0.0+incompatible", "v2.0.1+incompatible"},
       {"1.21.5", "1.21.6"}}}},
}};

void compare_versions_by_order(benchmark::State& state) {
    const auto& pairs = kPairs.at(static_cast<std::size_t>(state.range(0)));
    const auto* order = version_order_named(pairs.order);
    state.SetLabel(std::string(pairs.order));
    for (auto _ : state) {
        for (const auto& [left, right] : pairs.pairs) {
            benchmark::DoNotOptimize(order->compare(left, right));
        }
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(pairs.pairs.size()));
}
BENCHMARK(compare_versions_by_order)->DenseRange(0, 6);

}  // namespace
}  // namespace thimble::model
