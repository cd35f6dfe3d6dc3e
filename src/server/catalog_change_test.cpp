#include "thimble/server/fill_fleet.hpp"
#include "thimble/server/fleet_scene_test.hpp"

#include <gtest/gtest.h>

namespace thimble::server {
namespace {

using catalog::ACatalog;
using catalog::AnAdvisory;
using Ids = std::vector<std::string>;

model::VulnerabilityFacts exploited(std::string id) {
    model::VulnerabilityFacts facts;
    facts.id = std::move(id);
    facts.feed = "kev";
    facts.kev = model::KevEntry{*parse_instant("2026-10-31"), {}, "", false};
    return facts;
}

AnAdvisory old_curl() {
    return AnAdvisory("CVE-2026-1").affects("Debian:12", "curl", "0", "2");
}

/// The first column.
Ids texts(const std::vector<store::Row>& rows) {
    Ids texts;
    for (const store::Row& row : rows) {
        texts.push_back(store::text_at(row, 0));
    }
    return texts;
}

/// Hosts a, b and c with curl 3, 2 and 1; in c is an open vulnerability of which nobody knows exploits.
void add_three_hosts(FleetScene& scene) {
    scene.use_catalog(ACatalog({old_curl()}));
    scene.add_host("a", scene.keep_inventory("3"));
    scene.add_host("b", scene.keep_inventory("2"));
    scene.add_host("c", scene.keep_inventory("1"));
    scene.pass();
}

/// CVE-2026-1 is exploited since today, and curl 2 has another one.
ACatalog worse_catalog() {
    return ACatalog(
        {old_curl(), AnAdvisory("CVE-2026-2").affects("Debian:12", "curl", "2", "3")},
        {exploited("CVE-2026-1")});
}

Result<AffectedHosts> affected(FleetScene& scene, std::string_view vulnerability) {
    return scene.context.fleet.with(
        [&](const IndexedFleet& fleet) { return fleet.affected(vulnerability); });
}

}  // namespace

TEST(CatalogChange, JudgesTheHostsThatItConcernsBeforeTheOthersMoreExploitedFirst) {
    FleetScene scene;
    add_three_hosts(scene);
    // After each transaction a second has gone.
    scene.context.wake.set([&] { scene.clock.go(std::chrono::seconds{1}); });
    const Instant start = scene.clock.now();

    scene.use_catalog(worse_catalog());
    scene.pass();

    // Rows are numbered as they are written.
    const auto judged = scene.rows("SELECT host_id, judged_at FROM fleet_host ORDER BY rowid");
    const auto second = [&](std::size_t row) {
        return store::number_at(judged.at(row), 1) - start.time_since_epoch().count();
    };
    EXPECT_EQ(texts(judged), (Ids{"c", "b", "a"}));
    EXPECT_EQ(second(0), 1);  // the entry of the audit log comes before
    EXPECT_EQ(second(1), 1);
    EXPECT_EQ(second(2), 2);
}

TEST(CatalogChange, IsOneEntryWithTheHostsAndWhatIsNewlyExploited) {
    FleetScene scene;
    add_three_hosts(scene);

    scene.use_catalog(worse_catalog());
    scene.pass();
    scene.pass();

    EXPECT_EQ(
        texts(scene.rows("SELECT after_json FROM audit WHERE action = 'catalog.change'")),
        (Ids{R"({"hosts":2,"newly_exploited":1,"vulnerabilities":["CVE-2026-1"]})"}));
}

TEST(CatalogChange, IsSeenBeforeItIsTakenIn) {
    FleetScene scene;
    add_three_hosts(scene);
    EXPECT_FALSE(scene.reconciler.has_new_catalog());

    scene.use_catalog(worse_catalog());

    EXPECT_TRUE(scene.reconciler.has_new_catalog());
    scene.pass();
    EXPECT_FALSE(scene.reconciler.has_new_catalog());
}

TEST(IndexedFleet, KnowsWhomAVulnerabilityAffects) {
    FleetScene scene;
    EXPECT_EQ(affected(scene, "CVE-2026-1").error().code, "server.no_index");
    add_three_hosts(scene);

    EXPECT_EQ(affected(scene, "CVE-2026-1")->ids, (Ids{"c"}));
    EXPECT_FALSE(affected(scene, "CVE-2026-2")->is_known);
    scene.use_catalog(worse_catalog());
    scene.pass();

    EXPECT_EQ(affected(scene, "CVE-2026-2")->ids, (Ids{"b"}));
}

TEST(IndexedFleet, FollowsAnotherInventoryAndForgetsOneThatCannotBeRead) {
    FleetScene scene;
    add_three_hosts(scene);
    const auto give = [&](const std::string& host, const std::string& digest) {
        ASSERT_TRUE(scene.database.transact([&](store::Connection& connection) {
            return store::set_inventory(connection, host, digest);
        }));
        scene.pass();
    };

    give("a", scene.keep_inventory("1"));
    EXPECT_EQ(affected(scene, "CVE-2026-1")->ids, (Ids{"a", "c"}));
    give("c", scene.keep_inventory("3"));
    EXPECT_EQ(affected(scene, "CVE-2026-1")->ids, (Ids{"a"}));
    scene.keep("{}", sha256_of("{}"));
    give("a", sha256_of("{}"));
    EXPECT_TRUE(affected(scene, "CVE-2026-1")->ids.empty());
}

TEST(IndexedFleet, TakesNothingInOfARevokedHost) {
    FleetScene scene;
    add_three_hosts(scene);
    scene.add_host("d", scene.keep_inventory("1"));  // as c
    scene.pass();

    scene.context.fleet.with([](IndexedFleet& fleet) { fleet.revoke("c"); });
    scene.clock.go(std::chrono::hours{2});
    scene.pass();  // the database does not know of it yet

    EXPECT_EQ(affected(scene, "CVE-2026-1")->ids, (Ids{"d"}));
}

TEST(FillFleet, NumbersEqualHostsNextToEachOther) {
    FleetScene scene;
    int name = 0;
    for (const char* host : {"a", "b", "c", "d", "e", "f"}) {
        // Each document is another one, the lists of packages are two.
        const std::string curl = ++name % 2 == 0 ? "2" : "1";
        scene.add_host(host, scene.keep_inventory(curl, true, std::string("web-") + host));
    }

    ASSERT_TRUE(fill_fleet(scene.context, {}));

    const auto number = [&](const std::string& host) {
        return scene.context.fleet.with([&](const IndexedFleet& fleet) {
            return static_cast<std::uint32_t>(fleet.number_of(host).value());
        });
    };
    EXPECT_EQ(number("a") / 3, number("c") / 3);
    EXPECT_EQ(number("a") / 3, number("e") / 3);
    EXPECT_EQ(number("b") / 3, number("f") / 3);
    EXPECT_NE(number("a") / 3, number("b") / 3);
}

TEST(FillFleet, LeavesOutHostsThatWereRevokedMeanwhileOrCannotBeRead) {
    FleetScene scene;
    scene.add_host("a", scene.keep_inventory("1"));
    scene.add_host("b", scene.keep_inventory("1"));
    scene.add_host("c", "0123");
    scene.context.fleet.with([](IndexedFleet& fleet) { fleet.revoke("b"); });

    ASSERT_TRUE(fill_fleet(scene.context, {}));

    scene.context.fleet.with([](const IndexedFleet& fleet) {
        EXPECT_TRUE(fleet.number_of("a"));
        EXPECT_FALSE(fleet.number_of("b"));
        EXPECT_FALSE(fleet.number_of("c"));
    });
}

}  // namespace thimble::server
