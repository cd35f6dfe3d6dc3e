#include "thimble/server/patch_tracking.hpp"

#include "thimble/store/database.hpp"
#include "thimble/store/deployments.hpp"
#include "thimble/store/hosts.hpp"
#include "thimble/store/patch_states.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

namespace thimble::server {
namespace {

using rollout::CoursePhase;

constexpr Instant kNow{std::chrono::seconds(1'790'000'000)};
constexpr std::chrono::hours kHour{1};
const std::string kPlan(64, 'c');

/// Host "h" that misses curl 2, and a plan that brings it.
struct Scene {
    std::filesystem::path folder = [] {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "thimble-tracking-XXXXXX").string();
        return std::filesystem::path(::mkdtemp(pattern.data()));
    }();
    store::Connection connection = [this] {
        const store::DatabaseAddress address{
            store::DatabaseAddress::Kind::Sqlite, (folder / "thimble.db").string()};
        EXPECT_TRUE(store::Database::open(address));
        return *store::Connection::open(address);
    }();

    Scene() {
        store::HostRecord host;
        host.id = "h";
        host.inventory_digest = "before";
        EXPECT_TRUE(store::add_host(connection, host));
        EXPECT_TRUE(
            store::keep_plan(connection, {kPlan, "h", "", "curl 2", 1, 0, "none", 0, kNow}));
    }
    Scene(const Scene&) = delete;
    Scene& operator=(const Scene&) = delete;
    Scene(Scene&&) = delete;
    Scene& operator=(Scene&&) = delete;
    ~Scene() { std::filesystem::remove_all(folder); }

    void judge(
        const std::string& inventory,
        const std::vector<store::FleetPatch>& patches,
        bool hides = false) {
        store::FleetJudgement judgement;
        judgement.host.host_id = "h";
        judgement.host.inventory_digest = inventory;
        judgement.patches = patches;
        judgement.hides_patches = hides;
        EXPECT_TRUE(track_judgement(connection, judgement, kNow + kHour));
    }
    void course(CoursePhase phase) {
        rollout::HostCourse course;
        course.phase = phase;
        course.plan_digest = kPlan;
        course.run = "r";
        EXPECT_TRUE(track_step(connection, {"h", "d", course}, kNow));
    }
    store::PatchStateRow row() {
        const auto rows = store::patch_states_of(connection, "h");
        EXPECT_EQ(rows->size(), 1U);
        return rows->front();
    }
};

store::FleetPatch curl(const std::string& state = "ready", const std::string& restart = "none") {
    store::FleetPatch patch;
    patch.source = "curl";
    patch.from_version = "1";
    patch.to_version = "2";
    patch.state = state;
    patch.restart = restart;
    return patch;
}

}  // namespace

TEST(TrackJudgement, TellsMissingBlockedPendingAndUnpatchableApart) {
    Scene scene;
    scene.judge("before", {curl()});
    EXPECT_EQ(scene.row().state, "missing");
    scene.judge("before", {curl("blocked")});
    EXPECT_EQ(scene.row().state, "blocked");
    scene.judge("before", {curl("installed_not_live", "services")});
    EXPECT_EQ(scene.row().state, "installed_pending_restart");
    scene.judge("before", {curl("installed_not_live", "reboot")});
    EXPECT_EQ(scene.row().state, "installed_pending_reboot");
    store::FleetPatch without_fix = curl("blocked");
    without_fix.to_version = "";
    scene.judge("before", {without_fix});
    EXPECT_EQ(store::patch_states_of(scene.connection, "h")->front().state, "unpatchable");
}

TEST(TrackJudgement, KeepsSinceWhenAStateHolds) {
    Scene scene;
    scene.judge("before", {curl()});
    const store::PatchStateRow first = scene.row();

    scene.judge("other", {curl()});

    EXPECT_EQ(scene.row(), first);
}

TEST(TrackJudgement, CallsWhatWasPatchedByOthersNotApplicable) {
    Scene scene;
    scene.judge("before", {curl()});
    scene.judge("after", {});

    EXPECT_EQ(scene.row().state, "not_applicable");
    EXPECT_EQ(scene.row().evidence, R"({"inventory":"after"})");
}

TEST(TrackStep, LeadsAPatchToVerifiedAndTheNextInventoryKeepsIt) {
    Scene scene;
    scene.judge("before", {curl()});
    scene.course(CoursePhase::Rehearsing);
    EXPECT_EQ(scene.row().state, "scheduled");
    scene.course(CoursePhase::Applying);
    EXPECT_EQ(scene.row().state, "installing");
    scene.course(CoursePhase::Verified);
    EXPECT_EQ(scene.row().state, "verified");

    // An hour passes before the host sends another inventory: the old one is judged again.
    scene.judge("before", {curl()});
    EXPECT_EQ(scene.row().state, "verified");
    scene.judge("after", {});
    EXPECT_EQ(scene.row().state, "verified");
    scene.judge("later", {curl()});
    EXPECT_EQ(scene.row().state, "missing");
}

TEST(TrackStep, IsVerifiedWhenThePendingRestartIsSeenToBeOver) {
    Scene scene;
    scene.course(CoursePhase::PendingRestart);
    EXPECT_EQ(scene.row().state, "installed_pending_restart");
    scene.judge("after", {curl("installed_not_live", "services")});
    EXPECT_EQ(scene.row().state, "installed_pending_restart");

    scene.judge("later", {});

    EXPECT_EQ(scene.row().state, "verified");
}

TEST(TrackJudgement, DoesNotTakeWhatItCannotSeeForGone) {
    Scene scene;
    scene.judge("before", {curl()});

    scene.judge("after", {}, true);

    EXPECT_EQ(scene.row().state, "missing");
}

TEST(TrackStep, OpensAgainWhatComesBackToTheInventoryBefore) {
    Scene scene;
    scene.judge("before", {curl()});
    scene.course(CoursePhase::Applying);
    scene.course(CoursePhase::Verified);
    scene.judge("after", {});

    scene.judge("before", {curl()});

    EXPECT_EQ(scene.row().state, "missing");
}

TEST(TrackStep, DoesNotTakeAReinstallationForAVerification) {
    Scene scene;
    scene.course(CoursePhase::Applying);
    scene.course(CoursePhase::Verified);
    scene.judge("after", {});
    scene.judge("later", {curl()});
    scene.judge("last", {curl("installed_not_live", "services")});

    scene.judge("restarted", {});

    EXPECT_EQ(scene.row().state, "not_applicable");
}

TEST(TrackStep, RemembersWhatWasTakenBack) {
    Scene scene;
    scene.course(CoursePhase::RolledBack);
    scene.judge("after", {curl()});

    EXPECT_EQ(scene.row().state, "rolled_back");
    EXPECT_NE(scene.row().evidence.find(R"("run":"r")"), std::string::npos);
}

TEST(TrackStep, MovesNothingByAPlanOfAnotherHostOrNone) {
    Scene scene;
    rollout::HostCourse course;
    course.phase = CoursePhase::Verified;
    course.plan_digest = kPlan;
    EXPECT_TRUE(track_step(scene.connection, {"other", "d", course}, kNow));
    course.plan_digest = std::string(64, 'd');
    EXPECT_TRUE(track_step(scene.connection, {"h", "d", course}, kNow));

    EXPECT_TRUE(store::patch_states_of(scene.connection, "h")->empty());
    EXPECT_TRUE(store::patch_states_of(scene.connection, "other")->empty());
}

TEST(TrackJudgement, KeepsABoundedNumberOfWhatAHostNamesNoLonger) {
    for (const bool hides : {false, true}) {
        Scene scene;
        scene.course(CoursePhase::Verified);
        for (int inventory = 0; inventory < 6; ++inventory) {
            std::vector<store::FleetPatch> named;
            for (int at = 0; at < 500; ++at) {
                named.push_back(curl());
                named.back().source = "new-" + std::to_string(inventory) + "-" + std::to_string(at);
            }
            scene.judge(std::to_string(inventory), named, hides);
        }

        const auto rows = store::patch_states_of(scene.connection, "h");

        ASSERT_TRUE(rows);
        EXPECT_EQ(rows->size(), 2501U) << hides;  // 500 that it names, 2000, and what was patched
        EXPECT_EQ(rows->front().source, "curl");
        EXPECT_EQ(rows->front().state, "verified");
    }
}

}  // namespace thimble::server
