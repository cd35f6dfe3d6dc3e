#include "thimble/server/fleet_reconciler.hpp"

#include "thimble/base/digest.hpp"
#include "thimble/catalog/advisory_builder_test.hpp"
#include "thimble/inventory/inventory_document.hpp"
#include "thimble/protocol/base64url.hpp"
#include "thimble/server/fleet_thread.hpp"
#include "thimble/store/hosts.hpp"

#include <gtest/gtest.h>
#include <zstd.h>

#include <cstdlib>
#include <fstream>
#include <future>

namespace thimble::server {
namespace {

using catalog::ACatalog;
using catalog::AnAdvisory;

constexpr const char* kHostSelect =
    "SELECT host_id, unknown_why, pending, judged_at FROM fleet_host ORDER BY host_id";

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
struct Scene {
    ScratchFolder folder;
    HandClock clock;
    store::Database database = *store::Database::open(
        {store::DatabaseAddress::Kind::Sqlite, (folder / "thimble.db").string()});
    Authority authority = *Authority::load_or_make(folder / "keys", clock.now());
    Context context{database, authority, "", "", {}, {}, {}, {}, {}, {}};
    std::vector<std::string> complaints;
    FleetReconciler reconciler{context, clock, folder / "catalog", [this](const std::string& line) {
                                   complaints.push_back(line);
                               }};

    void keep(const std::string& text, const std::string& digest) {
        std::string frame(ZSTD_compressBound(text.size()), '\0');
        frame.resize(ZSTD_compress(frame.data(), frame.size(), text.data(), text.size(), 1));
        ASSERT_TRUE(database.transact([&](store::Connection& connection) {
            return store::keep_document(
                connection,
                {digest, protocol::format_base64url(frame), static_cast<std::int64_t>(text.size())},
                clock.now());
        }));
    }
    /// @return the digest of the inventory document of a host with one version of curl
    std::string keep_inventory(const std::string& curl, bool with_packages = true) {
        model::Inventory inventory;
        inventory.host = "web1";
        inventory.os.id = "debian";
        inventory.os.version_id = "12";
        inventory.index.asked = true;
        inventory.index.refreshed_at = clock.now();
        inventory.packages.emplace_back();
        inventory.packages[0].type = "deb";
        inventory.packages[0].name = inventory.packages[0].source_name = "curl";
        inventory.packages[0].version = inventory.packages[0].source_version = curl;
        const std::string list = inventory::format_package_list(inventory.packages);
        const std::string text = inventory::format_inventory(inventory, sha256_of(list));
        keep(text, sha256_of(text));
        if (with_packages) {
            keep(list, sha256_of(list));
        }
        return sha256_of(text);
    }
    void add_host(const std::string& id, const std::string& digest) {
        store::HostRecord host;
        host.id = host.name = id;
        host.inventory_digest = digest;
        host.last_seen_at = clock.now();
        ASSERT_TRUE(database.transact(
            [&](store::Connection& connection) { return store::add_host(connection, host); }));
    }
    void use_catalog(const ACatalog& catalog) const {
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

ACatalog curl_before(const std::string& fixed) {
    return ACatalog({AnAdvisory("CVE-2026-1").affects("Debian:12", "curl", "0", fixed)});
}

}  // namespace

TEST(FleetReconciler, JudgesAHostOnceAndTellsOfIt) {
    Scene scene;
    scene.use_catalog(curl_before("2"));
    scene.add_host("a", scene.keep_inventory("1"));

    scene.pass();
    const auto first = scene.rows("SELECT host_id, source, from_version FROM fleet_patch");
    const std::int64_t events = scene.events();
    scene.clock.go(std::chrono::seconds{10});
    scene.pass();

    ASSERT_EQ(first.size(), 1U);
    EXPECT_EQ(store::text_at(first[0], 1), "curl");
    EXPECT_EQ(store::text_at(first[0], 2), "1");
    EXPECT_EQ(events, 1);
    EXPECT_EQ(scene.events(), 1);
    EXPECT_EQ(scene.rows("SELECT vulnerability FROM fleet_first_seen").size(), 1U);
}

TEST(FleetReconciler, AnotherCatalogJudgesEveryHostAgain) {
    Scene scene;
    scene.use_catalog(curl_before("1"));
    scene.add_host("a", scene.keep_inventory("1"));
    scene.pass();
    EXPECT_TRUE(scene.rows("SELECT source FROM fleet_patch").empty());

    scene.use_catalog(curl_before("2"));
    scene.pass();

    EXPECT_EQ(scene.rows("SELECT source FROM fleet_patch").size(), 1U);
    EXPECT_EQ(scene.events(), 2);
}

TEST(FleetReconciler, ADocumentThatCannotBeReadHurtsItsOwnHostAlone) {
    Scene scene;
    scene.use_catalog(curl_before("2"));
    scene.keep("{}", sha256_of("{}"));
    scene.add_host("a", sha256_of("{}"));
    scene.add_host("b", scene.keep_inventory("1"));

    scene.pass();

    EXPECT_NE(scene.why("a").find("cannot be read"), std::string::npos) << scene.why("a");
    EXPECT_EQ(scene.rows("SELECT source FROM fleet_patch WHERE host_id = 'b'").size(), 1U);
}

TEST(FleetReconciler, APackageListThatComesLaterIsTriedAgain) {
    Scene scene;
    scene.use_catalog(curl_before("2"));
    scene.add_host("a", scene.keep_inventory("1", false));
    scene.pass();
    EXPECT_EQ(scene.why("a"), "its package list has not come yet");

    scene.keep_inventory("1");
    scene.pass();

    EXPECT_EQ(scene.rows("SELECT source FROM fleet_patch").size(), 1U);
}

TEST(FleetReconciler, ASilentHostIsUnknownUntilItSpeaks) {
    Scene scene;
    scene.use_catalog(curl_before("1"));
    scene.add_host("a", scene.keep_inventory("1"));
    scene.pass();
    const std::string before = scene.why("a");

    scene.clock.go(std::chrono::seconds{121});
    scene.pass();
    const std::string silent = scene.why("a");
    ASSERT_TRUE(scene.database.transact([&](store::Connection& connection) {
        return store::note_sightings(
            connection, std::vector<store::Sighting>{{"a", scene.clock.now(), "", ""}});
    }));
    scene.pass();

    EXPECT_EQ(silent, "not heard of since 2026-11-01T12:00:00Z");
    EXPECT_EQ(scene.why("a"), before);
}

TEST(FleetReconciler, WithoutACatalogEveryHostIsUnknownAndADamagedOneIsToldOnce) {
    Scene scene;
    scene.add_host("a", scene.keep_inventory("1"));
    scene.pass();
    EXPECT_NE(scene.why("a").find("no catalog"), std::string::npos);

    std::ofstream(scene.folder / "catalog") << "junk";
    scene.pass();
    scene.pass();

    EXPECT_EQ(scene.complaints.size(), 1U);
}

TEST(FleetThread, JudgesWhenADocumentArrivesAndEnds) {
    Scene scene;
    scene.use_catalog(curl_before("2"));
    std::promise<void> told;
    scene.context.wake.set([&] { told.set_value(); });  // after the one change that there is
    scene.add_host("a", scene.keep_inventory("1"));

    {
        const FleetThread thread(
            scene.context, scene.clock, scene.folder / "catalog", [](const std::string&) {});
        scene.context.documents_changed();
        ASSERT_EQ(told.get_future().wait_for(std::chrono::seconds{30}), std::future_status::ready);
    }

    EXPECT_EQ(scene.rows(kHostSelect).size(), 1U);
}

}  // namespace thimble::server
