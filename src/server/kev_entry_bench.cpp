// From a catalog in which something begins to be exploited to signed jobs. The catalogs are those of THIMBLE_CATALOG
// and, without that entry, THIMBLE_CATALOG_BEFORE; bench/run.sh makes both. The hosts are made up.
#include "thimble/base/digest.hpp"
#include "thimble/fleet/fleet_population_bench.hpp"
#include "thimble/inventory/inventory_document.hpp"
#include "thimble/protocol/base64url.hpp"
#include "thimble/server/emergency_watch.hpp"
#include "thimble/server/fleet_reconciler.hpp"
#include "thimble/server/scene_bench.hpp"

#include <benchmark/benchmark.h>
#include <zstd.h>

#include <cstdio>
#include <memory>
#include <stop_token>

namespace thimble::server {
namespace {

class StoppedClock : public Clock {
public:
    [[nodiscard]] Instant now() const override { return kNow; }
};

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

/// What began to be exploited, on Debian 12.
constexpr const char* kSource = "freetype";
constexpr const char* kBroken = "2.12.1+dfsg-5+deb12u3";
constexpr const char* kFixed = "2.12.1+dfsg-5+deb12u4";

/// Package lists of Debian 12, each with freetype.
std::vector<std::vector<model::InstalledPackage>> package_lists(const catalog::Catalog& catalog) {
    constexpr std::size_t kDebian12 = 1;  // of the population's releases, of which there are six
    const fleet::Population population(catalog);
    std::vector<std::vector<model::InstalledPackage>> lists;
    for (std::size_t role = kDebian12; role < fleet::Population::kRoles; role += 6) {
        for (std::size_t level = 21; level < fleet::Population::kLevels; ++level) {
            std::vector<model::InstalledPackage>& list = lists.emplace_back();
            const auto add = [&](const std::string& name, const std::string& version) {
                model::InstalledPackage& package = list.emplace_back();
                package.type = "deb";
                package.name = package.source_name = name;
                package.version = package.source_version = version;
                package.architecture = "amd64";
            };
            for (const auto& package : population.packages(role, level).packages) {
                if (package.name != kSource) {
                    add(package.name, package.version);
                }
            }
            add(kSource, kBroken);
        }
    }
    return lists;
}

/// Of one host: its own document, as each host's is.
std::string inventory_of(std::size_t host, const std::string& package_list) {
    model::Inventory inventory;
    inventory.host = id_of(host);
    inventory.os.id = "debian";
    inventory.os.version_id = "12";
    inventory.architecture = "amd64";
    inventory.machine_id = id_of(host);
    inventory.index.asked = true;
    inventory.index.refreshed_at = kNow;
    inventory.kernel.container = true;
    inventory.listeners_known = inventory.processes_known = true;
    model::Offer& offer = inventory.offers.emplace_back();
    offer.name = offer.source_name = kSource;
    offer.architecture = "amd64";
    offer.installed_version = kBroken;
    offer.candidate_version = offer.source_version = kFixed;
    offer.security = offer.in_upgrade = true;
    offer.origins.push_back(
        {"Debian", "Debian-Security", "stable-security", "bookworm-security", "main", "", true});
    return inventory::format_inventory(inventory, package_list);
}

std::string keep(store::Connection& connection, const std::string& text) {
    std::string frame(ZSTD_compressBound(text.size()), '\0');
    frame.resize(ZSTD_compress(frame.data(), frame.size(), text.data(), text.size(), 1));
    std::string digest = sha256_of(text);
    THIMBLE_CHECK(store::keep_document(
        connection,
        {digest, protocol::format_base64url(frame), static_cast<std::int64_t>(text.size())},
        kNow));
    return digest;
}

/// Hosts as their agents told of them, by lists in turn.
void tell_inventories(Server& server, const catalog::Catalog& catalog, std::size_t hosts) {
    server.write([&](store::Connection& connection) {
        std::vector<std::string> lists;
        for (const auto& packages : package_lists(catalog)) {
            lists.push_back(keep(connection, inventory::format_package_list(packages)));
        }
        for (std::size_t host = 0; host < hosts; ++host) {
            THIMBLE_CHECK(connection.execute(
                "UPDATE host SET inventory_digest = :digest, last_seen_at = :seen, silent_at = "
                ":silent WHERE id = :id",
                {keep(connection, inventory_of(host, lists[host % lists.size()])),
                 kNow.time_since_epoch().count(),
                 (kNow + std::chrono::minutes(2)).time_since_epoch().count(),
                 id_of(host)}));
        }
    });
}

/// The hosts that will be judged first are judged already by the catalog before; of the others there is only a row.
void judge_first(Server& server, FleetReconciler& reconciler) {
    constexpr std::size_t kFirst = 64;
    auto ids = server.context.fleet.with(
        [](const IndexedFleet& fleet) { return fleet.affected("CVE-2025-27363")->ids; });
    ids.resize(std::min(ids.size(), kFirst));
    THIMBLE_CHECK(!ids.empty());
    server.write([&](store::Connection& connection) {
        THIMBLE_CHECK(connection.execute("UPDATE host SET revoked_at = 1"));
        for (const std::string& id : ids) {
            THIMBLE_CHECK(
                connection.execute("UPDATE host SET revoked_at = 0 WHERE id = :id", {id}));
        }
    });
    THIMBLE_CHECK(reconciler.pass({}));
    server.write([&](store::Connection& connection) {
        THIMBLE_CHECK(connection.execute("UPDATE host SET revoked_at = 0"));
    });
}

/// From the file of the new catalog to signed jobs of the first ring.
void kev_entry_to_jobs_by_hosts(benchmark::State& state) {
    const std::string before = variable("THIMBLE_CATALOG_BEFORE");
    const std::string after = variable("THIMBLE_CATALOG");
    if (before.empty() || after.empty()) {
        state.SkipWithError("no THIMBLE_CATALOG and THIMBLE_CATALOG_BEFORE");
        return;
    }
    const auto hosts = static_cast<std::size_t>(state.range(0));
    for (auto _ : state) {
        state.PauseTiming();
        auto server = std::make_unique<Server>();
        server->add_hosts(hosts, 1'000'000);
        server->keep_policy("g0", "emergency: {opens: by rule}\n");
        tell_inventories(*server, *catalog::Catalog::open(before), hosts);
        server->judge(0, hosts, false);
        const std::filesystem::path path = server->folder() / "catalog";
        const StoppedClock clock;
        std::stop_source stop;
        FleetReconciler reconciler(server->context, clock, path, [](const std::string& line) {
            std::fprintf(stderr, "%s\n", line.c_str());
        });
        std::filesystem::create_symlink(before, path);
        // Its index says what each host has, as in a server that runs.
        THIMBLE_CHECK(reconciler.follow({}));
        judge_first(*server, reconciler);
        // In the server another thread opens it; both together take no longer than one after the other.
        std::size_t opened = 0;
        server->context.urgent_found.set([&] {
            opened += *open_emergencies(server->context, kNow);
            stop.request_stop();
        });
        std::filesystem::remove(path);
        std::filesystem::create_symlink(after, path);
        state.ResumeTiming();
        THIMBLE_CHECK(reconciler.pass(stop.get_token()));
        state.PauseTiming();
        THIMBLE_CHECK(opened == 1);
        server->context.urgent_found.set({});
        state.counters["jobs"] = static_cast<double>(server->count("job"));
        state.counters["judged"] = static_cast<double>(server->count("fleet_urgent"));
        server.reset();
        state.ResumeTiming();
    }
}
BENCHMARK(kev_entry_to_jobs_by_hosts)
    ->Arg(1'000)
    ->Arg(100'000)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace thimble::server
