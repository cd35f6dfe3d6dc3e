#include "thimble/store/rollouts.hpp"

#include "thimble/store/database.hpp"
#include "thimble/store/deployments.hpp"
#include "thimble/store/fleet.hpp"
#include "thimble/store/hosts.hpp"
#include "thimble/store/jobs.hpp"
#include "thimble/store/scratch_database_test.hpp"

#include <gtest/gtest.h>

namespace thimble::store {
namespace {

constexpr Instant kNow{std::chrono::seconds(1'790'000'000)};

Connection connection_to(const ScratchDatabase& scratch) {
    EXPECT_TRUE(Database::open(scratch.address()));
    auto connection = Connection::open(scratch.address());
    EXPECT_TRUE(add_deployment(*connection, {"d", "{}", false, "user:ada", kNow, "because", {}}));
    return *std::move(connection);
}

TEST(Policies, AreReplacedByName) {
    const ScratchDatabase scratch;
    Connection connection = connection_to(scratch);
    const PolicyRecord first{"web", "policy: web", "d1", "user:ada", kNow};
    const PolicyRecord second{"web", "policy: web #", "d2", "user:bob", kNow};

    ASSERT_TRUE(set_policy(connection, first));
    ASSERT_TRUE(set_policy(connection, second));

    EXPECT_EQ(*policy_of(connection, "web"), second);
    EXPECT_TRUE(*remove_policy(connection, "web"));
    EXPECT_FALSE(*remove_policy(connection, "web"));
    EXPECT_EQ(*policy_of(connection, "web"), std::nullopt);
}

TEST(Rollouts, AreReadAsTheyWereWritten) {
    const ScratchDatabase scratch;
    Connection connection = connection_to(scratch);
    RolloutRecord rollout{
        "d", "web", "policy: web", true, "running", kNow, "", "{}", "", 3, "curl 2", true};
    RolloutRingRecord ring{"d", 0, "staging", "waiting", kNow, 0};
    const RolloutApproval approval{"user:bob", "digest", kNow};

    ASSERT_TRUE(add_rollout(connection, rollout));
    ASSERT_TRUE(set_rollout_ring(connection, {"d", 1, "broad", "waiting", kNow, 0}));
    ASSERT_TRUE(set_rollout_ring(connection, ring));
    rollout.phase = "halted";
    rollout.frozen_digest = "digest";
    ring.phase = "open";
    ring.forgiven = 2;
    ASSERT_TRUE(set_rollout(connection, rollout));
    ASSERT_TRUE(set_rollout_ring(connection, ring));
    ASSERT_TRUE(add_approval(connection, "d", approval));

    EXPECT_EQ(*rollout_of(connection, "d"), rollout);
    EXPECT_EQ(rollout_rings(connection, "d")->front(), ring);
    EXPECT_EQ(rollout_rings(connection, "d")->size(), 2U);
    EXPECT_EQ(*approvals_of(connection, "d"), std::vector{approval});
    EXPECT_EQ(*rollouts_in(connection, {"running", "halted"}), std::vector<std::string>{"d"});
    EXPECT_TRUE(rollouts_in(connection, {"running"})->empty());
}

TEST(Deferrals, AreReadByHostInTheirOrder) {
    const ScratchDatabase scratch;
    Connection connection = connection_to(scratch);
    ASSERT_TRUE(add_rollout(
        connection, {"d", "web", "policy: web", false, "running", kNow, "", "{}", "", 2, ""}));
    const std::chrono::hours hour{1};
    const RolloutDeferral second{"a", 2, kNow + (3 * hour), "user:olga", "a fair", kNow + hour};
    const RolloutDeferral first{"a", 1, kNow + (2 * hour), "user:olga", "a feast", kNow};
    const RolloutDeferral other{"b", 1, kNow + hour, "user:ada", "stock-taking", kNow};

    for (const RolloutDeferral& one : {other, first, second}) {
        ASSERT_TRUE(add_deferral(connection, "d", one));
    }

    EXPECT_EQ(*deferrals_of(connection, "d"), (std::vector{first, second, other}));
    EXPECT_TRUE(deferrals_of(connection, "e")->empty());
    EXPECT_FALSE(add_deferral(connection, "d", first));
}

TEST(HostsOfRunningRollouts, AreThoseInOneOfThePhases) {
    const ScratchDatabase scratch;
    Connection connection = connection_to(scratch);
    RolloutRecord rollout{"d", "web", "policy: web", false, "running", kNow, "", "{}", "", 2, ""};
    ASSERT_TRUE(add_rollout(connection, rollout));
    for (const auto& [id, phase] : {std::pair("a", "applying"), std::pair("b", "waiting")}) {
        HostRecord host;
        host.id = host.name = id;
        ASSERT_TRUE(add_host(connection, host));
        DeploymentHost member;
        member.deployment_id = "d";
        member.host_id = id;
        member.phase = phase;
        ASSERT_TRUE(add_deployment_host(connection, member));
    }

    EXPECT_EQ(
        *hosts_of_running_rollouts(connection, {"planning", "applying"}),
        std::vector<std::string>{"a"});
    rollout.phase = "paused";
    ASSERT_TRUE(set_rollout(connection, rollout));
    EXPECT_TRUE(hosts_of_running_rollouts(connection, {"applying"})->empty());
}

/// A host that misses curl 2, made urgent by these, which were seen then.
void miss(
    Connection& connection,
    const std::string& id,
    const std::vector<std::string>& urgent,
    Instant seen = kNow,
    const std::string& state = "ready") {
    FleetJudgement judgement;
    judgement.host.host_id = id;
    FleetPatch patch;
    patch.source = "curl";
    patch.to_version = "2";
    patch.state = state;
    for (const std::string& vulnerability : urgent) {
        patch.urgent.push_back({vulnerability, seen});
    }
    judgement.patches = {patch};
    ASSERT_TRUE(write_judgement(connection, judgement));
}

/// An emergency of the policy web for curl 2, with the hosts a and b; c is in none.
void add_emergency(Connection& connection) {
    ASSERT_TRUE(add_rollout(
        connection, {"d", "web", "policy: web", true, "running", kNow, "", "{}", "", 2, "curl 2"}));
    for (const char* id : {"a", "b", "c"}) {
        HostRecord host;
        host.id = host.name = id;
        ASSERT_TRUE(add_host(connection, host));
        DeploymentHost member;
        member.deployment_id = "d";
        member.host_id = id;
        if (host.id != "c") {
            ASSERT_TRUE(add_deployment_host(connection, member));
        }
    }
}

std::string urgent(Connection& connection, const EmergencyMemory& memory) {
    std::string hosts;
    const auto patches = *urgent_patches(connection, memory);
    for (const UrgentPatch& patch : patches) {
        hosts += patch.host_id;
    }
    return hosts;
}

TEST(UrgentPatches, AreThoseThatAreNamed) {
    const ScratchDatabase scratch;
    Connection connection = connection_to(scratch);
    add_emergency(connection);
    miss(connection, "a", {"CVE-1"});
    miss(connection, "b", {"CVE-1", "CVE-2"});
    const auto hosts = [&](const NamedUrgent& named) {
        std::string text;
        const auto patches = urgent_patches(connection, {"other", kNow}, named);
        for (const UrgentPatch& patch : *patches) {
            text += patch.host_id;
        }
        return text;
    };

    EXPECT_EQ(hosts({{}, {"CVE-2"}}), "b");
    EXPECT_EQ(hosts({{}, {"CVE-1", "CVE-2"}}), "ab");
    EXPECT_EQ(hosts({{"curl"}, {}}), "ab");
    EXPECT_EQ(hosts({{"zlib"}, {"CVE-2"}}), "b");
    EXPECT_EQ(hosts({{"zlib"}, {}}), "");
    EXPECT_EQ(hosts({}), "") << "nothing is named that could be urgent";
}

TEST(UrgentPatches, AreThoseOfPatchesThatCanBeInstalledByHost) {
    const ScratchDatabase scratch;
    Connection connection = connection_to(scratch);
    add_emergency(connection);
    miss(connection, "b", {"CVE-1", "CVE-2"});
    miss(connection, "a", {"CVE-1"});
    miss(connection, "c", {});

    const std::vector<UrgentPatch> wanted{{"a", "curl", "2"}, {"b", "curl", "2"}};
    EXPECT_EQ(*urgent_patches(connection, {"other", kNow}), wanted);
    EXPECT_EQ(urgent_patches(connection, {"other", kNow}, std::nullopt, 1)->size(), 1U);
    EXPECT_EQ(*urgent_hosts(connection, "curl", "2"), (std::vector<std::string>{"a", "b"}));
    miss(connection, "b", {});
    EXPECT_EQ(*urgent_hosts(connection, "curl", "2"), std::vector<std::string>{"a"});
    miss(connection, "a", {"CVE-1"}, kNow, "blocked");
    EXPECT_TRUE(urgent_hosts(connection, "curl", "2")->empty());
    // Nobody asked whether it is offered: its plan tells.
    miss(connection, "a", {"CVE-1"}, kNow, "offer_unknown");
    EXPECT_EQ(*urgent_hosts(connection, "curl", "2"), std::vector<std::string>{"a"});
}

TEST(UrgentPatches, OfAnEmergencyThatIsNotOverWaitForItOnItsOwnHostsAlone) {
    const ScratchDatabase scratch;
    Connection connection = connection_to(scratch);
    add_emergency(connection);
    miss(connection, "a", {"CVE-1"});
    miss(connection, "c", {"CVE-1"});

    EXPECT_EQ(urgent(connection, {"web", kNow + std::chrono::days(40)}), "c");
    EXPECT_TRUE(*was_opened_for(connection, {"web", kNow + std::chrono::days(40)}, "curl 2"));
    EXPECT_FALSE(*was_opened_for(connection, {"other", kNow}, "curl 2"));
    EXPECT_EQ(
        *hosts_in_emergencies(connection, "web", "curl 2"), (std::vector<std::string>{"a", "b"}));
    ASSERT_TRUE(
        set_rollout(connection, {"d", "", "", true, "cancelled", kNow, "", "{}", "", 2, ""}));
    EXPECT_TRUE(hosts_in_emergencies(connection, "web", "curl 2")->empty());
}

TEST(UrgentPatches, LeaveOutWhatWasUrgentAndSeenInAnEmergencyThatEndedSinceThen) {
    const ScratchDatabase scratch;
    Connection connection = connection_to(scratch);
    add_emergency(connection);
    miss(connection, "a", {"CVE-1"});
    ASSERT_TRUE(note_triggers(connection, "d"));
    ASSERT_TRUE(note_triggers(connection, "d"));
    const Instant end = kNow + std::chrono::hours(1);
    const Instant later = end + std::chrono::seconds(1);
    ASSERT_TRUE(
        set_rollout(connection, {"d", "", "", true, "cancelled", end, "", "{}", "", 2, ""}));
    const EmergencyMemory memory{"web", end};

    EXPECT_TRUE(*was_opened_for(connection, memory, "curl 2"));
    EXPECT_EQ(urgent(connection, memory), "");
    EXPECT_EQ(urgent(connection, {"web", later}), "a") << "it binds no more";
    miss(connection, "b", {"CVE-1"});
    EXPECT_EQ(urgent(connection, memory), "") << "judged later, and exposed before";
    miss(connection, "b", {"CVE-1"}, later);
    EXPECT_EQ(urgent(connection, memory), "b") << "exposed since";
    miss(connection, "b", {});
    miss(connection, "c", {"CVE-1"});
    EXPECT_EQ(urgent(connection, memory), "c") << "it was in no emergency";
    miss(connection, "c", {});
    miss(connection, "a", {"CVE-1", "CVE-2"});
    EXPECT_EQ(urgent(connection, memory), "a") << "CVE-2 is new";
    ASSERT_TRUE(note_triggers(connection, "d"));
    EXPECT_EQ(urgent(connection, memory), "");
}

TEST(RolloutCandidates, LeaveOutWhoEnrolledAgainAsLongAsThatEnrolmentStands) {
    const ScratchDatabase scratch;
    Connection connection = connection_to(scratch);
    for (const char* id : {"new", "old"}) {
        HostRecord host;
        host.id = host.name = id;
        ASSERT_TRUE(add_host(connection, host));
    }
    ASSERT_TRUE(
        connection.execute("UPDATE host SET superseded_by = :new WHERE id = 'old'", {"new"}));
    EXPECT_EQ(rollout_candidates(connection)->size(), 1U);

    ASSERT_TRUE(revoke_host(connection, "new", kNow));

    const auto left = *rollout_candidates(connection);
    ASSERT_EQ(left.size(), 1U);
    EXPECT_EQ(left.front().id, "old");
}

TEST(TakeLease, IsRefusedForWhatWasTakenBack) {
    const ScratchDatabase scratch;
    Connection connection = connection_to(scratch);
    HostRecord host;
    host.id = "h";
    ASSERT_TRUE(add_host(connection, host));
    const std::chrono::hours hour{1};
    ASSERT_TRUE(add_job(connection, {"j", "h", "e", "user:ada", kNow, kNow + hour}));
    ASSERT_TRUE(add_job(connection, {"k", "h", "e", "user:ada", kNow, kNow + hour}));

    EXPECT_FALSE(*has_begun(connection, "j"));
    EXPECT_TRUE(*take_lease(connection, "j", "h", kNow));
    EXPECT_TRUE(*has_begun(connection, "j"));
    EXPECT_FALSE(*take_lease(connection, "k", "another", kNow));
    ASSERT_TRUE(*finish_job(connection, "k", "h", kNow));
    EXPECT_FALSE(*take_lease(connection, "k", "h", kNow));
    EXPECT_FALSE(*has_begun(connection, "k"));
}

}  // namespace
}  // namespace thimble::store
