#include "thimble/server/deployment_course.hpp"

#include "thimble/apply/plan_file.hpp"
#include "thimble/base/digest.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/protocol/admit_job.hpp"
#include "thimble/server/handlers.hpp"
#include "thimble/server/keep_document_test.hpp"
#include "thimble/store/list_table.hpp"
#include "thimble/store/patch_states.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <tuple>

namespace thimble::server {
namespace {

constexpr Instant kNow{std::chrono::seconds(1'790'000'000)};

/// A plan for what a deployment selects by default.
model::Plan plan_of_curl() {
    model::Plan plan;
    plan.created_at = kNow;
    plan.host = "a";
    plan.manager = "apt";
    plan.patches = {{"curl", "1", "2", {}}};
    return plan;
}
const std::string kPlan = apply::plan_digest(plan_of_curl());

/// A folder, a database and keys, with hosts "a" and "b".
struct Scene {
    std::filesystem::path folder = [] {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "thimble-course-XXXXXX").string();
        return std::filesystem::path(::mkdtemp(pattern.data()));
    }();
    store::Database database = *store::Database::open(
        {store::DatabaseAddress::Kind::Sqlite, (folder / "thimble.db").string()});
    Authority authority = *Authority::load_or_make(folder / "keys", kNow);
    Context context{database, authority, authority.deployment_public_key(), "", {}, {}, {}, {}, {}};
    std::int64_t sequence = 0;

    Scene() {
        for (const char* id : {"a", "b"}) {
            store::HostRecord host;
            host.id = host.name = id;
            EXPECT_TRUE(database.transact(
                [&](store::Connection& connection) { return store::add_host(connection, host); }));
        }
    }
    Scene(const Scene&) = delete;
    Scene& operator=(const Scene&) = delete;
    Scene(Scene&&) = delete;
    Scene& operator=(Scene&&) = delete;
    ~Scene() { std::filesystem::remove_all(folder); }

    Result<JobChanges> begin(
        const std::string& id,
        const std::vector<std::string>& hosts,
        const std::string& scope = "*") {
        return database.transact([&](store::Connection& connection) {
            return begin_deployment(
                context,
                connection,
                {id, "", false, "user:ada", kNow, "why", {}, scope},
                {},
                hosts);
        });
    }
    void move(const std::string& host, const std::string& group) {
        EXPECT_TRUE(database.transact([&](store::Connection& connection) {
            return store::set_host_group(connection, host, group);
        }));
    }
    void add(const store::Job& job) {
        EXPECT_TRUE(database.transact(
            [&](store::Connection& connection) { return store::add_job(connection, job); }));
    }
    void forget_jobs() {
        EXPECT_TRUE(database.transact([](store::Connection& connection) -> Result<void> {
            THIMBLE_TRY(connection.execute("DELETE FROM deployment_host"));
            THIMBLE_TRY(connection.execute("DELETE FROM job"));
            return {};
        }));
    }
    void put_curl(const std::string& state) {
        EXPECT_TRUE(database.transact([&](store::Connection& connection) {
            return store::put_patch_state(
                connection, {"a", "curl", "2", state, kNow, "", false, ""});
        }));
    }
    std::vector<std::string> lose(Instant now) {
        const auto changes = change(context, now, [&](auto& connection, Trail& trail) {
            return lose_overdue_jobs(context, connection, trail);
        });
        EXPECT_TRUE(changes);
        return changes->closed;
    }
    JobChanges report(
        const std::string& host, const std::string& kind, const std::string& content) {
        const std::vector<store::Report> reports{{++sequence, kind, content}};
        const auto changes = change(context, kNow, [&](auto& connection, Trail& trail) {
            return take_job_reports(context, connection, trail, host, reports);
        });
        EXPECT_TRUE(changes) << changes.error().text();
        return *changes;
    }
    /// Keeps a document as an agent sends it.
    /// @return its digest
    std::string keep(const std::string& text) {
        keep_document_for_test(database, text, sha256_of(text), kNow);
        return sha256_of(text);
    }
    /// A result; a document comes with it where a plan is named.
    JobChanges result(const store::Job& job, int status, const std::string& plan = "") {
        return result(job, status, plan, plan.empty() ? "" : apply::format_plan(plan_of_curl()));
    }
    JobChanges result(
        const store::Job& job, int status, const std::string& plan, const std::string& document) {
        return result(job, status, plan, document, "");
    }
    /// @param evidence  digest of a document; empty: none
    JobChanges result(
        const store::Job& job,
        int status,
        const std::string& plan,
        const std::string& document,
        const std::string& evidence) {
        std::string text;
        JsonWriter json(text);
        json.open_object().member("job", job.id).member("kind", job.kind);
        json.member("outcome", status == 0 ? "done" : "failed");
        json.key("exit_status").number(status);
        json.member_or_null("plan_digest", plan).key("documents").open_array();
        if (!document.empty()) {
            json.text(keep(document));
        }
        if (!evidence.empty()) {
            json.text(evidence);
        }
        json.close_array().member_or_null("evidence", evidence);
        json.member("output", "it says\nso").close_object();
        return report(job.host_id, "job.result", text);
    }
    std::vector<store::Row> rows(const std::string& statement) {
        return *database.look(
            [&](store::Connection& connection) { return connection.query(statement); });
    }
    std::string phase(const std::string& host) {
        return store::text_at(
            rows("SELECT phase FROM deployment_host WHERE host_id = '" + host + "'").front(), 0);
    }
};

/// What is in a job, as its host takes it.
protocol::Job admitted(const Scene& scene, const store::Job& job) {
    const auto envelope = protocol::parse_envelope(job.envelope);
    EXPECT_TRUE(envelope);
    const auto taken = protocol::admit_job(
        *envelope,
        {job.host_id, *protocol::parse_deployment_key(scene.context.deployment_key)},
        {},
        kNow);
    EXPECT_TRUE(taken) << protocol::job_refusal_name(taken.error());
    return *taken;
}

}  // namespace

TEST(BeginDeployment, GivesEachHostASignedPrefetchOfItsOwn) {
    Scene scene;

    const auto changes = scene.begin("d", {"a", "b"});

    ASSERT_TRUE(changes) << changes.error().text();
    ASSERT_EQ(changes->made.size(), 2U);
    EXPECT_EQ(admitted(scene, changes->made[0]).kind, protocol::JobKind::Prefetch);
    EXPECT_EQ(admitted(scene, changes->made[1]).host, "b");
    EXPECT_EQ(scene.phase("a"), "planning");
}

TEST(BeginDeployment, RefusesAHostThatHasOneUnderWay) {
    Scene scene;
    ASSERT_TRUE(scene.begin("d", {"a"}));

    EXPECT_EQ(scene.begin("e", {"a", "b"}).error().code, "server.host_busy");
    EXPECT_EQ(scene.rows("SELECT id FROM deployment").size(), 1U);
}

TEST(TakeJobReports, LeadsFromThePlanToItsRehearsal) {
    Scene scene;
    const store::Job prefetch = scene.begin("d", {"a"})->made[0];

    const JobChanges changes = scene.result(prefetch, 0, kPlan);

    ASSERT_EQ(changes.made.size(), 1U);
    const protocol::Job rehearse = admitted(scene, changes.made[0]);
    EXPECT_EQ(rehearse.kind, protocol::JobKind::Rehearse);
    EXPECT_EQ(rehearse.plan_digest, kPlan);
    EXPECT_EQ(scene.phase("a"), "rehearsing");
}

TEST(TakeJobReports, GivesTheTransactionALease) {
    Scene scene;
    const store::Job prefetch = scene.begin("d", {"a"})->made[0];
    const store::Job rehearse = scene.result(prefetch, 0, kPlan).made[0];

    const protocol::Job apply = admitted(scene, scene.result(rehearse, 0).made[0]);

    EXPECT_EQ(apply.kind, protocol::JobKind::Apply);
    EXPECT_FALSE(apply.lease.empty());
    EXPECT_GT(apply.sequence, admitted(scene, rehearse).sequence);
}

TEST(TakeJobReports, KeepsTheEvidenceWithTheJobAndSaysWhatIsWrongWithIt) {
    const std::string good =
        R"({"format":"thimble.evidence/1","at":"2026-12-01T00:00:00Z","host":"a","texts":[],)"
        R"("processes":[],"files":[],"differences":[],"gaps":[]})";
    const std::string bad = R"({"format":"thimble.evidence/1"})";
    const std::string applied = R"({"run":"r1","result":"applied","reason":null})";
    const std::tuple<std::string, bool, std::string> cases[] = {
        {good, true, ""}, {bad, true, "at"}, {good, false, "it did not come"}};
    for (const auto& [document, comes, complaint] : cases) {
        Scene scene;
        const store::Job prefetch = scene.begin("d", {"a"})->made[0];
        const store::Job rehearse = scene.result(prefetch, 0, kPlan).made[0];
        const store::Job apply = scene.result(rehearse, 0).made[0];
        const std::string digest = comes ? scene.keep(document) : sha256_of(document);

        scene.result(apply, 0, "", applied, digest);

        const auto kept = *scene.database.look([&](store::Connection& connection) {
            return store::evidence_of_job(connection, apply.id);
        });
        ASSERT_TRUE(kept);
        EXPECT_EQ(kept->digest, digest);
        EXPECT_EQ(kept->deployment_id, "d");
        EXPECT_NE(kept->why.find(complaint), std::string::npos) << kept->why;
        EXPECT_EQ(kept->why.empty(), complaint.empty());
        // Whatever it is, the run is what it is.
        EXPECT_EQ(scene.phase("a"), "verifying");
        EXPECT_EQ(scene.rows("SELECT 1 FROM host_run WHERE run = 'r1'").size(), 1U);
    }
    Scene scene;
    const store::Job prefetch = scene.begin("d", {"a"})->made[0];
    scene.result(prefetch, 0, kPlan);
    EXPECT_FALSE(*scene.database.look([&](store::Connection& connection) {
        return store::evidence_of_job(connection, prefetch.id);
    }));
}

TEST(TakeJobReports, CountsAReportOnce) {
    Scene scene;
    const store::Job prefetch = scene.begin("d", {"a"})->made[0];
    EXPECT_EQ(scene.result(prefetch, 0, kPlan).made.size(), 1U);

    EXPECT_EQ(scene.result(prefetch, 0, kPlan).made.size(), 0U);
    EXPECT_EQ(scene.phase("a"), "rehearsing");
}

TEST(TakeJobReports, DoesNotTakeOneHostsWordForAnother) {
    Scene scene;
    const store::Job prefetch = scene.begin("d", {"a"})->made[0];
    store::Job claimed = prefetch;
    claimed.host_id = "b";

    EXPECT_EQ(scene.result(claimed, 0, kPlan).made.size(), 0U);
    EXPECT_EQ(scene.phase("a"), "planning");
}

TEST(TakeJobReports, EndsWhereTheRehearsalFailed) {
    Scene scene;
    const store::Job prefetch = scene.begin("d", {"a"})->made[0];
    const store::Job rehearse = scene.result(prefetch, 0, kPlan).made[0];

    EXPECT_EQ(scene.result(rehearse, 1).made.size(), 0U);

    EXPECT_EQ(scene.phase("a"), "rehearsal-failed");
    EXPECT_EQ(store::text_at(scene.rows("SELECT why FROM deployment_host").front(), 0), "so");
}

TEST(TakeJobReports, NotesProgress) {
    Scene scene;
    const store::Job prefetch = scene.begin("d", {"a"})->made[0];

    scene.report("a", "job.progress", R"({"job":")" + prefetch.id + R"(","text":"half"})");

    const auto rows = scene.rows("SELECT state, progress FROM job");
    EXPECT_EQ(store::text_at(rows.front(), 0), "running");
    EXPECT_EQ(store::text_at(rows.front(), 1), "half");
}

TEST(TakeJobReports, NotesThatAHostIsAtAJobThatNeedsNoLease) {
    Scene scene;
    store::Job job = scene.begin("d", {"a"})->made[0];
    const auto state_after_begin = [&] {
        scene.report("a", "job.begun", R"({"job":")" + job.id + R"("})");
        return store::text_at(
            scene.rows("SELECT state FROM job WHERE id = '" + job.id + "'")[0], 0);
    };

    EXPECT_EQ(state_after_begin(), "running");
    EXPECT_EQ(
        store::number_at(scene.rows("SELECT begun_at FROM job").front(), 0),
        kNow.time_since_epoch().count());
    job = scene.result(job, 0, kPlan).made[0];
    EXPECT_EQ(state_after_begin(), "running") << "rehearse";
    job = scene.result(job, 0).made[0];
    ASSERT_EQ(job.kind, "apply");
    EXPECT_EQ(state_after_begin(), "waiting") << "without its lease nothing is changed";
}

TEST(TakeJobReports, HearsOfVerificationsAndRestartsWithinTwoHours) {
    Scene scene;
    const auto begun = scene.database.transact([&](store::Connection& connection) {
        return begin_deployment(
            scene.context,
            connection,
            {"d", "", true, "user:ada", kNow, "why", {}, "*"},
            {},
            std::vector<std::string>{"a"});
    });
    store::Job job = begun->made[0];
    EXPECT_EQ(job.expires_at, kNow + std::chrono::hours(24));
    job = scene.result(job, 0, kPlan).made[0];
    EXPECT_EQ(job.expires_at, kNow + std::chrono::hours(24)) << "the host is as it was";
    job = scene.result(job, 0).made[0];
    job = scene.result(job, 0, "", R"({"run":"r","result":"applied","reason":null})").made[0];
    ASSERT_EQ(job.kind, "verify");
    EXPECT_EQ(job.expires_at, kNow + std::chrono::hours(2));
    const std::string pending =
        R"({"patches":[{"source":"curl","from_version":"1","to_version":"2",)"
        R"("state":"installed_pending_restart","evidence":[]}]})";
    job = scene.result(job, 1, "", pending).made[0];
    ASSERT_EQ(job.kind, "restart-services");
    EXPECT_EQ(job.expires_at, kNow + std::chrono::hours(2));
}

TEST(TakeJobReports, NotesWhyAJobDoesNotBeginUntilItDoes) {
    Scene scene;
    const store::Job prefetch = scene.begin("d", {"a"})->made[0];
    const auto say = [&](const std::string& kind, const std::string& text) {
        scene.report("a", kind, R"({"job":")" + prefetch.id + R"(","text":")" + text + R"("})");
    };

    say("job.waiting", "the root helper does not answer");
    auto rows = scene.rows("SELECT state, progress, begun_at FROM job");
    EXPECT_EQ(store::text_at(rows.front(), 0), "waiting");
    EXPECT_EQ(store::text_at(rows.front(), 1), "the root helper does not answer");
    EXPECT_EQ(store::number_at(rows.front(), 2), 0);

    say("job.progress", "half");
    say("job.waiting", "late word");
    rows = scene.rows("SELECT state, progress FROM job");
    EXPECT_EQ(store::text_at(rows.front(), 0), "running");
    EXPECT_EQ(store::text_at(rows.front(), 1), "half");
}

TEST(TakeJobReports, SignsNothingForAPlanThatDidNotComeOrSelectsSomethingElse) {
    Scene scene;
    const auto jobs = scene.begin("d", {"a", "b"})->made;
    model::Plan other = plan_of_curl();
    other.selection.all = true;

    EXPECT_EQ(scene.result(jobs[0], 0, kPlan, "").made.size(), 0U);
    EXPECT_EQ(
        scene.result(jobs[1], 0, apply::plan_digest(other), apply::format_plan(other)).made.size(),
        0U);

    EXPECT_EQ(scene.phase("a"), "failed");
    EXPECT_EQ(scene.phase("b"), "failed");
}

TEST(TakeJobReports, CallsNothingVerifiedOfWhichTheVerificationDoesNotTell) {
    const auto phase_after = [](const std::string& patches) {
        Scene scene;
        store::Job job = scene.begin("d", {"a"})->made[0];
        job = scene.result(job, 0, kPlan).made[0];
        job = scene.result(job, 0).made[0];
        job = scene.result(job, 0, "", R"({"run":"r","result":"applied","reason":null})").made[0];
        scene.result(job, 0, "", R"({"patches":[)" + patches + "]}");
        return scene.phase("a");
    };
    const std::string curl =
        R"({"source":"curl","from_version":"1","to_version":"2","state":"verified","evidence":[]})";

    EXPECT_EQ(phase_after(curl), "verified");
    EXPECT_EQ(phase_after(""), "unknown");
    EXPECT_EQ(
        phase_after(
            R"({"source":"zlib","from_version":"1","to_version":"2","state":"verified","evidence":[]})"),
        "unknown");
}

TEST(TakeJobReports, ClosesAJobForTheAgentsDoorWhenItsEndIsHeard) {
    Scene scene;
    const store::Job prefetch = scene.begin("d", {"a"})->made[0];

    const JobChanges changes = scene.result(prefetch, 0, kPlan);

    EXPECT_EQ(changes.closed, std::vector{prefetch.id});
    const auto waiting = scene.database.look(
        [](store::Connection& connection) { return store::waiting_jobs(connection, kNow); });
    ASSERT_EQ(waiting->size(), 1U);
    EXPECT_EQ(waiting->front().kind, "rehearse");
}

TEST(CancelDeployment, WithdrawsWhatNobodyTookAndLetsNothingFollow) {
    Scene scene;
    const store::Job prefetch = scene.begin("d", {"a"})->made[0];

    const auto changes = scene.database.transact([&](store::Connection& connection) {
        return cancel_deployment(connection, "d", "not today", kNow);
    });

    ASSERT_TRUE(changes);
    EXPECT_EQ(changes->closed, std::vector{prefetch.id});
    EXPECT_EQ(scene.phase("a"), "cancelled");
    EXPECT_EQ(scene.result(prefetch, 0, kPlan).made.size(), 0U);
    EXPECT_TRUE(scene.begin("e", {"a"}));
}

TEST(LoseOverdueJobs, LeavesTheHostUnknownUntilALateReport) {
    Scene scene;
    const store::Job prefetch = scene.begin("d", {"a"})->made[0];
    const Instant later = prefetch.expires_at;
    EXPECT_TRUE(scene.lose(kNow).empty());

    EXPECT_EQ(scene.lose(later), std::vector{prefetch.id});

    EXPECT_EQ(scene.phase("a"), "unknown");
    EXPECT_TRUE(scene.lose(later).empty());
    EXPECT_EQ(scene.result(prefetch, 0, kPlan).made.size(), 1U);
    EXPECT_EQ(scene.phase("a"), "rehearsing");
}

TEST(LoseOverdueJobs, SaysThatTheServerDecidedItAndOfWhichJob) {
    Scene scene;
    const store::Job prefetch = scene.begin("d", {"a"})->made[0];

    scene.lose(prefetch.expires_at);

    const auto row =
        scene
            .rows(
                "SELECT actor, before_json, after_json FROM audit WHERE action = 'deployment.step'")
            .at(0);
    EXPECT_EQ(store::text_at(row, 0), "server");
    EXPECT_NE(
        store::text_at(row, 1).find(R"("job":")" + prefetch.id + R"(","job_kind":"prefetch")"),
        std::string::npos);
}

TEST(TakeJobReports, SaysInTheAuditLogWhichJobEndedAndWhichFollows) {
    Scene scene;
    const store::Job prefetch = scene.begin("d", {"a"})->made[0];
    const store::Job rehearse = scene.result(prefetch, 0, kPlan).made[0];

    const auto row =
        scene
            .rows(
                "SELECT actor, before_json, after_json FROM audit WHERE action = 'deployment.step'")
            .at(0);
    EXPECT_EQ(store::text_at(row, 0), "host:a");
    EXPECT_NE(store::text_at(row, 1).find(prefetch.id), std::string::npos);
    EXPECT_NE(
        store::text_at(row, 2).find(R"("job":")" + rehearse.id + R"(","job_kind":"rehearse")"),
        std::string::npos);
}

TEST(TakeJobReports, DoesNotGoOnLateWhereANewerDeploymentHasTheHost) {
    Scene scene;
    const store::Job lost = scene.begin("d", {"a"})->made[0];
    scene.lose(lost.expires_at);
    const store::Job newer = scene.begin("e", {"a"})->made[0];

    EXPECT_EQ(scene.result(lost, 0, kPlan).made.size(), 0U);

    const auto rows =
        scene.rows("SELECT phase, why, plan_digest FROM deployment_host ORDER BY deployment_id");
    EXPECT_EQ(store::text_at(rows.at(0), 0), "cancelled");
    EXPECT_NE(store::text_at(rows.at(0), 1).find("deployment e"), std::string::npos);
    EXPECT_EQ(store::text_at(rows.at(0), 2), kPlan);  // what was heard is on record
    EXPECT_EQ(scene.result(newer, 0, kPlan).made.size(), 1U);
}

TEST(TakeJobReports, EndsADeploymentThatMayNotGoOnInTheGroupTheHostWasMovedTo) {
    const auto phase_after_move = [](const std::string& scope, const std::string& group) {
        Scene scene;
        scene.move("a", "web");
        const store::Job prefetch = scene.begin("d", {"a"}, scope)->made[0];
        scene.move("a", group);
        scene.result(prefetch, 0, kPlan);
        return scene.phase("a");
    };

    EXPECT_EQ(phase_after_move("web", "web"), "rehearsing");
    EXPECT_EQ(phase_after_move("web", "db"), "cancelled");
    EXPECT_EQ(phase_after_move("*", "db"), "rehearsing");
}

TEST(TakeJobReports, MovesThePatchesOfATransactionByItself) {
    const auto state_after = [](const std::string& kind, const std::string& run) {
        Scene scene;
        scene.result(scene.begin("d", {"a"})->made[0], 0, kPlan);  // the plan is known
        scene.put_curl("missing");
        const store::Job job{
            "j", "a", "x", "user:ada", kNow, kNow + std::chrono::hours(1), kind, kPlan, "", ""};
        scene.add(job);
        scene.result(job, run.empty() ? 1 : 0, "", run);
        return store::text_at(scene.rows("SELECT state FROM patch_state").at(0), 0);
    };

    EXPECT_EQ(
        state_after("rollback", R"({"run":"r","result":"rolled_back","reason":null})"),
        "rolled_back");
    EXPECT_EQ(
        state_after("apply", R"({"run":"r","result":"failed_health","reason":"x"})"),
        "failed_health");
    // Nothing verifies it: the next inventory tells.
    EXPECT_EQ(state_after("apply", R"({"run":"r","result":"applied","reason":null})"), "unknown");
    EXPECT_EQ(state_after("apply", R"({"run":"r","result":"skipped","reason":"busy"})"), "missing");
    EXPECT_EQ(state_after("rehearse", ""), "missing");
}

TEST(TakeJobReports, FindsThePlanOfARollbackByItsRun) {
    Scene scene;
    scene.result(scene.begin("d", {"a"})->made[0], 0, kPlan);
    scene.put_curl("missing");
    ASSERT_TRUE(scene.database.transact([](store::Connection& connection) {
        return store::keep_run(
            connection, {"a", "r", kPlan, "apply", "applied", "", "earlier", kNow});
    }));
    const store::Job job{
        "j", "a", "x", "user:ada", kNow, kNow + std::chrono::hours(1), "rollback", "", "r", ""};
    scene.add(job);

    scene.result(job, 0, "", R"({"run":"r","result":"rolled_back","reason":null})");

    EXPECT_EQ(store::text_at(scene.rows("SELECT state FROM patch_state").at(0), 0), "rolled_back");
}

TEST(CreateJob, KnowsAJobThatWasSignedElsewhereByTheIdThatItsHostWillName) {
    Scene scene;
    const store::Job signed_once = scene.begin("d", {"a"})->made[0];
    scene.forget_jobs();
    store::HostRecord host;
    host.id = "a";
    host.host_group = "web";
    scene.context.roster.with([&](Roster& roster) { roster.add_host(host); });
    Request request;
    JsonWriter(request.body)
        .open_object()
        .member("host_id", "a")
        .member("envelope", signed_once.envelope)
        .close_object();
    request.now = kNow;
    const Principal ada{"user:ada", {}, {Action::Operate}, "*", "", ""};
    const std::vector<std::string> parameters;

    ASSERT_TRUE(create_job(scene.context, Call{request, parameters, &ada}));
    scene.result(signed_once, 1);

    const auto rows = scene.rows("SELECT id, kind, state FROM job");
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(store::text_at(rows[0], 0), signed_once.id);
    EXPECT_EQ(store::text_at(rows[0], 1), "prefetch");
    EXPECT_EQ(store::text_at(rows[0], 2), "failed");
    // Given again it is another row: the first is closed.
    ASSERT_TRUE(create_job(scene.context, Call{request, parameters, &ada}));
    EXPECT_EQ(scene.rows("SELECT id FROM job").size(), 2U);
}

}  // namespace thimble::server
