#include "thimble/server/retention.hpp"

#include "thimble/server/catch_up.hpp"
#include "thimble/server/fleet_scene_test.hpp"
#include "thimble/server/lead.hpp"
#include "thimble/store/jobs.hpp"
#include "thimble/store/scratch_postgresql_test.hpp"

namespace thimble::server {
namespace {

void add_jobs(FleetScene& scene, int count) {
    ASSERT_TRUE(scene.database.transact([&](store::Connection& connection) -> Result<void> {
        for (int at = 0; at < count; ++at) {
            const std::string id = "j" + std::to_string(at);
            const Instant made = scene.clock.now() + std::chrono::seconds(at);
            THIMBLE_TRY(store::add_job(connection, {id, "a", "e", "user:ada", made, made}));
            THIMBLE_TRY(store::close_job(connection, id, {"done", 0, "", ""}));
        }
        return {};
    }));
}

/// Whether a host that names the document is asked for it.
bool needs(FleetScene& scene, const std::string& digest) {
    return scene.context.roster.with([&](Roster& roster) {
        store::HostRecord host;
        host.id = "fresh" + digest;
        roster.add_host(host);
        CheckIn said;
        said.inventory_digest = digest;
        said.boot_id = "boot";
        said.sequence = 1;
        return roster.check_in(host.id, said, scene.clock.now())->needs_document;
    });
}

void hear(FleetScene& scene) {
    const auto heard = catch_up(scene.context, scene.clock.now());
    ASSERT_TRUE(heard) << heard.error().text();
}

}  // namespace

TEST(Retention, LetsOldRecordsGoInBatchesWithAnAuditEntryForEach) {
    FleetScene scene;
    scene.add_host("a", "");
    add_jobs(scene, 1500);
    Retention retention(scene.context, scene.clock, {});

    ASSERT_TRUE(retention.pass({}));
    EXPECT_EQ(scene.rows("SELECT id FROM job").size(), 1500U);
    scene.clock.go(Days(401));
    ASSERT_TRUE(retention.pass({}));

    EXPECT_EQ(scene.rows("SELECT id FROM job").size(), 1U);
    const auto entries =
        scene.rows("SELECT actor, before_json, reason FROM audit WHERE action = 'records.forget'");
    ASSERT_EQ(entries.size(), 2U);
    EXPECT_EQ(store::text_at(entries[0], 0), "server");
    EXPECT_EQ(
        store::text_at(entries[0], 1),
        R"({"jobs":1000,"reports":0,"runs":0,"plans":0,"proofs":0})");
    EXPECT_EQ(store::text_at(entries[0], 2), "older than 400 days");
}

TEST(Retention, LooksOnceAnHourAndNeverCutsTheAuditLog) {
    FleetScene scene;
    scene.add_host("a", "");
    Retention retention(scene.context, scene.clock, {});
    ASSERT_TRUE(retention.pass({}));
    add_jobs(scene, 2);
    scene.clock.go(Days(401));
    ASSERT_TRUE(retention.pass({}));
    const auto entries = scene.rows("SELECT sequence FROM audit").size();
    add_jobs(scene, 0);

    scene.clock.go(std::chrono::minutes(59));
    ASSERT_TRUE(retention.pass({}));
    scene.clock.go(Days(4000));
    ASSERT_TRUE(retention.pass({}));

    EXPECT_EQ(entries, 1U);
    EXPECT_EQ(scene.rows("SELECT sequence FROM audit").size(), entries);
}

TEST(Retention, LeavesTheInventoriesOfHostsAndPackageLists) {
    FleetScene scene;
    const std::string before = scene.keep_inventory("1");
    const std::string now = scene.keep_inventory("2");
    scene.add_host("a", now);
    scene.context.roster.with([&](Roster& roster) {
        roster.add_document(before);
        roster.add_document(now);
    });
    ASSERT_EQ(scene.rows("SELECT digest FROM inventory_document").size(), 4U);
    Retention retention(scene.context, scene.clock, {});
    scene.clock.go(Days(31));

    ASSERT_TRUE(retention.pass({}));

    EXPECT_EQ(scene.rows("SELECT digest FROM inventory_document").size(), 3U);
    // A host that comes back to it is asked for it again; the other is known as before.
    EXPECT_TRUE(needs(scene, before));
    EXPECT_FALSE(needs(scene, now));
}

TEST(Retention, IsOfWhoLeadsAndTheOthersHearWhichDocumentsWent) {
    if (const std::string why = store::why_no_postgresql(); !why.empty()) {
        GTEST_SKIP() << why;
    }
    const store::ScratchPostgresql postgresql;
    ASSERT_TRUE(postgresql.is_running());
    FleetScene leader(postgresql.address());
    FleetScene follower(postgresql.address());
    leader.context.server_id = "leader";
    follower.context.server_id = "follower";
    const std::string old = leader.keep_inventory("1");
    for (FleetScene* scene : {&leader, &follower}) {
        scene->context.roster.with([&](Roster& roster) { roster.add_document(old); });
        hear(*scene);
        scene->clock.go(Days(31));
    }
    ASSERT_TRUE(*ask_for_lead(leader.context, leader.clock.now()));
    Retention of_follower(follower.context, follower.clock, {});
    Retention of_leader(leader.context, leader.clock, {});

    EXPECT_EQ(of_follower.pass({}).error().code, "server.not_leading");
    EXPECT_EQ(leader.rows("SELECT digest FROM inventory_document").size(), 2U);
    ASSERT_TRUE(of_leader.pass({}));
    EXPECT_EQ(leader.rows("SELECT digest FROM inventory_document").size(), 1U);
    hear(follower);

    EXPECT_TRUE(needs(leader, old));
    EXPECT_TRUE(needs(follower, old));
}

}  // namespace thimble::server
