#include "thimble/server/fleet_reconciler.hpp"

#include "thimble/server/fleet_scene_test.hpp"
#include "thimble/server/fleet_thread.hpp"

#include <gtest/gtest.h>

#include <future>

namespace thimble::server {
namespace {

using catalog::ACatalog;
using catalog::AnAdvisory;

constexpr const char* kHostSelect =
    "SELECT host_id, unknown_why, pending, judged_at FROM fleet_host ORDER BY host_id";

ACatalog curl_before(const std::string& fixed) {
    return ACatalog({AnAdvisory("CVE-2026-1").affects("Debian:12", "curl", "0", fixed)});
}

}  // namespace

TEST(FleetReconciler, JudgesAHostOnceAndTellsOfIt) {
    FleetScene scene;
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

TEST(FleetReconciler, OpensWhatAHostsChangelogsAloneName) {
    FleetScene scene;
    scene.use_catalog(curl_before("2"));
    model::Inventory host = scene.host_with("1");
    host.offers.emplace_back();
    host.offers[0].name = host.offers[0].source_name = "curl";
    host.offers[0].installed_version = "1";
    host.offers[0].candidate_version = host.offers[0].source_version = "2";
    host.offers[0].security = true;
    scene.add_host("untold", scene.keep_inventory(host));
    host.changelogs = {{"curl", "1", "2", {"CVE-2026-9"}, "high", {}, "curl 2 amd64"}};
    scene.add_host("told", scene.keep_inventory(host));

    scene.pass();

    const auto seen =
        scene.rows("SELECT host_id FROM fleet_first_seen WHERE vulnerability = 'CVE-2026-9'");
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(store::text_at(seen[0], 0), "told");
    const auto gaps = scene.rows("SELECT host_id, gaps FROM fleet_host ORDER BY host_id");
    ASSERT_EQ(gaps.size(), 2U);
    EXPECT_FALSE(store::text_at(gaps[0], 1).contains("inventory.no_changelog"));
    EXPECT_TRUE(store::text_at(gaps[1], 1).contains("inventory.no_changelog"));
}

TEST(FleetReconciler, AnotherCatalogJudgesEveryHostAgain) {
    FleetScene scene;
    scene.use_catalog(curl_before("1"));
    scene.add_host("a", scene.keep_inventory("1"));
    scene.pass();
    EXPECT_TRUE(scene.rows("SELECT source FROM fleet_patch").empty());

    scene.use_catalog(curl_before("2"));
    scene.pass();

    EXPECT_EQ(scene.rows("SELECT source FROM fleet_patch").size(), 1U);
    EXPECT_EQ(scene.events(), 3);  // the catalog, and what is said of the host by the two
}

TEST(FleetReconciler, ADocumentThatCannotBeReadHurtsItsOwnHostAlone) {
    FleetScene scene;
    scene.use_catalog(curl_before("2"));
    scene.keep("{}", sha256_of("{}"));
    scene.add_host("a", sha256_of("{}"));
    scene.add_host("b", scene.keep_inventory("1"));

    scene.pass();

    EXPECT_NE(scene.why("a").find("cannot be read"), std::string::npos) << scene.why("a");
    EXPECT_EQ(scene.rows("SELECT source FROM fleet_patch WHERE host_id = 'b'").size(), 1U);
}

TEST(FleetReconciler, AHostThatCannotBeWrittenBlocksNoOtherOfItsBatch) {
    FleetScene scene;
    scene.use_catalog(curl_before("2"));
    for (const char* id : {"a", "bad", "c"}) {
        scene.add_host(id, scene.keep_inventory("1"));
    }
    ASSERT_TRUE(scene.database.transact([](store::Connection& connection) {
        return connection.execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON fleet_host WHEN NEW.host_id = 'bad' BEGIN "
            "SELECT RAISE(ABORT, 'no'); END");
    }));

    scene.pass();
    scene.pass();

    EXPECT_EQ(scene.rows("SELECT host_id FROM fleet_host").size(), 2U);
    ASSERT_EQ(scene.complaints.size(), 1U);
    EXPECT_NE(scene.complaints[0].find("host bad cannot be judged"), std::string::npos);
}

TEST(FleetReconciler, APackageListThatComesLaterIsTriedAgain) {
    FleetScene scene;
    scene.use_catalog(curl_before("2"));
    scene.add_host("a", scene.keep_inventory("1", false));
    scene.pass();
    EXPECT_EQ(scene.why("a"), "its package list has not come yet");

    scene.keep_inventory("1");
    scene.pass();

    EXPECT_EQ(scene.rows("SELECT source FROM fleet_patch").size(), 1U);
}

TEST(FleetReconciler, ASilentHostIsUnknownUntilItSpeaks) {
    FleetScene scene;
    scene.use_catalog(curl_before("1"));
    scene.add_host("a", scene.keep_inventory("1"));
    scene.pass();
    const std::string before = scene.why("a");

    scene.clock.go(std::chrono::seconds{121});
    scene.pass();
    const std::string silent = scene.why("a");
    ASSERT_TRUE(scene.database.transact([&](store::Connection& connection) {
        return store::note_sightings(
            connection,
            std::vector<store::Sighting>{{"a", scene.clock.now(), "", "", scene.clock.now()}});
    }));
    scene.pass();

    EXPECT_EQ(silent, "not heard of since 2026-11-01T12:00:00Z");
    EXPECT_EQ(scene.why("a"), before);
}

TEST(FleetReconciler, WithoutACatalogEveryHostIsUnknownAndADamagedOneIsToldOnce) {
    FleetScene scene;
    scene.add_host("a", scene.keep_inventory("1"));
    scene.pass();
    EXPECT_NE(scene.why("a").find("no catalog"), std::string::npos);

    std::ofstream(scene.folder / "catalog") << "junk";
    scene.pass();
    scene.pass();

    EXPECT_EQ(scene.complaints.size(), 1U);
}

TEST(FleetThread, JudgesWhenADocumentArrivesAndEnds) {
    FleetScene scene;
    scene.use_catalog(curl_before("2"));
    std::promise<void> told;
    scene.context.wake.set([&] { told.set_value(); });  // after the one change that there is
    scene.add_host("a", scene.keep_inventory("1"));

    {
        const FleetThread thread(
            scene.context, scene.clock, scene.folder / "catalog", {}, [](const std::string&) {});
        scene.context.documents_changed();
        ASSERT_EQ(told.get_future().wait_for(std::chrono::seconds{30}), std::future_status::ready);
    }

    EXPECT_EQ(scene.rows(kHostSelect).size(), 1U);
}

}  // namespace thimble::server
