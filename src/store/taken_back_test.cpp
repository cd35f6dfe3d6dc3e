#include "thimble/store/taken_back.hpp"

#include "thimble/store/database.hpp"
#include "thimble/store/fleet.hpp"
#include "thimble/store/hosts.hpp"
#include "thimble/store/patch_states.hpp"
#include "thimble/store/rollouts.hpp"
#include "thimble/store/scratch_database_test.hpp"

#include <gtest/gtest.h>

namespace thimble::store {
namespace {

constexpr Instant kNow{std::chrono::seconds(1'790'000'000)};

/// web1 and web2 of one group, db1 of another.
Connection fleet_of(const ScratchDatabase& scratch) {
    EXPECT_TRUE(Database::open(scratch.address()));
    auto connection = Connection::open(scratch.address());
    for (const auto& [id, group] :
         {std::pair("web1", "web"), std::pair("web2", "web"), std::pair("db1", "db")}) {
        HostRecord host;
        host.id = host.name = id;
        host.host_group = group;
        EXPECT_TRUE(add_host(*connection, host));
    }
    return *std::move(connection);
}

TakenBackSet taken_back_on_web1() {
    return {
        "t1",
        "web1",
        "web",
        "",
        "run-1",
        "the shop did not answer",
        kNow,
        {{"curl", "2"}, {"nginx", "5"}},
        {"CVE-2026-1"}};
}

void miss(Connection& connection, const std::string& host, const std::string& version) {
    FleetJudgement judgement;
    judgement.host.host_id = host;
    FleetPatch patch;
    patch.source = "curl";
    patch.to_version = version;
    patch.state = "ready";
    patch.urgent.push_back({"CVE-2026-1", kNow});
    judgement.patches = {patch};
    EXPECT_TRUE(write_judgement(connection, judgement));
}

TEST(TakenBackSets, KeepTheirPatchesFromTheGroupUntilSomebodyHasLooked) {
    const ScratchDatabase scratch;
    Connection connection = fleet_of(scratch);
    ASSERT_TRUE(add_taken_back(connection, taken_back_on_web1()));
    const std::vector<KeptBackPatch> kept{
        {"curl", "2", "web1", "t1"}, {"nginx", "5", "web1", "t1"}};

    EXPECT_EQ(*patches_kept_back(connection, "web1"), kept);
    EXPECT_EQ(*patches_kept_back(connection, "web2"), kept);
    EXPECT_TRUE(patches_kept_back(connection, "db1")->empty());
    EXPECT_EQ(*group_of_taken_back(connection, "t1"), "web");
    EXPECT_EQ(*group_of_taken_back(connection, "t2"), std::nullopt);

    EXPECT_TRUE(*review_taken_back(connection, {"t1", "user:ada", "a flaky probe"}, kNow));
    EXPECT_FALSE(*review_taken_back(connection, {"t1", "user:bob", "again"}, kNow));
    EXPECT_FALSE(*review_taken_back(connection, {"t2", "user:bob", "which"}, kNow));
    EXPECT_TRUE(patches_kept_back(connection, "web2")->empty());
}

TEST(TakenBackSets, NameAPatchOnceByTheOldestThatIsOpen) {
    const ScratchDatabase scratch;
    Connection connection = fleet_of(scratch);
    TakenBackSet later = taken_back_on_web1();
    later.id = "t0";
    later.host_id = "web2";
    later.taken_back_at = kNow + std::chrono::hours(1);
    later.patches = {{"curl", "2"}};
    ASSERT_TRUE(add_taken_back(connection, later));
    ASSERT_TRUE(add_taken_back(connection, taken_back_on_web1()));

    EXPECT_EQ(
        patches_kept_back(connection, "web1")->front(), (KeptBackPatch{"curl", "2", "web1", "t1"}));
    EXPECT_EQ(patches_kept_back(connection, "web1")->size(), 2U);
    ASSERT_TRUE(*review_taken_back(connection, {"t1", "user:ada", "looked"}, kNow));
    EXPECT_EQ(
        *patches_kept_back(connection, "web1"),
        (std::vector<KeptBackPatch>{{"curl", "2", "web2", "t0"}}));
}

TEST(TakenBackSets, KeepASourceBackOnlyWhereItWouldComeInThatVersion) {
    const ScratchDatabase scratch;
    Connection connection = fleet_of(scratch);
    ASSERT_TRUE(add_taken_back(connection, taken_back_on_web1()));
    miss(connection, "web2", "2");
    EXPECT_EQ(*sources_kept_back(connection, "web2"), std::vector<std::string>{"curl"});
    miss(connection, "web2", "3");
    EXPECT_TRUE(sources_kept_back(connection, "web2")->empty());
    miss(connection, "db1", "2");
    EXPECT_TRUE(sources_kept_back(connection, "db1")->empty());
}

TEST(TakenBackSets, HoldTheHostsOfADeploymentThatWerePlannedToGetThem) {
    const ScratchDatabase scratch;
    Connection connection = fleet_of(scratch);
    ASSERT_TRUE(add_deployment(connection, {"d", "{}", false, "user:ada", kNow, "because", {}}));
    for (const char* id : {"web1", "web2", "db1"}) {
        DeploymentHost member;
        member.deployment_id = "d";
        member.host_id = id;
        member.phase = "rehearsed";
        ASSERT_TRUE(add_deployment_host(connection, member));
        ASSERT_TRUE(
            put_patch_state(connection, {id, "curl", "2", "scheduled", kNow, "{}", false, ""}));
    }
    EXPECT_TRUE(hosts_kept_back(connection, "d")->empty());
    ASSERT_TRUE(add_taken_back(connection, taken_back_on_web1()));
    ASSERT_TRUE(
        put_patch_state(connection, {"web1", "curl", "2", "rolled_back", kNow, "{}", false, ""}));

    const std::map<std::string, std::string> held{{"web2", "web1"}};
    EXPECT_EQ(*hosts_kept_back(connection, "d"), held);
    EXPECT_EQ(*hosts_without(connection, "curl", "2"), (std::vector<std::string>{"web1", "web2"}));
    EXPECT_TRUE(hosts_without(connection, "curl", "3")->empty());
    EXPECT_TRUE(hosts_kept_back(connection, "e")->empty());
    ASSERT_TRUE(*review_taken_back(connection, {"t1", "user:ada", "looked"}, kNow));
    EXPECT_TRUE(hosts_kept_back(connection, "d")->empty());
}

TEST(TakenBackSets, OpenNoEmergencyForTheirGroup) {
    const ScratchDatabase scratch;
    Connection connection = fleet_of(scratch);
    miss(connection, "web2", "2");
    miss(connection, "db1", "2");
    ASSERT_TRUE(add_taken_back(connection, taken_back_on_web1()));

    EXPECT_EQ(
        *urgent_patches(connection, {"p", kNow}), (std::vector<UrgentPatch>{{"db1", "curl", "2"}}));
    ASSERT_TRUE(*review_taken_back(connection, {"t1", "user:ada", "looked"}, kNow));
    EXPECT_EQ(urgent_patches(connection, {"p", kNow})->size(), 2U);
}

}  // namespace
}  // namespace thimble::store
