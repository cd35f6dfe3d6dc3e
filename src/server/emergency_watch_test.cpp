#include "thimble/server/emergency_watch.hpp"

#include "thimble/server/rollout_scene_test.hpp"
#include "thimble/store/fleet.hpp"
#include "thimble/store/taken_back.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace thimble::server {
namespace {

/// A host misses curl in that version, made urgent by these.
void miss(
    Scene& scene,
    const std::string& host,
    const std::string& to,
    const std::vector<std::string>& urgent) {
    store::FleetJudgement judgement;
    judgement.host.host_id = host;
    store::FleetPatch patch;
    patch.source = "curl";
    patch.from_version = "1";
    patch.to_version = to;
    patch.state = "ready";
    patch.kev = !urgent.empty();
    for (const std::string& vulnerability : urgent) {
        patch.urgent.push_back({vulnerability, scene.now});
    }
    judgement.patches = {patch};
    ASSERT_TRUE(scene.database.transact([&](store::Connection& connection) {
        return store::write_judgement(connection, judgement);
    }));
}

const std::string kByRule = std::string(kPolicy) + "emergency: {opens: by rule}\n";

/// Of the emergency that was opened last.
struct Opened {
    std::string id;
    std::string why;
    std::string hosts;  ///< that are in it
};
Opened last_opened(Scene& scene) {
    const auto row = scene
                         .rows(
                             "SELECT r.deployment_id, d.why FROM rollout r JOIN deployment d ON "
                             "d.id = r.deployment_id ORDER BY d.created_at DESC, d.id LIMIT 1")
                         .front();
    Opened opened{store::text_at(row, 0), store::text_at(row, 1), ""};
    for (const auto& host : scene.rows(
             "SELECT host_id FROM deployment_host WHERE deployment_id = '" + opened.id
             + "' ORDER BY host_id")) {
        opened.hosts += store::text_at(host, 0);
    }
    return opened;
}

/// Opens one, which is cancelled a second later.
void open_and_cancel(Scene& scene) {
    ASSERT_EQ(*open_emergencies(scene.context, scene.now), 1U);
    scene.now += std::chrono::seconds(1);
    ASSERT_TRUE(scene.take(last_opened(scene).id, rollout::CancelledByPerson{"no"}));
    scene.now += std::chrono::seconds(1);
}

TEST(OpenEmergencies, OpensOneForWhatIsExploitedAndOnce) {
    Scene scene;
    miss(scene, "s", "2", {"CVE-1"});
    EXPECT_EQ(*open_emergencies(scene.context, scene.now), 0U);  // by hand unless told
    scene.keep_policy("web", kByRule);
    miss(scene, "s", "2", {});
    EXPECT_EQ(*open_emergencies(scene.context, scene.now), 0U);
    miss(scene, "s", "2", {"CVE-1"});

    EXPECT_EQ(*open_emergencies(scene.context, scene.now), 1U);
    EXPECT_EQ(*open_emergencies(scene.context, scene.now), 0U);
    const auto rows = scene.rows("SELECT opened_for, is_emergency, deployment_id FROM rollout");
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(store::text_at(rows[0], 0), "curl 2");
    const std::string id = store::text_at(rows[0], 2);
    EXPECT_EQ(scene.phase("s", id), "planning");
    const auto reviews = scene.rows("SELECT deployment_id, closed_at FROM rollout_review");
    ASSERT_EQ(reviews.size(), 1U);
    EXPECT_EQ(store::text_at(reviews[0], 0), id);
    // One that is not over is waited for on its hosts, whatever is new.
    miss(scene, "b", "2", {"CVE-1", "CVE-2"});
    scene.now += std::chrono::days(31);
    EXPECT_EQ(*open_emergencies(scene.context, scene.now), 0U);
    ASSERT_TRUE(scene.take(id, rollout::CancelledByPerson{"no"}));
    miss(scene, "s", "3", {"CVE-1"});
    EXPECT_EQ(*open_emergencies(scene.context, scene.now), 1U);
}

TEST(OpenEmergencies, OpenNoneAgainForWhatWasCancelledFor30DaysFromThen) {
    Scene scene;
    scene.keep_policy("web", kByRule);
    for (const char* host : {"s", "b"}) {
        miss(scene, host, "2", {"CVE-1", "CVE-2"});
    }
    ASSERT_EQ(*open_emergencies(scene.context, scene.now), 1U);
    scene.now += std::chrono::days(20);
    ASSERT_TRUE(scene.take(last_opened(scene).id, rollout::CancelledByPerson{"no"}));

    EXPECT_EQ(*open_emergencies(scene.context, scene.now), 0U);
    miss(scene, "b", "2", {"CVE-2"});  // of what it was opened for something is left
    EXPECT_EQ(*open_emergencies(scene.context, scene.now), 0U);
    scene.now += std::chrono::days(30);
    EXPECT_EQ(*open_emergencies(scene.context, scene.now), 0U);
    scene.now += std::chrono::seconds(1);
    EXPECT_EQ(*open_emergencies(scene.context, scene.now), 1U);
}

TEST(OpenEmergencies, OpenOneForAHostThatIsExposedSinceThenAndLeaveTheOthersOut) {
    Scene scene;
    scene.keep_policy("web", kByRule);
    miss(scene, "c", "2", {"CVE-1"});
    open_and_cancel(scene);
    ASSERT_EQ(*open_emergencies(scene.context, scene.now), 0U);

    miss(scene, "b", "2", {"CVE-1"});

    EXPECT_EQ(*open_emergencies(scene.context, scene.now), 1U);
    const Opened opened = last_opened(scene);
    EXPECT_EQ(opened.hosts, "bs") << "c was cancelled";
    EXPECT_NE(opened.why.find("curl 2; again, for what is new since: 1 host"), std::string::npos);
    scene.now += std::chrono::seconds(1);
    ASSERT_TRUE(scene.take(opened.id, rollout::CancelledByPerson{"no"}));
    EXPECT_EQ(*open_emergencies(scene.context, scene.now), 0U);
}

TEST(OpenEmergencies, OpenOneForAVulnerabilityOfThePatchThatIsExploitedSinceThen) {
    Scene scene;
    scene.keep_policy("web", kByRule);
    for (const char* host : {"s", "b"}) {
        miss(scene, host, "2", {"CVE-1"});
    }
    open_and_cancel(scene);

    miss(scene, "b", "2", {"CVE-1", "CVE-2"});

    EXPECT_EQ(*open_emergencies(scene.context, scene.now), 1U);
    // Nothing reaches the others that the first ring did not have.
    EXPECT_EQ(last_opened(scene).hosts, "bcs");
    scene.now += std::chrono::seconds(1);
    ASSERT_TRUE(scene.take(last_opened(scene).id, rollout::CancelledByPerson{"no"}));
    EXPECT_EQ(*open_emergencies(scene.context, scene.now), 0U);
    scene.now += std::chrono::seconds(1);
    miss(scene, "s", "2", {"CVE-1", "CVE-2"});
    EXPECT_EQ(*open_emergencies(scene.context, scene.now), 1U);
}

void add_host(Scene& scene, const std::string& id, const std::string& group) {
    store::HostRecord host;
    host.id = host.name = id;
    host.host_group = group;
    ASSERT_TRUE(scene.database.transact(
        [&](store::Connection& connection) { return store::add_host(connection, host); }));
}

TEST(OpenEmergencies, OpenOneForAHostThatCameAfterOneThatIsNotOver) {
    Scene scene;
    scene.keep_policy("web", kByRule);
    miss(scene, "b", "2", {"CVE-1"});
    ASSERT_EQ(*open_emergencies(scene.context, scene.now), 1U);
    add_host(scene, "n", "broad");
    miss(scene, "n", "2", {"CVE-1"});
    scene.now += std::chrono::seconds(1);

    EXPECT_EQ(*open_emergencies(scene.context, scene.now), 1U);
    EXPECT_EQ(last_opened(scene).hosts, "ns") << "that of the first ring, and no other that waits";
    EXPECT_EQ(*open_emergencies(scene.context, scene.now), 0U);
}

TEST(OpenEmergencies, WriteNothingForWhatIsUrgentOnHostsOfOtherPolicies) {
    Scene scene;
    scene.keep_policy("web", kByRule);
    add_host(scene, "lone", "elsewhere");
    miss(scene, "lone", "2", {"CVE-1"});
    auto other = store::Connection::open(
        {store::DatabaseAddress::Kind::Sqlite, (scene.folder / "thimble.db").string()});
    ASSERT_TRUE(other);
    ASSERT_TRUE(other->execute("BEGIN IMMEDIATE"));  // whoever writes now has to wait, and fails

    const auto opened = open_emergencies(scene.context, scene.now);

    ASSERT_TRUE(opened) << opened.error().text();
    EXPECT_EQ(*opened, 0U);
    ASSERT_TRUE(other->execute("ROLLBACK"));
}

TEST(OpenEmergencies, PutOneOfALaterRingFirstWhereTheFirstMissesNothing) {
    Scene scene;
    scene.keep_policy("web", kByRule);
    miss(scene, "c", "2", {"CVE-1"});
    miss(scene, "b", "2", {"CVE-1"});

    ASSERT_EQ(*open_emergencies(scene.context, scene.now), 1U);
    const auto rows = scene.rows("SELECT ring FROM deployment_host ORDER BY host_id");
    ASSERT_EQ(rows.size(), 3U);
    EXPECT_EQ(store::number_at(rows[0], 0), 0) << "b, the first that misses it";
    EXPECT_EQ(store::number_at(rows[1], 0), 1);
    EXPECT_EQ(store::number_at(rows[2], 0), 0);
    EXPECT_NE(last_opened(scene).why.find("1 host of a later ring goes first"), std::string::npos);
    const std::string id = last_opened(scene).id;
    scene.prepare("b", "2", id);
    scene.now += std::chrono::minutes(30);
    scene.drive();
    EXPECT_EQ(scene.phase("b", id), "rehearsed") << "it has the approval of its own ring";
}

TEST(OpenEmergencies, LeaveTheRingsAsTheyAreWhereTheFirstIsNotJudgedYet) {
    Scene scene;
    scene.keep_policy("web", kByRule);
    ASSERT_FALSE(
        scene.rows("UPDATE host SET inventory_digest = 'd' WHERE id = 's' RETURNING id").empty());
    miss(scene, "b", "2", {"CVE-1"});

    ASSERT_EQ(*open_emergencies(scene.context, scene.now), 1U);
    const auto rows = scene.rows("SELECT ring FROM deployment_host WHERE host_id = 'b'");
    EXPECT_EQ(store::number_at(rows.front(), 0), 2) << "s may miss it as well";
}

/// The host has the patch already: it plans nothing.
void plan_nothing(Scene& scene, const std::string& host, const std::string& id) {
    scene.result(scene.job(host, id), "", R"({"left_out":[]})");
    scene.drive();
}

std::int64_t ring_of(Scene& scene, const std::string& host) {
    return store::number_at(
        scene.rows("SELECT ring FROM deployment_host WHERE host_id = '" + host + "'").front(), 0);
}

TEST(OpenEmergencies, PutOneOfALaterRingFirstWhereTheFirstTurnsOutToMissNothing) {
    Scene scene;
    scene.keep_policy("web", kByRule);
    ASSERT_FALSE(
        scene.rows("UPDATE host SET inventory_digest = 'd' WHERE id = 's' RETURNING id").empty());
    miss(scene, "b", "2", {"CVE-1"});
    ASSERT_EQ(*open_emergencies(scene.context, scene.now), 1U);
    const std::string id = last_opened(scene).id;
    miss(scene, "c", "2", {"CVE-1"});
    ASSERT_EQ(ring_of(scene, "b"), 2);

    plan_nothing(scene, "s", id);

    EXPECT_EQ(scene.phase("s", id), "nothing-to-do");
    EXPECT_EQ(ring_of(scene, "b"), 0);
    EXPECT_EQ(ring_of(scene, "c"), 1) << "b tries it for its system";
    EXPECT_EQ(scene.phase("b", id), "planning");
    EXPECT_EQ(store::text_at(scene.rows("SELECT frozen_digest FROM rollout").front(), 0), "");
    const auto said = scene.rows("SELECT why FROM rollout WHERE asks_first = 1");
    ASSERT_EQ(said.size(), 1U);
    EXPECT_NE(
        store::text_at(said.front(), 0).find("1 host of a later ring goes"), std::string::npos);
    EXPECT_EQ(scene.rows("SELECT 1 FROM audit WHERE action = 'rollout.first'").size(), 1U);
    scene.prepare("b", "2", id);
    EXPECT_EQ(scene.phase("b", id), "rehearsed") << "it has the approval of its own ring";
    const std::string frozen =
        store::text_at(scene.rows("SELECT frozen_digest FROM rollout").front(), 0);
    ASSERT_TRUE(scene.take(id, rollout::Approved{"user:bob", frozen}));
    EXPECT_EQ(scene.phase("b", id), "applying");
}

TEST(OpenEmergencies, FreezeNothingThatNobodyTriesWhileTheyArePaused) {
    Scene scene;
    scene.keep_policy("web", kByRule);
    ASSERT_FALSE(
        scene.rows("UPDATE host SET inventory_digest = 'd' WHERE id = 's' RETURNING id").empty());
    miss(scene, "b", "2", {"CVE-1"});
    ASSERT_EQ(*open_emergencies(scene.context, scene.now), 1U);
    const std::string id = last_opened(scene).id;
    ASSERT_TRUE(scene.take(id, rollout::Paused{"a look"}));

    plan_nothing(scene, "s", id);

    EXPECT_EQ(ring_of(scene, "b"), 2);
    EXPECT_EQ(store::text_at(scene.rows("SELECT frozen_digest FROM rollout").front(), 0), "");
    ASSERT_TRUE(scene.take(id, rollout::Resumed{"go"}));
    scene.drive();
    EXPECT_EQ(ring_of(scene, "b"), 0);
}

TEST(OpenEmergencies, GoOnWithoutALateHostOfTheFirstRingThatMissesNothing) {
    Scene scene;
    scene.keep_policy("web", kByRule);
    ASSERT_FALSE(
        scene.rows("UPDATE host SET inventory_digest = 'd' WHERE id = 's' RETURNING id").empty());
    miss(scene, "b", "2", {"CVE-1"});
    ASSERT_EQ(*open_emergencies(scene.context, scene.now), 1U);
    miss(scene, "s", "2", {});  // judged by now: it has it

    scene.now += std::chrono::minutes(30);
    scene.drive();

    EXPECT_EQ(ring_of(scene, "b"), 0);
}

TEST(OpenEmergencies, FreezeWhenTheyGoOnWhatWasPlannedWhileTheyWerePaused) {
    Scene scene;
    scene.firsts.clear();  // by rule the first plans what is named, as all do
    scene.keep_policy("web", kByRule);
    miss(scene, "s", "2", {"CVE-1"});
    ASSERT_EQ(*open_emergencies(scene.context, scene.now), 1U);
    const std::string id = last_opened(scene).id;
    ASSERT_TRUE(scene.take(id, rollout::Paused{"a look"}));
    const auto frozen = [&] {
        return store::text_at(scene.rows("SELECT frozen_digest FROM rollout").front(), 0);
    };

    scene.prepare("s", "2", id);
    EXPECT_EQ(frozen(), "");
    ASSERT_TRUE(scene.take(id, rollout::Resumed{"go"}));
    scene.drive();
    EXPECT_NE(frozen(), "");
}

TEST(OpenEmergencies, PutNobodyFirstWhileTheSetWaitsForALateHostThatMissesIt) {
    Scene scene;
    scene.firsts.clear();  // by rule the first plans what is named, as all do
    scene.keep_policy("web", kByRule);
    ASSERT_FALSE(
        scene.rows("UPDATE host SET operating_system = 'Other' WHERE id = 'b' RETURNING id")
            .empty());
    miss(scene, "s", "2", {"CVE-1"});
    ASSERT_EQ(*open_emergencies(scene.context, scene.now), 1U);
    miss(scene, "b", "2", {"CVE-1"});
    const std::string id = last_opened(scene).id;

    scene.now += std::chrono::minutes(30);
    scene.drive();
    EXPECT_EQ(ring_of(scene, "b"), 2);

    scene.prepare("s", "2", id);
    EXPECT_EQ(scene.phase("s", id), "rehearsed");
    EXPECT_EQ(ring_of(scene, "b"), 0);
}

TEST(OpenEmergencies, OpenForWhatAPolicyNamesAlone) {
    const std::string named =
        std::string(kPolicy) + "emergency: {opens: by rule}\npatches: {select: named, ";
    const auto opened_by = [&](const std::string& names) {
        Scene scene;
        scene.keep_policy("web", named + names + "}\n");
        miss(scene, "s", "2", {"CVE-2026-1"});
        return *open_emergencies(scene.context, scene.now);
    };

    EXPECT_EQ(opened_by("cves: [CVE-2026-1]"), 1U);
    EXPECT_EQ(opened_by("cves: [CVE-2026-2]"), 0U);
    EXPECT_EQ(opened_by("packages: [curl]"), 1U);
    EXPECT_EQ(opened_by("packages: [zlib], cves: [CVE-2026-1]"), 1U);
    EXPECT_EQ(opened_by("packages: [zlib]"), 0U);
    EXPECT_EQ(opened_by("advisories: [DSA-1-1]"), 0U);
}

TEST(OpenEmergencies, OpenWhatCanBeWhereAnotherCannot) {
    Scene scene;
    scene.keep_policy("web", kByRule);
    store::FleetJudgement judgement;
    judgement.host.host_id = "b";
    for (const char* source : {"curl", "zlib"}) {
        store::FleetPatch& patch = judgement.patches.emplace_back();
        patch.source = source;
        patch.from_version = "1";
        patch.to_version = "2";
        patch.state = "ready";
        patch.kev = true;
        patch.urgent = {{"CVE-1", scene.now}};
    }
    ASSERT_TRUE(scene.database.transact([&](store::Connection& connection) {
        return store::write_judgement(connection, judgement);
    }));
    ASSERT_TRUE(scene.database.transact([&](store::Connection& connection) {
        return store::add_taken_back(
            connection,
            {"t", "s", "staging", "d", "r", "it broke", scene.now, {{"curl", "2"}}, {}});
    }));

    EXPECT_EQ(*open_emergencies(scene.context, scene.now), 1U);
    EXPECT_NE(last_opened(scene).why.find("zlib 2"), std::string::npos);
    EXPECT_EQ(open_emergencies(scene.context, scene.now).error().code, "rollout.no_first_ring")
        << "and nobody is left in doubt about the other";
}

TEST(OpenEmergencies, OpenNoneForAHostOfNoRing) {
    Scene scene;
    scene.keep_policy("web", kByRule);
    add_host(scene, "lone", "elsewhere");

    miss(scene, "lone", "2", {"CVE-1"});

    EXPECT_EQ(*open_emergencies(scene.context, scene.now), 0U);
}

}  // namespace
}  // namespace thimble::server
