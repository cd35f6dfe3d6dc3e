#include "thimble/store/exceptions.hpp"

#include "thimble/store/database.hpp"
#include "thimble/store/fleet.hpp"
#include "thimble/store/hosts.hpp"
#include "thimble/store/list_table.hpp"
#include "thimble/store/patch_states.hpp"
#include "thimble/store/rollouts.hpp"
#include "thimble/store/scratch_database_test.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace thimble::store {
namespace {

constexpr Instant kNow{std::chrono::seconds(1'790'000'000)};
constexpr Instant kLater = kNow + Days(30);

ExceptionRow exception() {
    ExceptionRow row;
    row.id = "x";
    row.state = "active";
    row.reason = "fix_breaks_app";
    row.host_group = "*";
    row.packages = {"curl"};
    row.owner = "ada";
    row.expires_at = kLater;
    return row;
}

/// Host "h" of the group web misses curl, which is exploited, and nginx.
struct Scene {
    ScratchDatabase scratch;
    Connection connection = [this] {
        EXPECT_TRUE(Database::open(scratch.address()));
        return *Connection::open(scratch.address());
    }();

    Scene() {
        HostRecord host;
        host.id = "h";
        host.host_group = "web";
        EXPECT_TRUE(add_host(connection, host));
        FleetJudgement judgement;
        judgement.host.host_id = "h";
        judgement.can_be_tracked = true;
        judgement.patches.resize(2);
        judgement.patches[0].source = "curl";
        judgement.patches[1].source = "nginx";
        for (FleetPatch& patch : judgement.patches) {
            patch.to_version = "2";
            patch.state = "ready";
            patch.vulnerabilities = {"CVE-1", "CVE-2"};
            EXPECT_TRUE(put_patch_state(
                connection, {"h", patch.source, "2", "missing", {}, "{}", false, ""}));
        }
        judgement.patches[0].kev = judgement.patches[0].exploited = true;
        judgement.patches[0].urgent = {{"CVE-1", {}}};
        EXPECT_TRUE(write_judgement(connection, judgement));
        EXPECT_TRUE(put_exception(connection, exception()));
    }
    void cover(bool keeps_away) {
        const std::vector<ExceptedPatch> patches{{"h", "curl", "2", "x", kLater, keeps_away}};
        EXPECT_TRUE(set_excepted_patches(connection, "x", patches));
    }
    std::string listed(std::string_view list, std::string_view column) {
        const auto* const table = std::ranges::find(list_tables(), list, &ListTable::name).base();
        ListQuery query;
        query.limit = 10;
        query.sort = *column_of(*table, "source");
        const ListStatement statement = plan_list(*table, query);
        const auto rows = connection.query(statement.text, statement.values);
        EXPECT_TRUE(rows) << rows.error().text();
        std::string text;
        for (const Row& row : *rows) {
            text += text_at(row, *column_of(*table, column)) + ";";
        }
        return text;
    }
};

}  // namespace

TEST(Exceptions, AreReadBackAsTheyWerePut) {
    Scene scene;
    ExceptionRow row = exception();
    EXPECT_EQ(**exception_of(scene.connection, "x"), row);
    row.state = "expired";
    row.approver = "user:bob";
    row.ended_at = kNow;
    row.reminded_days = 7;
    ASSERT_TRUE(put_exception(scene.connection, row));
    EXPECT_EQ(**exception_of(scene.connection, "x"), row);
    EXPECT_FALSE(*exception_of(scene.connection, "y"));
    EXPECT_TRUE(exceptions_in(scene.connection, {"requested", "active"})->empty());
    EXPECT_EQ(exceptions_in(scene.connection, {"expired"})->size(), 1U);
}

TEST(MissedPatches, AreThoseOfHostGroupAndSources) {
    Scene scene;
    EXPECT_EQ(missed_patches(scene.connection, {"", "*", {}})->size(), 2U);
    const auto found = *missed_patches(scene.connection, {"h", "web", {"curl", "bash"}});
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(
        found.front(), (MissedPatch{"h", "web", "", "curl", "2", {"CVE-1", "CVE-2"}, true, true}));
    EXPECT_TRUE(missed_patches(scene.connection, {"", "db", {}})->empty());
    EXPECT_TRUE(missed_patches(scene.connection, {"g", "", {}})->empty());
}

TEST(ExceptedPatches, AreNoLongerMissingInTheLists) {
    Scene scene;
    EXPECT_EQ(scene.listed("patch-states", "state"), "missing;missing;");
    scene.cover(false);
    EXPECT_EQ(scene.listed("patch-states", "state"), "excepted;missing;");
    EXPECT_EQ(scene.listed("patch-states", "exception"), "x;;");
    EXPECT_EQ(scene.listed("patches", "exception"), "x;;");
    EXPECT_EQ(scene.listed("board", "exception"), "x;");
    EXPECT_EQ(scene.listed("board", "reason"), "fix_breaks_app;");
    // What is patched all the same is patched.
    ASSERT_TRUE(
        put_patch_state(scene.connection, {"h", "curl", "2", "verified", {}, "", true, ""}));
    EXPECT_EQ(scene.listed("patch-states", "state"), "verified;missing;");
    ASSERT_TRUE(set_excepted_patches(scene.connection, "x", {}));
    EXPECT_EQ(scene.listed("patches", "exception"), ";;");
}

TEST(ExceptedPatches, AreExploitedWhenWhatTheyCoverIs) {
    Scene scene;
    EXPECT_FALSE(*is_exploited_exception(scene.connection, "x"));
    scene.cover(false);
    EXPECT_TRUE(*is_exploited_exception(scene.connection, "x"));
}

TEST(MissedPatches, HaveWhatNoPatchCloses) {
    Scene scene;
    FleetJudgement judgement;
    judgement.host.host_id = "h";
    judgement.unpatched.resize(1);
    judgement.unpatched[0].source = "bash";
    judgement.unpatched[0].vulnerabilities = {"CVE-3"};
    judgement.unpatched[0].kev = true;
    ASSERT_TRUE(write_judgement(scene.connection, judgement));
    const auto found = *missed_patches(scene.connection, {"h", "*", {}});
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found.front(), (MissedPatch{"h", "web", "", "bash", "", {"CVE-3"}, true, false}));
    const std::vector<ExceptedPatch> patches{{"h", "bash", "", "x", kLater, false}};
    ASSERT_TRUE(set_excepted_patches(scene.connection, "x", patches));
    EXPECT_TRUE(*is_exploited_exception(scene.connection, "x"));
    EXPECT_EQ(scene.listed("board", "exception"), "x;");
}

TEST(ExceptedPatches, OpenNoEmergencyWhereThePatchMustStayAway) {
    Scene scene;
    scene.cover(false);
    EXPECT_EQ(urgent_patches(scene.connection, {"web", {}})->size(), 1U);
    EXPECT_TRUE(sources_kept_away(scene.connection, "h")->empty());
    scene.cover(true);
    EXPECT_TRUE(urgent_patches(scene.connection, {"web", {}})->empty());
    EXPECT_EQ(*sources_kept_away(scene.connection, "h"), std::vector<std::string>{"curl"});
    ASSERT_TRUE(set_excepted_patches_of_host(scene.connection, "h", {}));
    EXPECT_EQ(urgent_patches(scene.connection, {"web", {}})->size(), 1U);
}

TEST(ExceptionEvidence, IsAddedBehindWhatIsThere) {
    Scene scene;
    const std::vector<ExceptionEvidence> one{{"rehearsal", "h", "d", "it failed"}};
    ASSERT_TRUE(add_evidence(scene.connection, "x", one, kNow));
    ASSERT_TRUE(add_evidence(scene.connection, "x", one, kNow));
    const auto rows =
        *scene.connection.query("SELECT number FROM exception_evidence ORDER BY number");
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(number_at(rows.back(), 0), 2);
}

}  // namespace thimble::store
