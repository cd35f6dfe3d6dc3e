// From the file of a catalog with a new entry of KEV to signed jobs of the first ring: the threads of a server, its database,
// its index and two real catalogs. bench/kev_to_jobs.py makes the files and says what is measured.
#include "thimble/base/digest.hpp"
#include "thimble/base/lines.hpp"
#include "thimble/host/system_clock.hpp"
#include "thimble/inventory/inventory_document.hpp"
#include "thimble/protocol/base64url.hpp"
#include "thimble/server/fleet_thread.hpp"
#include "thimble/server/rollout_thread.hpp"
#include "thimble/server/scene_bench.hpp"

#include <benchmark/benchmark.h>
#include <zstd.h>

#include <array>
#include <iostream>
#include <iterator>
#include <thread>

namespace thimble::server {
namespace {

constexpr std::chrono::milliseconds kLookAgain{5};
constexpr std::size_t kInventories = 100;

std::string environment(const char* name) {
    const char* const value = std::getenv(name);
    return value == nullptr ? "" : value;
}

/// Lines of "name, version, architecture, source, version of the source", tabs between.
std::vector<model::InstalledPackage> packages_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    std::vector<model::InstalledPackage> packages;
    Lines lines(text);
    for (std::string_view line; lines.next(line);) {
        if (const auto fields = split_fields<5>(line, '\t')) {
            model::InstalledPackage& one = packages.emplace_back();
            one.type = "deb";
            one.name = (*fields)[0];
            one.version = (*fields)[1];
            one.architecture = (*fields)[2];
            one.source_name = (*fields)[3];
            one.source_version = (*fields)[4];
        }
    }
    return packages;
}

void keep(store::Connection& connection, const std::string& text, Instant now) {
    std::string frame(ZSTD_compressBound(text.size()), '\0');
    frame.resize(ZSTD_compress(frame.data(), frame.size(), text.data(), text.size(), 1));
    THIMBLE_CHECK(store::keep_document(
        connection,
        {sha256_of(text),
         protocol::format_base64url(frame),
         static_cast<std::int64_t>(text.size())},
        now));
}

/// An inventory of Debian 12 with a package of its own, so that it is another one than those before.
std::string keep_inventory(
    store::Connection& connection,
    std::vector<model::InstalledPackage> packages,
    std::size_t number,
    Instant now) {
    model::InstalledPackage own = packages.front();
    own.name = own.source_name = "role" + std::to_string(number);
    packages.push_back(own);
    model::Inventory inventory;
    inventory.host = "host";
    inventory.os.id = "debian";
    inventory.os.version_id = "12";
    inventory.index.asked = true;
    inventory.index.refreshed_at = now;
    inventory.packages = std::move(packages);
    const std::string list = inventory::format_package_list(inventory.packages);
    const std::string text = inventory::format_inventory(inventory, sha256_of(list));
    keep(connection, list, now);
    keep(connection, text, now);
    return sha256_of(text);
}

void add_fleet(
    Server& server,
    std::size_t hosts,
    const std::vector<model::InstalledPackage>& packages,
    Instant now) {
    server.write([&](store::Connection& connection) {
        std::array<std::string, kInventories> digests;
        for (std::size_t at = 0; at < kInventories; ++at) {
            digests.at(at) = keep_inventory(connection, packages, at, now);
        }
        for (std::size_t at = 0; at < hosts; ++at) {
            store::HostRecord host;
            host.id = host.name = id_of(at);
            host.host_group = "g0";
            host.operating_system = "Debian 12";
            host.inventory_digest = digests.at(at % kInventories);
            host.last_seen_at = now;
            host.silent_at = now + std::chrono::hours(12);
            THIMBLE_CHECK(store::add_host(connection, host));
            THIMBLE_CHECK(connection.execute(
                "UPDATE host SET tags = :tags WHERE id = :id", {tag_of(at), host.id}));
        }
    });
    server.keep_policy("g0", "emergency: {opens: by rule}\n");
}

/// Looks by a connection of its own, so that it waits for nobody and nobody waits for it.
class Onlooker {
public:
    explicit Onlooker(const Server& server)
        : connection_(*store::Connection::open(server.address)) {}

    std::int64_t count(const std::string& statement) {
        const auto rows = connection_.query(statement);
        return rows ? static_cast<std::int64_t>(rows->size()) : 0;
    }
    void wait_for(const std::string& statement, std::int64_t rows, std::chrono::milliseconds look) {
        while (count(statement) < rows) {
            std::this_thread::sleep_for(look);
        }
    }

private:
    store::Connection connection_;
};

void kev_entry_to_jobs_by_hosts(benchmark::State& state) {
    const std::string before = environment("THIMBLE_CATALOG_BEFORE");
    const std::string after = environment("THIMBLE_CATALOG_AFTER");
    const auto packages = packages_of(environment("THIMBLE_BENCH_PACKAGES"));
    if (before.empty() || after.empty() || packages.empty()) {
        state.SkipWithError("skipped: bench/kev_to_jobs.py says what it needs");
        return;
    }
    const auto hosts = static_cast<std::size_t>(state.range(0));
    const host::SystemClock clock;
    const auto complain = [](const std::string& line) {
        std::cerr << line << '\n';
    };
    for (auto _ : state) {
        Server server;
        add_fleet(server, hosts, packages, clock.now());
        const auto catalog = server.folder() / "catalog";
        std::filesystem::copy_file(before, catalog);
        std::filesystem::copy_file(after, server.folder() / "next");
        Onlooker onlooker(server);
        RolloutThread rollouts(server.context, clock, complain);
        FleetThread fleet(server.context, clock, catalog, {}, complain);
        onlooker.wait_for(
            "SELECT 1 FROM fleet_host WHERE judged_at > 0 AND catalog <> ''",
            static_cast<std::int64_t>(hosts),
            std::chrono::milliseconds(500));
        THIMBLE_CHECK(onlooker.count("SELECT 1 FROM rollout") == 0);

        const auto begin = std::chrono::steady_clock::now();
        std::filesystem::rename(server.folder() / "next", catalog);
        onlooker.wait_for("SELECT 1 FROM job LIMIT 1", 1, kLookAgain);
        const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin;
        state.SetIterationTime(passed.count());
        state.counters["jobs"] = static_cast<double>(onlooker.count("SELECT 1 FROM job"));
        state.counters["judged"] =
            static_cast<double>(onlooker.count("SELECT DISTINCT host_id FROM fleet_urgent"));
    }
}
BENCHMARK(kev_entry_to_jobs_by_hosts)
    ->Arg(1'000)
    ->Arg(100'000)
    ->Iterations(3)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace thimble::server
