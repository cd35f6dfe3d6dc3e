// What a server that does not lead knows of the fleet, and what it does when it takes over.
#include "thimble/server/catch_up.hpp"
#include "thimble/server/fleet_scene_test.hpp"
#include "thimble/server/lead.hpp"
#include "thimble/store/scratch_postgresql_test.hpp"

#include <gtest/gtest.h>

namespace thimble::server {
namespace {

using catalog::ACatalog;
using catalog::AnAdvisory;

std::vector<std::string> affected(FleetScene& scene) {
    auto said = scene.context.fleet.with(
        [](const IndexedFleet& fleet) { return fleet.affected("CVE-2026-1"); });
    EXPECT_TRUE(said) << said.error().text();
    return said ? said->ids : std::vector<std::string>();
}

void follow(FleetScene& scene) {
    const auto heard = catch_up(scene.context, scene.clock.now());
    EXPECT_TRUE(heard) << heard.error().text();
    const auto followed = scene.reconciler.follow({});
    EXPECT_TRUE(followed) << followed.error().text();
}

/// As when the host checks in with another inventory.
void set_inventory(FleetScene& scene, const std::string& host, const std::string& digest) {
    const auto done = change(
        scene.context,
        scene.clock.now(),
        [&](store::Connection& connection, Trail& trail) -> Result<void> {
            trail.tell_others({store::ServerNews::Kind::Inventory, host});
            return store::set_inventory(connection, host, digest);
        });
    EXPECT_TRUE(done) << done.error().text();
}

std::size_t judgements(FleetScene& scene) {
    return scene.rows("SELECT sequence FROM audit WHERE action = 'fleet.judge'").size();
}

}  // namespace

// One test, since a cluster takes seconds to make.
TEST(FollowedFleet, IsKnownToWhoDoesNotLeadAndJudgedByWhoDoesAlone) {
    if (const std::string why = store::why_no_postgresql(); !why.empty()) {
        GTEST_SKIP() << why;
    }
    const store::ScratchPostgresql postgresql;
    ASSERT_TRUE(postgresql.is_running());
    FleetScene leader(postgresql.address());
    FleetScene follower(postgresql.address());
    leader.context.server_id = "leader";
    follower.context.server_id = "follower";
    const ACatalog catalog({AnAdvisory("CVE-2026-1").affects("Debian:12", "curl", "0", "2")});
    leader.use_catalog(catalog);
    follower.use_catalog(catalog);
    leader.add_host("a", leader.keep_inventory("1"));
    leader.add_host("b", leader.keep_inventory("2"));
    ASSERT_TRUE(*ask_for_lead(leader.context, leader.clock.now()));

    leader.pass();
    follow(follower);
    EXPECT_EQ(affected(leader), std::vector<std::string>{"a"});
    EXPECT_EQ(affected(follower), std::vector<std::string>{"a"});
    EXPECT_EQ(judgements(leader), 1U);

    // Of what it took in itself, too.
    set_inventory(follower, "b", leader.keep_inventory("1"));
    follow(follower);
    EXPECT_EQ(affected(follower), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(follower.reconciler.pass({}).error().code, "server.not_leading");
    EXPECT_EQ(judgements(leader), 1U);
    leader.pass();
    EXPECT_EQ(judgements(leader), 2U);

    // Who takes over with the same catalog has nothing to judge again, and goes on.
    ASSERT_TRUE(give_up_lead(leader.context));
    ASSERT_TRUE(*ask_for_lead(follower.context, follower.clock.now()));
    follower.pass();
    EXPECT_EQ(judgements(follower), 2U);
    set_inventory(leader, "a", leader.keep_inventory("2"));
    follower.pass();
    EXPECT_EQ(judgements(follower), 3U);

    // The one that led did not listen meanwhile: it fills its index anew.
    leader.reconciler.doubt_index();
    follow(leader);
    EXPECT_EQ(affected(leader), std::vector<std::string>{"b"});
    EXPECT_EQ(affected(follower), std::vector<std::string>{"b"});
    set_inventory(leader, "b", leader.keep_inventory("2"));
    EXPECT_EQ(leader.reconciler.pass({}).error().code, "server.not_leading");
}

}  // namespace thimble::server
