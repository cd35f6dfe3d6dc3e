#include "thimble/server/rollout_course.hpp"

#include "thimble/apply/plan_file.hpp"
#include "thimble/base/digest.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/server/deployment_course.hpp"
#include "thimble/server/emergency_watch.hpp"
#include "thimble/server/keep_document_test.hpp"
#include "thimble/store/fleet.hpp"
#include "thimble/store/hosts.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>

namespace thimble::server {
namespace {

const char* const kPolicy = R"(
policy: web
hosts: {groups: [staging, canary, broad]}
rings:
  - {name: staging, hosts: {groups: [staging]}, soak: 1h}
  - {name: canary, hosts: {groups: [canary]}}
  - {name: broad, hosts: {groups: [broad]}}
windows: [{rule: FREQ=DAILY, opens: "22:00", lasts: 4h}]
health: {failures: 0}
approval: {people: 1, before: broad}
)";

/// A server without its network: hosts s, c and b of three groups. It is midnight, the window is open.
struct Scene {
    std::filesystem::path folder = [] {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "thimble-rollout-XXXXXX").string();
        return std::filesystem::path(::mkdtemp(pattern.data()));
    }();
    Instant now = *parse_instant("2026-12-01T00:00:00Z");
    store::Database database = *store::Database::open(
        {store::DatabaseAddress::Kind::Sqlite, (folder / "thimble.db").string()});
    Authority authority = *Authority::load_or_make(folder / "keys", now);
    Context context{
        database, authority, *authority.deployment_public_key(), "", {}, {}, {}, {}, {}};
    std::map<std::string, std::int64_t> sequences;

    Scene() {
        const std::pair<const char*, const char*> hosts[] = {
            {"s", "staging"}, {"c", "canary"}, {"b", "broad"}};
        for (const auto& [id, group] : hosts) {
            store::HostRecord host;
            host.id = host.name = id;
            host.host_group = group;
            host.operating_system = "Debian 12";
            EXPECT_TRUE(database.transact(
                [&](store::Connection& connection) { return store::add_host(connection, host); }));
        }
        EXPECT_TRUE(database.transact([&](store::Connection& connection) {
            return store::set_policy(connection, {"web", kPolicy, "d", "user:ada", now});
        }));
    }
    Scene(const Scene&) = delete;
    Scene& operator=(const Scene&) = delete;
    Scene(Scene&&) = delete;
    Scene& operator=(Scene&&) = delete;
    ~Scene() { std::filesystem::remove_all(folder); }

    Result<void> begin(const std::string& id, bool is_emergency = false) {
        return change(context, now, [&](auto& connection, Trail& trail) -> Result<void> {
            const RolloutOrder order{id, "web", is_emergency, "user:ada", "because", "*"};
            THIMBLE_TRY(const auto planned, plan_rollout(connection, order, now));
            THIMBLE_TRY(keep_rollout(connection, order, planned));
            return drive_rollout(context, connection, trail, id, rollout::Ticked{});
        });
    }
    Result<void> take(const std::string& id, const rollout::Event& event) {
        return change(context, now, [&](auto& connection, Trail& trail) {
            return drive_rollout(context, connection, trail, id, event);
        });
    }
    void drive() { ASSERT_TRUE(drive_rollouts(context, now)); }

    std::vector<store::Row> rows(const std::string& statement) {
        return *database.look(
            [&](store::Connection& connection) { return connection.query(statement); });
    }
    std::string phase(const std::string& host, const std::string& id = "r") {
        return store::text_at(
            rows(
                "SELECT phase FROM deployment_host WHERE host_id = '" + host
                + "' AND deployment_id = '" + id + "'")
                .front(),
            0);
    }
    std::string rollout_phase() {
        return store::text_at(rows("SELECT phase FROM rollout").front(), 0);
    }
    /// The job that a host has in a deployment.
    store::Job job(const std::string& host, const std::string& id = "r") {
        const std::string job_id = store::text_at(
            rows(
                "SELECT job_id FROM deployment_host WHERE host_id = '" + host
                + "' AND deployment_id = '" + id + "'")
                .front(),
            0);
        return **database.look([&](store::Connection& connection) {
            return store::open_job(connection, job_id, host);
        });
    }
    std::string keep(const std::string& text) {
        keep_document_for_test(database, text, sha256_of(text), now);
        return sha256_of(text);
    }
    void result(
        const store::Job& job,
        const std::string& plan,
        const std::string& document,
        int status = 0) {
        std::string text;
        JsonWriter json(text);
        json.open_object().member("job", job.id).member("kind", job.kind);
        json.member("outcome", status == 0 ? "done" : "failed").key("exit_status").number(status);
        json.member_or_null("plan_digest", plan).key("documents").open_array();
        if (!document.empty()) {
            json.text(keep(document));
        }
        json.close_array();
        json.member("output", "it says so").close_object();
        const std::vector<store::Report> reports{{++sequences[job.host_id], "job.result", text}};
        ASSERT_TRUE(change(context, now, [&](auto& connection, Trail& trail) {
            return take_job_reports(context, connection, trail, job.host_id, reports);
        }));
    }
    /// A host plans curl in that version and rehearses it.
    void prepare(const std::string& host, const std::string& version, const std::string& id = "r") {
        model::Plan plan;
        plan.created_at = now;
        plan.host = host;
        plan.manager = "apt";
        if (host != "s") {
            plan.selection.security = false;
            plan.selection.packages = {"curl"};
        }
        plan.patches = {{"curl", "1", version, {}}};
        model::PlannedStep step;
        step.name = step.source_name = "curl";
        step.architecture = "amd64";
        step.from_version = "1";
        step.to_version = step.source_version = version;
        step.selected = true;
        step.archive =
            model::PlannedArchive{"curl.deb", "http://deb/curl.deb", std::string(64, 'a'), 10};
        plan.steps = {step};
        result(job(host, id), apply::plan_digest(plan), apply::format_plan(plan));
        if (phase(host, id) == "rehearsing") {
            result(job(host, id), "", "");
        }
        drive();
    }
    void finish(const std::string& host) {
        result(job(host), "", R"({"run":"r1","result":"applied","why":null})");
        result(
            job(host),
            "",
            R"({"patches":[{"source":"curl","from_version":"1","to_version":"2","state":"verified","evidence":[]}]})");
        drive();
    }
};

