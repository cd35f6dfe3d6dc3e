#include "thimble/store/deployments.hpp"

#include "thimble/store/database.hpp"
#include "thimble/store/hosts.hpp"
#include "thimble/store/jobs.hpp"
#include "thimble/store/list_table.hpp"
#include "thimble/store/scratch_database_test.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

namespace thimble::store {
namespace {

constexpr Instant kNow{std::chrono::seconds(1'790'000'000)};
constexpr std::chrono::hours kHour{1};

Connection connection_with_host(const ScratchDatabase& scratch) {
    EXPECT_TRUE(Database::open(scratch.address()));
    auto connection = Connection::open(scratch.address());
    HostRecord host;
    host.id = "h";
    EXPECT_TRUE(add_host(*connection, host));
    return *std::move(connection);
}

Job job_named(const std::string& id) {
    Job job{id, "h", "e", "user:ada", kNow, kNow + kHour};
    job.kind = "apply";
    job.plan_digest = "p";
    job.deployment_id = "d";
    return job;
}

}  // namespace

TEST(Deployments, AreReadAsTheyWereWritten) {
    const ScratchDatabase scratch;
    Connection connection = connection_with_host(scratch);
    const Deployment deployment{"d", "{}", true, "user:ada", kNow, "because", {}};
    const DeploymentHost host{"d", "h", "applying", kNow, "apply", "j", "p", "r", "w"};

    ASSERT_TRUE(add_deployment(connection, deployment));
    ASSERT_TRUE(add_deployment_host(connection, host));

    EXPECT_EQ(*deployment_of(connection, "d"), deployment);
    EXPECT_EQ(*deployment_of(connection, "x"), std::nullopt);
    EXPECT_EQ(*hosts_of_deployment(connection, "d"), std::vector{host});
    EXPECT_EQ(*host_of_deployment(connection, "d", "h"), host);
    EXPECT_EQ(*host_of_deployment(connection, "d", "x"), std::nullopt);
    EXPECT_EQ(*host_of_deployment(connection, "x", "h"), std::nullopt);
    EXPECT_EQ(*deployment_host_of_job(connection, "j"), host);
    EXPECT_EQ(*deployment_host_of_job(connection, "x"), std::nullopt);
    EXPECT_EQ(*deployment_under_way(connection, "h", {"planning", "applying"}), "d");
    EXPECT_EQ(*deployment_under_way(connection, "h", {"planning"}), "");
}

TEST(Deployments, MoveTheirHostsAndAreCancelledOnce) {
    const ScratchDatabase scratch;
    Connection connection = connection_with_host(scratch);
    DeploymentHost host{"d", "h", "applying", kNow, "apply", "j", "p", "", ""};
    ASSERT_TRUE(add_deployment(connection, {"d", "{}", false, "user:ada", kNow, "because", {}}));
    ASSERT_TRUE(add_deployment_host(connection, host));
    host.phase = "verified";
    host.since = kNow + kHour;

    ASSERT_TRUE(set_deployment_host(connection, host));

    EXPECT_EQ(*hosts_of_deployment(connection, "d"), std::vector{host});
    EXPECT_TRUE(*cancel_deployment(connection, "d", kNow));
    EXPECT_FALSE(*cancel_deployment(connection, "d", kNow));
}

TEST(DeploymentsList, CountsTheHostsOfOneGroupAndLeavesOutWhatHasNone) {
    const ScratchDatabase scratch;
    Connection connection = connection_with_host(scratch);
    HostRecord other;
    other.id = "o";
    other.host_group = "web";
    ASSERT_TRUE(add_host(connection, other));
    ASSERT_TRUE(add_deployment(connection, {"d", "{}", false, "user:ada", kNow, "because", {}}));
    for (const auto& [id, phase] : {std::pair{"h", "applying"}, std::pair{"o", "verified"}}) {
        ASSERT_TRUE(
            add_deployment_host(connection, {"d", id, phase, kNow, "apply", id, "p", "", ""}));
    }
    const ListTable& table = *std::ranges::find(list_tables(), "deployments", &ListTable::name);
    const auto counted = [&](const std::string& group) {
        const ListStatement statement = plan_list(table, {.host_group = group});
        const auto rows = typed_rows(table, *connection.query(statement.text, statement.values));
        std::vector<std::int64_t> numbers;
        for (const Row& row : rows) {
            for (const char* column : {"hosts", "verified", "under_way"}) {
                numbers.push_back(number_at(row, *column_of(table, column)));
            }
        }
        return numbers;
    };

    EXPECT_EQ(counted(""), (std::vector<std::int64_t>{2, 1, 1}));
    EXPECT_EQ(counted("web"), (std::vector<std::int64_t>{1, 1, 0}));
    EXPECT_TRUE(counted("db").empty());
}

TEST(KeepPlan, LeavesWhatIsThere) {
    const ScratchDatabase scratch;
    Connection connection = connection_with_host(scratch);
    const HostPlan plan{"p", "h", "doc", "curl 2", 3, 4, "none", 0, kNow};
    ASSERT_TRUE(keep_plan(connection, plan));

    HostPlan other = plan;
    other.patches = "zlib 1";
    ASSERT_TRUE(keep_plan(connection, other));

    EXPECT_EQ(*plan_of(connection, "p"), plan);
}

TEST(PlannedPatches, AreReadBack) {
    HostPlan plan;
    EXPECT_TRUE(planned_patches(plan).empty());
    plan.patches = "curl 1:2.3-4, zlib 5";

    const std::vector<std::pair<std::string, std::string>> expected{
        {"curl", "1:2.3-4"}, {"zlib", "5"}};
    EXPECT_EQ(planned_patches(plan), expected);
}

TEST(KeepRun, PutsTheLatestWordInThePlaceOfTheLast) {
    const ScratchDatabase scratch;
    Connection connection = connection_with_host(scratch);
    ASSERT_TRUE(keep_run(connection, {"h", "r", "p", "apply", "failed", "", "j", kNow}));

    ASSERT_TRUE(keep_run(connection, {"h", "r", "p", "apply", "applied", "", "j", kNow}));

    ASSERT_TRUE(keep_run(connection, {"h", "r", "p", "apply", "rolled_back", "", "x", kNow}));

    const auto rows = connection.query("SELECT result FROM host_run");
    ASSERT_EQ(rows->size(), 1U);
    EXPECT_EQ(text_at(rows->front(), 0), "applied");
}

TEST(OpenJob, IsOneThatHasNotEndedOrOnlyExpired) {
    const ScratchDatabase scratch;
    Connection connection = connection_with_host(scratch);
    ASSERT_TRUE(add_job(connection, job_named("j")));
    EXPECT_EQ(*open_job(connection, "j", "h"), job_named("j"));
    EXPECT_EQ(*open_job(connection, "j", "other"), std::nullopt);

    EXPECT_TRUE(*close_job(connection, "j", {"expired", 0, "", ""}));
    EXPECT_NE(*open_job(connection, "j", "h"), std::nullopt);
    EXPECT_TRUE(*close_job(connection, "j", {"done", 0, "", "doc"}));

    EXPECT_EQ(*open_job(connection, "j", "h"), std::nullopt);
    EXPECT_FALSE(*close_job(connection, "j", {"failed", 1, "", ""}));
}

TEST(OverdueJobs, AreThoseThatNobodyTookAndThoseThatNeverEnded) {
    const ScratchDatabase scratch;
    Connection connection = connection_with_host(scratch);
    ASSERT_TRUE(add_job(connection, job_named("waits")));
    ASSERT_TRUE(add_job(connection, job_named("runs")));
    ASSERT_TRUE(note_progress(connection, "runs", "half", kNow));
    ASSERT_TRUE(note_progress(connection, "runs", "most", kNow + kHour));

    EXPECT_TRUE(overdue_jobs(connection, {kNow, kNow, kNow})->empty());
    const auto expired = overdue_jobs(connection, {kNow + kHour, kNow, kNow});
    ASSERT_EQ(expired->size(), 1U);
    EXPECT_EQ(expired->front().id, "waits");
    const auto hung = overdue_jobs(connection, {kNow, kNow + kHour, kNow});
    ASSERT_EQ(hung->size(), 1U);
    EXPECT_EQ(hung->front().id, "runs");
}

TEST(OverdueJobs, AreVerificationsSooner) {
    const ScratchDatabase scratch;
    Connection connection = connection_with_host(scratch);
    Job verify = job_named("v");
    verify.kind = "verify";
    ASSERT_TRUE(add_job(connection, verify));
    ASSERT_TRUE(add_job(connection, job_named("p")));
    for (const char* id : {"v", "p"}) {
        ASSERT_TRUE(note_begin(connection, id, kNow));
    }

    EXPECT_TRUE(overdue_jobs(connection, {kNow + kHour, kNow, kNow})->empty());
    const auto overdue = overdue_jobs(connection, {kNow + kHour, kNow, kNow + kHour});
    ASSERT_EQ(overdue->size(), 1U);
    EXPECT_EQ(overdue->front().id, "v");
}

TEST(NoteBegin, IsSaidOnceAndTakesBackWhyItDidNotBegin) {
    const ScratchDatabase scratch;
    Connection connection = connection_with_host(scratch);
    ASSERT_TRUE(add_job(connection, job_named("j")));
    ASSERT_TRUE(note_wait(connection, "j", "no helper"));
    const auto job = [&] {
        return connection.query("SELECT state, progress, begun_at FROM job")->front();
    };

    ASSERT_TRUE(note_begin(connection, "j", kNow));
    EXPECT_EQ(text_at(job(), 0), "running");
    EXPECT_EQ(text_at(job(), 1), "");
    EXPECT_EQ(number_at(job(), 2), kNow.time_since_epoch().count());
    ASSERT_TRUE(note_progress(connection, "j", "half", kNow));
    ASSERT_TRUE(note_begin(connection, "j", kNow + kHour));
    EXPECT_EQ(text_at(job(), 1), "half") << "it is given again after a restart";
    EXPECT_EQ(number_at(job(), 2), kNow.time_since_epoch().count());
}

TEST(NextJobSequence, RisesWithEachJobAndNeverFallsBelowTheClock) {
    const ScratchDatabase scratch;
    Connection connection = connection_with_host(scratch);

    const std::int64_t first = *next_job_sequence(connection, "h", kNow);
    const std::int64_t second = *next_job_sequence(connection, "h", kNow);
    const std::int64_t back = *next_job_sequence(connection, "h", kNow - kHour);
    const std::int64_t later = *next_job_sequence(connection, "h", kNow + kHour);

    EXPECT_EQ(first, kNow.time_since_epoch().count() * 1000);
    EXPECT_EQ(second, first + 1);
    EXPECT_EQ(back, second + 1);
    EXPECT_EQ(later, first + 3'600'000);
    EXPECT_EQ(next_job_sequence(connection, "x", kNow).error().code, "store.no_host");
}

}  // namespace thimble::store
