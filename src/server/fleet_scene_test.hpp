#pragma once
/// @file A server without its network, for tests of what is said of hosts.

#include "thimble/base/digest.hpp"
#include "thimble/catalog/advisory_builder_test.hpp"
#include "thimble/inventory/inventory_document.hpp"
#include "thimble/server/fleet_reconciler.hpp"
#include "thimble/server/keep_document_test.hpp"
#include "thimble/store/hosts.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace thimble::server {

class HandClock : public Clock {
public:
    [[nodiscard]] Instant now() const override { return now_; }
    void go(std::chrono::seconds time) { now_ += time; }

private:
    Instant now_ = *parse_instant("2026-11-01T12:00:00Z");
};

class ScratchFolder {
public:
    ScratchFolder() {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "thimble-fleet-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;
    ScratchFolder(ScratchFolder&&) = delete;
    ScratchFolder& operator=(ScratchFolder&&) = delete;
    ~ScratchFolder() { std::filesystem::remove_all(path_); }
    [[nodiscard]] std::filesystem::path operator/(const std::string& name) const {
        return path_ / name;
    }

private:
    std::filesystem::path path_;
};

/// The database, the keys and the clock of a server.
struct FleetScene {
    ScratchFolder folder;
    HandClock clock;
    store::DatabaseAddress address{
        store::DatabaseAddress::Kind::Sqlite, (folder / "thimble.db").string()};
    store::Database database = *store::Database::open(address);
    Authority authority = *Authority::load_or_make(folder / "keys", clock.now());
    Context context{database, authority, "", "", {}, {}, {}, {}, {}};
    std::vector<std::string> complaints;
    FleetReconciler reconciler{context, clock, folder / "catalog", [this](const std::string& line) {
                                   complaints.push_back(line);
                               }};

    FleetScene() = default;
    explicit FleetScene(store::DatabaseAddress elsewhere) : address(std::move(elsewhere)) {}

    void keep(const std::string& text, const std::string& digest) {
        keep_document_for_test(database, text, digest, clock.now());
    }
    /// A host with one version of curl.
    [[nodiscard]] model::Inventory host_with(
        const std::string& curl, const std::string& name = "web1") const {
        model::Inventory inventory;
        inventory.host = name;
        inventory.os.id = "debian";
        inventory.os.version_id = "12";
        inventory.index.asked = true;
        inventory.index.refreshed_at = clock.now();
        inventory.packages.emplace_back();
        inventory.packages[0].type = "deb";
        inventory.packages[0].name = inventory.packages[0].source_name = "curl";
        inventory.packages[0].version = inventory.packages[0].source_version = curl;
        return inventory;
    }
    /// @return the digest of the inventory document
    std::string keep_inventory(const model::Inventory& inventory, bool with_packages = true) {
        const std::string list = inventory::format_package_list(inventory.packages);
        const std::string text = inventory::format_inventory(inventory, sha256_of(list));
        keep(text, sha256_of(text));
        if (with_packages) {
            keep(list, sha256_of(list));
        }
        return sha256_of(text);
    }
    std::string keep_inventory(
        const std::string& curl, bool with_packages = true, const std::string& name = "web1") {
        return keep_inventory(host_with(curl, name), with_packages);
    }
    void add_host(
        const std::string& id, const std::string& digest, const std::string& group = "default") {
        store::HostRecord host;
        host.id = host.name = id;
        host.host_group = group;
        host.inventory_digest = digest;
        host.last_seen_at = clock.now();
        host.silent_at = clock.now() + std::chrono::minutes(2);
        ASSERT_TRUE(database.transact(
            [&](store::Connection& connection) { return store::add_host(connection, host); }));
    }
    void use_catalog(const catalog::ACatalog& catalog) const {
        std::ofstream(folder / "next", std::ios::binary) << catalog.text();
        std::filesystem::rename(folder / "next", folder / "catalog");
    }
    std::vector<store::Row> rows(const std::string& statement) {
        auto found = database.look(
            [&](store::Connection& connection) { return connection.query(statement); });
        EXPECT_TRUE(found);
        return *std::move(found);
    }
    std::string why(const std::string& id) {
        return store::text_at(
            rows("SELECT unknown_why FROM fleet_host WHERE host_id = '" + id + "'").at(0), 0);
    }
    std::int64_t events() {
        return context.events.with([](const EventLog& log) { return log.head(); });
    }
    void pass() { ASSERT_TRUE(reconciler.pass({})); }
};

}  // namespace thimble::server