std::string no_turn(Scene& scene) {
    store::Job job;
    job.host_id = "s";
    job.deployment_id = "r";
    job.kind = "apply";
    job.id = store::text_at(
        scene.rows("SELECT job_id FROM deployment_host WHERE host_id = 's'").front(), 0);
    return *scene.database.look(
        [&](store::Connection& connection) { return why_no_turn(connection, job, scene.now); });
}

TEST(Rollout, GoesThroughItsRingsWithTheWordOfASecondPerson) {
    Scene scene;
    ASSERT_TRUE(scene.begin("r"));
    EXPECT_EQ(scene.phase("s"), "planning");
    EXPECT_EQ(scene.phase("c"), "waiting");

    scene.prepare("s", "2");
    EXPECT_EQ(scene.phase("s"), "applying");
    scene.finish("s");
    EXPECT_EQ(scene.phase("s"), "verified");
    EXPECT_EQ(scene.phase("c"), "waiting");
    scene.now += std::chrono::hours(1);
    scene.drive();
    EXPECT_EQ(scene.phase("c"), "planning");
    scene.prepare("c", "2");
    scene.finish("c");
    EXPECT_EQ(scene.phase("c"), "verified");
    scene.prepare("b", "2");
    EXPECT_EQ(scene.phase("b"), "rehearsed");
    const std::string frozen =
        store::text_at(scene.rows("SELECT frozen_digest FROM rollout").front(), 0);
    ASSERT_TRUE(scene.take("r", rollout::Approved{"user:bob", frozen}));
    EXPECT_EQ(scene.phase("b"), "applying");
    scene.finish("b");

    EXPECT_EQ(scene.rollout_phase(), "done");
}

TEST(Rollout, RefusesWhatTheFirstRingDidNotHave) {
    Scene scene;
    ASSERT_TRUE(scene.begin("r"));
    scene.prepare("s", "2");
    scene.finish("s");
    scene.now += std::chrono::hours(1);
    scene.drive();

    scene.prepare("c", "3");

    EXPECT_EQ(scene.phase("c"), "plan-refused");
    EXPECT_EQ(
        store::text_at(
            scene.rows("SELECT why FROM deployment_host WHERE host_id = 'c'").front(), 0),
        "it would bring curl 3, the first ring had 2");
}

TEST(Rollout, HaltsInStagingWithProductionUntouched) {
    Scene scene;
    ASSERT_TRUE(scene.begin("r"));
    scene.prepare("s", "2");

    scene.result(
        scene.job("s"), "", R"({"run":"r1","result":"failed_health","why":"probe web"})", 1);
    scene.drive();

    EXPECT_EQ(scene.phase("s"), "failed-health");
    EXPECT_EQ(scene.rollout_phase(), "halted");
    EXPECT_EQ(scene.phase("c"), "waiting");
    EXPECT_EQ(scene.phase("b"), "waiting");
}

TEST(Rollout, ChangesNothingOutsideItsWindow) {
    Scene scene;
    scene.now = *parse_instant("2026-12-01T12:00:00Z");
    ASSERT_TRUE(scene.begin("r"));
    scene.prepare("s", "2");
    EXPECT_EQ(scene.phase("s"), "rehearsed");
    EXPECT_EQ(no_turn(scene), "its turn has passed: window");

    scene.now = *parse_instant("2026-12-01T22:00:00Z");
    scene.drive();

    EXPECT_EQ(scene.phase("s"), "applying");
    EXPECT_EQ(no_turn(scene), "");
}

