// Reading feeds: bytes per second are unpacked bytes. The public data is read where it is at hand.
#include "thimble/feeds/json_access.hpp"
#include "thimble/feeds/parse_osv.hpp"
#include "thimble/feeds/read_feed.hpp"

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace thimble::feeds {
namespace {

/// Takes the records as a compiler of catalogs would, and drops them.
class DroppingSink final : public Sink {
public:
    void advisory(model::Advisory advisory) override { benchmark::DoNotOptimize(advisory); }
    void facts(model::VulnerabilityFacts facts) override { benchmark::DoNotOptimize(facts); }
    void quarantine(std::string_view, std::string_view) override {}
};

void read_published(benchmark::State& state, const char* feed, const char* path) {
    const char* data = std::getenv("THIMBLE_DATA");
    const std::filesystem::path file =
        std::filesystem::path(data == nullptr ? "../shared/data" : data) / path;
    DroppingSink sink;
    std::uint64_t bytes = 0;
    std::uint64_t records = 0;
    for (auto _ : state) {
        const auto read = read_feed(*feed_named(feed), file, sink);
        if (!read) {
            state.SkipWithError(read.error().text().c_str());
            return;
        }
        bytes += read->bytes;
        records += read->records;
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
    state.SetItemsProcessed(static_cast<std::int64_t>(records));
}

BENCHMARK_CAPTURE(read_published, osv_debian, "osv", "osv/Debian.zip");
BENCHMARK_CAPTURE(read_published, osv_ubuntu, "osv", "osv/Ubuntu.zip");
BENCHMARK_CAPTURE(read_published, osv_almalinux, "osv", "osv/AlmaLinux.zip");
BENCHMARK_CAPTURE(read_published, osv_all, "osv", "osv");
BENCHMARK_CAPTURE(read_published, osv_export, "osv", "osv-export-partial");
BENCHMARK_CAPTURE(read_published, vulnrichment, "vulnrichment", "vulnrichment");
BENCHMARK_CAPTURE(read_published, tracker, "debian-tracker", "debian/tracker/json.2019-09-02.zst");
BENCHMARK_CAPTURE(read_published, dsa, "debian-dsa", "debian/data/DSA/list");
BENCHMARK_CAPTURE(read_published, epss, "epss", "epss/epss_scores-current.csv.gz");
BENCHMARK_CAPTURE(read_published, kev, "kev", "kev/known_exploited_vulnerabilities.json");
BENCHMARK_CAPTURE(
    read_published, metasploit, "metasploit", "exploits/metasploit-by-cve-2026-08-07.tar.zst");
BENCHMARK_CAPTURE(read_published, exploitdb, "exploitdb", "exploits");
BENCHMARK_CAPTURE(read_published, nuclei, "nuclei", "exploits/nuclei-cves-2024-06-24.json");

/// The parser alone, by the number of versions that a record enumerates.
void parse_osv_by_versions(benchmark::State& state) {
    std::string json =
        R"({"id":"DSA-1-1","upstream":["CVE-2026-0001"],"affected":[{"package":{"name":"p",)"
        R"("ecosystem":"Debian:12"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},)"
        R"({"fixed":"2.0-1"}]}],"versions":["1.0-0")";
    for (std::int64_t i = 1; i < state.range(0); ++i) {
        json += ",\"1.0-" + std::to_string(i) + "+deb12u1\"";
    }
    const PaddedText text(json + "]}]}");
    JsonScratch scratch;
    const ParseContext context{"bench", Limits{}, scratch};
    DroppingSink sink;
    for (auto _ : state) {
        benchmark::DoNotOptimize(parse_osv(text, context, sink));
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.view().size()));
}
BENCHMARK(parse_osv_by_versions)->Arg(1)->Arg(32)->Arg(1024);

}  // namespace
}  // namespace thimble::feeds
