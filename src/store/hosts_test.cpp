#include "thimble/store/hosts.hpp"

#include "thimble/store/database.hpp"
#include "thimble/store/host_marks.hpp"
#include "thimble/store/jobs.hpp"
#include "thimble/store/scratch_database_test.hpp"
#include "thimble/store/tokens.hpp"

#include <gtest/gtest.h>

namespace thimble::store {
namespace {

constexpr Instant kNow{std::chrono::seconds(1'790'000'000)};
constexpr std::chrono::hours kHour{1};

Connection connection_with_host(const ScratchDatabase& scratch) {
    EXPECT_TRUE(Database::open(scratch.address()));
    auto connection = Connection::open(scratch.address());
    HostRecord host;
    host.id = "h";
    host.enrolled_at = kNow;
    EXPECT_TRUE(add_host(*connection, host));
    return *std::move(connection);
}

Result<std::int64_t> take(Connection& connection, std::vector<std::int64_t> sequences) {
    std::vector<Report> reports;
    for (const std::int64_t sequence : sequences) {
        reports.push_back({sequence, "run", "{}"});
    }
    return take_reports(connection, "h", reports, kNow);
}

}  // namespace

TEST(TakeReports, TakesEachOnceAndInOrder) {
    const ScratchDatabase scratch;
    Connection connection = connection_with_host(scratch);

    EXPECT_EQ(*take(connection, {1, 2}), 2);
    EXPECT_EQ(*take(connection, {1, 2}), 2);     // the answer was lost
    EXPECT_EQ(*take(connection, {2, 3, 4}), 4);  // half of it was
    EXPECT_EQ(*take(connection, {}), 4);

    EXPECT_EQ(connection.query("SELECT sequence FROM report")->size(), 4U);
    EXPECT_EQ(all_hosts(connection)->front().report_sequence, 4);
}

TEST(TakeReports, RefusesAGapAndAnUnknownHost) {
    const ScratchDatabase scratch;
    Connection connection = connection_with_host(scratch);

    EXPECT_EQ(take(connection, {2}).error().code, "store.report_gap");
    EXPECT_EQ(take_reports(connection, "x", {}, kNow).error().code, "store.no_host");
}

TEST(KeepDocument, KeepsOneForAllHosts) {
    const ScratchDatabase scratch;
    Connection connection = connection_with_host(scratch);

    ASSERT_TRUE(keep_document(connection, {"d1", "abc", 9}, kNow));
    ASSERT_TRUE(keep_document(connection, {"d1", "other bytes, same content", 9}, kNow));

    EXPECT_EQ(document_of(connection, "d1")->compressed, "abc");
    EXPECT_EQ(document_of(connection, "d2").error().code, "store.no_document");
}

TEST(NoteSightings, KeepsWhatTheHostSaid) {
    const ScratchDatabase scratch;
    Connection connection = connection_with_host(scratch);

    ASSERT_TRUE(note_sightings(
        connection, std::vector<Sighting>{{"h", kNow, "1.2", "boot", kNow + kHour, "10.0.0.1"}}));

    const HostRecord host = all_hosts(connection)->front();
    EXPECT_EQ(host.last_seen_at, kNow);
    EXPECT_EQ(host.agent_version, "1.2");
    EXPECT_EQ(host.boot_id, "boot");
    EXPECT_EQ(host.silent_at, kNow + kHour);
    EXPECT_EQ(host.address, "10.0.0.1");
    ASSERT_TRUE(set_host_reach(connection, "h", "ssh"));
    ASSERT_TRUE(note_sightings(
        connection, std::vector<Sighting>{{"h", kNow, "1.2", "boot", kNow + kHour, "10.0.0.9"}}));
    EXPECT_EQ(all_hosts(connection)->front().address, "") << "that is where its relay is";
}

TEST(UseEnrolmentToken, OnceUnlessReusableAndOnlyWhileItLasts) {
    const ScratchDatabase scratch;
    Connection connection = connection_with_host(scratch);
    EnrolmentToken token{"one", "digest", "lab", "g", false, "ada", kNow, kNow + kHour};
    ASSERT_TRUE(add_enrolment_token(connection, token));
    token.id = "many";
    token.reusable = true;
    ASSERT_TRUE(add_enrolment_token(connection, token));
    const auto use = [&](const std::string& id, const std::string& digest, Instant now) {
        return use_enrolment_token(connection, id, digest, now)->has_value();
    };

    EXPECT_FALSE(use("one", "another", kNow));
    EXPECT_FALSE(use("one", "digest", kNow + kHour));
    EXPECT_TRUE(use("one", "digest", kNow));
    EXPECT_FALSE(use("one", "digest", kNow));
    EXPECT_TRUE(use("many", "digest", kNow));
    EXPECT_TRUE(use("many", "digest", kNow));
    EXPECT_TRUE(*revoke_enrolment_token(connection, "many", kNow));
    EXPECT_FALSE(*revoke_enrolment_token(connection, "many", kNow));
    EXPECT_FALSE(use("many", "digest", kNow));
}

TEST(WaitingJobs, AreThoseThatAreNeitherFinishedNorExpired) {
    const ScratchDatabase scratch;
    Connection connection = connection_with_host(scratch);
    ASSERT_TRUE(add_job(connection, {"j2", "h", "e", "ada", kNow, kNow + kHour}));
    ASSERT_TRUE(add_job(connection, {"j1", "h", "e", "ada", kNow, kNow + kHour}));
    ASSERT_TRUE(add_job(connection, {"j3", "h", "e", "ada", kNow, kNow}));

    EXPECT_EQ(waiting_jobs(connection, kNow)->size(), 2U);
    EXPECT_FALSE(*finish_job(connection, "j1", "another", kNow));
    EXPECT_TRUE(*finish_job(connection, "j1", "h", kNow));
    EXPECT_EQ(waiting_jobs(connection, kNow)->front().id, "j2");
}

}  // namespace thimble::store