TEST(Rollout, TakesBackAtAHaltWhatHasNoLeaseAndLetsTheRestEnd) {
    Scene scene;
    ASSERT_TRUE(scene.begin("r"));
    scene.prepare("s", "2");
    ASSERT_EQ(scene.phase("s"), "applying");
    ASSERT_TRUE(scene.take("r", rollout::HaltedByPerson{"stop"}));
    EXPECT_EQ(scene.phase("s"), "waiting");
    EXPECT_EQ(no_turn(scene), "its turn has passed: rollout-halted");

    ASSERT_TRUE(scene.take("r", rollout::Resumed{"go"}));
    EXPECT_EQ(scene.phase("s"), "planning");
    scene.prepare("s", "2");
    const store::Job job = scene.job("s");
    ASSERT_TRUE(*scene.database.transact([&](store::Connection& connection) {
        return store::take_lease(connection, job.id, "s", scene.now);
    }));
    ASSERT_TRUE(scene.take("r", rollout::HaltedByPerson{"stop"}));

    EXPECT_EQ(scene.phase("s"), "applying");
    scene.finish("s");
    EXPECT_EQ(scene.phase("s"), "verified");
}

TEST(Rollout, GivesATurnThatNobodyTookToOthers) {
    Scene scene;
    ASSERT_TRUE(scene.begin("r"));
    scene.prepare("s", "2");
    scene.now += std::chrono::minutes(15);
    ASSERT_TRUE(change(scene.context, scene.now, [&](auto& connection, Trail& trail) {
        return lose_overdue_jobs(scene.context, connection, trail);
    }));
    EXPECT_EQ(scene.phase("s"), "halted");

    scene.drive();

    EXPECT_EQ(scene.phase("s"), "planning");
}

TEST(Rollout, OfAnEmergencyTakesHostsThatAnotherHasNotBegunToChange) {
    Scene scene;
    scene.now = *parse_instant("2026-12-01T12:00:00Z");
    ASSERT_TRUE(scene.begin("r"));
    scene.prepare("s", "2");
    ASSERT_EQ(scene.phase("s"), "rehearsed");

    ASSERT_TRUE(scene.begin("e", true));

    EXPECT_EQ(scene.phase("s", "e"), "planning");
    EXPECT_EQ(scene.phase("s"), "waiting");
    scene.drive();
    EXPECT_EQ(scene.phase("s"), "waiting");
    scene.prepare("s", "2", "e");
    EXPECT_EQ(scene.phase("s", "e"), "applying");
}

TEST(Rollout, IsTheSameAfterARestart) {
    Scene scene;
    ASSERT_TRUE(scene.begin("r"));
    scene.prepare("s", "2");
    const auto live = *scene.database.look(
        [&](store::Connection& connection) { return live_rollout(connection, "r", scene.now); });

    EXPECT_EQ(live.rollout.requester, "user:ada");
    EXPECT_EQ(live.rollout.rings[0].phase, rollout::RingPhase::Open);
    EXPECT_FALSE(live.rollout.frozen.empty());
    ASSERT_EQ(live.rollout.hosts.size(), 3U);
    EXPECT_EQ(live.rollout.hosts[2].id, "s");
    EXPECT_EQ(live.rollout.hosts[2].stage, rollout::HostStage::Changing);
    EXPECT_EQ(live.rollout.hosts[2].tries, 1U);
}

/// A patch that hosts miss, as their judgement says.
void miss(Scene& scene, const std::string& host, const std::string& to, bool is_exploited) {
    store::FleetJudgement judgement;
    judgement.host.host_id = host;
    store::FleetPatch patch;
    patch.source = "curl";
    patch.from_version = "1";
    patch.to_version = to;
    patch.state = "ready";
    patch.kev = is_exploited;
    judgement.patches = {patch};
    ASSERT_TRUE(scene.database.transact([&](store::Connection& connection) {
        return store::write_judgement(connection, judgement);
    }));
}

TEST(OpenEmergencies, OpensOneForWhatIsExploitedAndOnce) {
    Scene scene;
    miss(scene, "s", "2", true);
    EXPECT_EQ(*open_emergencies(scene.context, scene.now), 0U);  // by hand unless told
    ASSERT_TRUE(scene.database.transact([&](store::Connection& connection) {
        const std::string text = std::string(kPolicy) + "emergency: {opens: by rule}\n";
        return store::set_policy(connection, {"web", text, "d", "user:ada", scene.now});
    }));
    miss(scene, "s", "2", false);
    EXPECT_EQ(*open_emergencies(scene.context, scene.now), 0U);
    miss(scene, "s", "2", true);

    EXPECT_EQ(*open_emergencies(scene.context, scene.now), 1U);
    EXPECT_EQ(*open_emergencies(scene.context, scene.now), 0U);
    const auto rows = scene.rows("SELECT opened_for, is_emergency, deployment_id FROM rollout");
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(store::text_at(rows[0], 0), "curl 2");
    const std::string id = store::text_at(rows[0], 2);
    EXPECT_EQ(scene.phase("s", id), "planning");
    ASSERT_TRUE(scene.take(id, rollout::CancelledByPerson{"no"}));
    EXPECT_EQ(*open_emergencies(scene.context, scene.now), 0U);  // it was opened for that
    miss(scene, "s", "3", true);
    EXPECT_EQ(*open_emergencies(scene.context, scene.now), 1U);
}

}  // namespace
}  // namespace thimble::server
