#pragma once
/// @file A server without its network and a rollout of three hosts, for tests.

#include "thimble/apply/plan_file.hpp"
#include "thimble/base/digest.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/server/deployment_course.hpp"
#include "thimble/server/keep_document_test.hpp"
#include "thimble/server/rollout_course.hpp"
#include "thimble/store/hosts.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace thimble::server {

inline const char* const kPolicy = R"(
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
    Context context{database, authority, authority.deployment_public_key(), "", {}, {}, {}, {}, {}};
    std::map<std::string, std::int64_t> sequences;
    std::string firsts = "s";  ///< hosts of the first ring, a letter each
    std::vector<model::HealthProbe> probes;
    std::vector<model::LeftOut> left_out;  ///< of plans

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
        keep_policy("web", kPolicy);
    }
    Scene(const Scene&) = delete;
    Scene& operator=(const Scene&) = delete;
    Scene(Scene&&) = delete;
    Scene& operator=(Scene&&) = delete;
    ~Scene() { std::filesystem::remove_all(folder); }

    void keep_policy(const std::string& name, const std::string& text) {
        EXPECT_TRUE(database.transact([&](store::Connection& connection) {
            return store::set_policy(connection, {name, text, "d", "user:ada", now});
        }));
    }
    Result<void> begin(
        const std::string& id, bool is_emergency = false, const std::string& policy = "web") {
        return change(context, now, [&](auto& connection, Trail& trail) -> Result<void> {
            const RolloutOrder order{id, policy, is_emergency, "user:ada", "because", "*"};
            THIMBLE_TRY(const auto hosts, host_facts(connection));
            THIMBLE_TRY(const auto planned, plan_rollout(context, connection, order, hosts, now));
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
        report(job, plan, document, status, {});
    }
    /// @param more  members of the result besides, each a name and JSON
    void report(
        const store::Job& job,
        const std::string& plan,
        const std::string& document,
        int status,
        const std::map<std::string, std::string>& more) {
        std::string text;
        JsonWriter json(text);
        json.open_object().member("job", job.id).member("kind", job.kind);
        json.member("outcome", status == 0 ? "done" : "failed").key("exit_status").number(status);
        json.member_or_null("plan_digest", plan).key("documents").open_array();
        if (!document.empty()) {
            json.text(keep(document));
        }
        json.close_array();
        for (const auto& [name, value] : more) {
            json.key(JsonKey(name)).written(value);
        }
        json.member("output", "it says so").close_object();
        const std::vector<store::Report> reports{{++sequences[job.host_id], "job.result", text}};
        ASSERT_TRUE(change(context, now, [&](auto& connection, Trail& trail) {
            return take_job_reports(context, connection, trail, job.host_id, reports);
        }));
    }
    [[nodiscard]] bool is_first(const std::string& host) const {
        return firsts.find(host) != std::string::npos;
    }
    /// A host plans curl in that version and rehearses it.
    void prepare(const std::string& host, const std::string& version, const std::string& id = "r") {
        model::Plan plan;
        plan.created_at = now;
        plan.host = host;
        plan.manager = "apt";
        const bool is_frozen =
            !rows(
                 "SELECT 1 FROM rollout WHERE frozen_digest <> '' AND deployment_id = '" + id + "'")
                 .empty();
        if (!is_first(host) || is_frozen) {
            plan.selection.security = false;
            plan.selection.packages = {"curl"};
        }
        plan.patches = {{"curl", "1", version, {}}};
        plan.left_out = left_out;
        model::PlannedStep step;
        step.name = step.source_name = "curl";
        step.architecture = "amd64";
        step.from_version = "1";
        step.to_version = step.source_version = version;
        step.selected = true;
        step.archive =
            model::PlannedArchive{"curl.deb", "http://deb/curl.deb", std::string(64, 'a'), 10};
        plan.steps = {step};
        plan.policy.probes = probes;
        result(job(host, id), apply::plan_digest(plan), apply::format_plan(plan));
        if (phase(host, id) == "rehearsing") {
            result(job(host, id), "", "");
        }
        drive();
    }
    void finish(const std::string& host) {
        result(job(host), "", R"({"run":"r1","result":"applied","why":null})");
        verify(host, "verified");
    }
    void verify(const std::string& host, const std::string& state) {
        result(
            job(host),
            "",
            R"({"patches":[{"source":"curl","from_version":"1","to_version":"2","state":")" + state
                + R"(","evidence":["it is so"]}]})",
            state == "verified" ? 0 : 1);
        drive();
    }
};

}  // namespace thimble::server
