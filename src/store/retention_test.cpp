#include "thimble/store/retention.hpp"

#include "thimble/store/database.hpp"
#include "thimble/store/deployments.hpp"
#include "thimble/store/hosts.hpp"
#include "thimble/store/jobs.hpp"
#include "thimble/store/scratch_database_test.hpp"

#include <gtest/gtest.h>

namespace thimble::store {
namespace {

constexpr Instant kNow{std::chrono::seconds(1'790'000'000)};
constexpr Instant kOld = kNow - Days(500);
constexpr Instant kCut = kNow - Days(400);

/// Host "h", in a database of its own.
struct Scene {
    ScratchDatabase scratch;
    Connection connection = [this] {
        EXPECT_TRUE(Database::open(scratch.address()));
        return *Connection::open(scratch.address());
    }();

    Scene() {
        HostRecord host;
        host.id = host.name = "h";
        host.inventory_digest = "inventory";
        EXPECT_TRUE(add_host(connection, host));
    }
    void job(const std::string& id, Instant at, const std::string& state = "done") {
        ASSERT_TRUE(add_job(connection, {id, "h", "e", "user:ada", at, at + Days(1)}));
        if (state != "waiting") {
            ASSERT_TRUE(close_job(connection, id, {state, 0, "", "document-of-" + id}));
        }
    }
    void run(const std::string& id, Instant at, const std::string& plan = "") {
        ASSERT_TRUE(keep_run(connection, {"h", id, plan, "apply", "applied", "", id, at}));
    }
    void plan(const std::string& digest, Instant at) {
        ASSERT_TRUE(
            keep_plan(connection, {digest, "h", "document-of-" + digest, "", 0, 0, "none", 0, at}));
    }
    void document(const std::string& digest, Instant at) {
        ASSERT_TRUE(keep_document(connection, {digest, "x", 1}, at));
    }
    ForgottenRecords forget(std::int64_t most = 1000) {
        const auto forgotten = forget_records(connection, kCut, most);
        EXPECT_TRUE(forgotten) << forgotten.error().text();
        return forgotten ? *forgotten : ForgottenRecords{};
    }
    std::string left(const std::string& table, const std::string& column) {
        std::string text;
        const auto rows =
            connection.query("SELECT " + column + " FROM " + table + " ORDER BY " + column);
        for (const Row& row : *rows) {
            text += (text.empty() ? "" : " ") + text_at(row, 0);
        }
        return text;
    }
};

}  // namespace

TEST(ForgetRecords, LeavesOpenJobsThoseOfADeploymentAndTheNewestOfTheHost) {
    Scene scene;
    scene.job("closed", kOld);
    scene.job("waiting", kOld, "waiting");
    scene.job("deployed", kOld);
    scene.job("expired", kOld, "expired");
    scene.job("newest", kOld + Days(1));
    ASSERT_TRUE(add_deployment(scene.connection, {"d", "{}", false, "user:ada", kOld, "", {}}));
    ASSERT_TRUE(add_deployment_host(
        scene.connection, {"d", "h", "verified", kOld, "verify", "deployed", "", "", ""}));

    EXPECT_EQ(scene.forget().jobs, 2);

    EXPECT_EQ(scene.left("job", "id"), "deployed newest waiting");
    EXPECT_EQ(scene.forget().all(), 0);
}

TEST(ForgetRecords, LeavesWhatIsYoung) {
    Scene scene;
    scene.job("a", kCut);
    scene.job("b", kNow);
    scene.run("a", kCut);
    scene.run("b", kNow);

    EXPECT_EQ(scene.forget().all(), 0);
}

TEST(ForgetRecords, LeavesTheNewestReportAndRun) {
    Scene scene;
    ASSERT_TRUE(take_reports(
        scene.connection,
        "h",
        std::vector<Report>{{1, "a", "x"}, {2, "a", "y"}, {3, "a", "z"}},
        kOld));
    scene.run("r1", kOld);
    scene.run("r2", kOld + Days(1));

    const ForgottenRecords forgotten = scene.forget();

    EXPECT_EQ(forgotten.reports, 2);
    EXPECT_EQ(forgotten.runs, 1);
    EXPECT_EQ(scene.left("report", "content"), "z");
    EXPECT_EQ(scene.left("host_run", "run"), "r2");
    EXPECT_EQ(*report_sequence_of(scene.connection, "h"), 3);
}

TEST(ForgetRecords, LeavesPlansThatSomethingNames) {
    Scene scene;
    scene.plan("alone", kOld);
    scene.plan("of-run", kOld);
    scene.plan("newest", kOld + Days(1));
    scene.run("r", kOld, "of-run");

    EXPECT_EQ(scene.forget().plans, 1);

    EXPECT_EQ(scene.left("host_plan", "digest"), "newest of-run");
}

TEST(ForgetRecords, TakesNoMoreThanABatch) {
    Scene scene;
    for (int at = 0; at < 5; ++at) {
        scene.job("j" + std::to_string(at), kOld + Days(at));
    }

    EXPECT_EQ(scene.forget(3).jobs, 3);
    EXPECT_EQ(scene.left("job", "id"), "j3 j4");
}

TEST(UnnamedDocuments, AreThoseOfNoHostPlanOrJob) {
    Scene scene;
    scene.plan("p", kOld);
    scene.job("j", kOld);
    ASSERT_TRUE(add_job(scene.connection, {"k", "h", "e", "user:ada", kOld, kNow}));
    ASSERT_TRUE(close_job(scene.connection, "k", {"done", 0, "", "", "", "evidence-of-k", ""}));
    for (const char* digest :
         {"inventory", "document-of-p", "document-of-j", "evidence-of-k", "old-1", "old-2"}) {
        scene.document(digest, kOld);
    }
    scene.document("young", kNow);

    const auto first = unnamed_documents(scene.connection, kCut, "", 1);
    const auto rest = unnamed_documents(scene.connection, kCut, "old-1", 10);

    ASSERT_TRUE(first && rest);
    EXPECT_EQ(*first, std::vector<std::string>{"old-1"});
    EXPECT_EQ(*rest, std::vector<std::string>{"old-2"});
    scene.document("old-2", kNow);  // it came again meanwhile
    EXPECT_FALSE(*forget_document(scene.connection, "old-2", kCut));
    EXPECT_TRUE(*forget_document(scene.connection, "old-1", kCut));
    EXPECT_FALSE(*forget_document(scene.connection, "old-1", kCut));
    EXPECT_FALSE(*forget_document(scene.connection, "inventory", kCut));
    EXPECT_TRUE(*has_document(scene.connection, "inventory"));
}

}  // namespace thimble::store
