#pragma once
/// @file A server without its network, a host whose web server is open to an exploited vulnerability, and what people
/// and that host say of controls; for tests.

#include "thimble/base/json_writer.hpp"
#include "thimble/protocol/envelope.hpp"
#include "thimble/protocol/job.hpp"
#include "thimble/server/control_course.hpp"
#include "thimble/server/deployment_course.hpp"
#include "thimble/server/fleet_scene_test.hpp"
#include "thimble/server/handlers.hpp"
#include "thimble/store/controls.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace thimble::server {

inline const char* const kWall =
    R"({"format":"thimble.control/1","kind":"segmentation","settings":{"listeners":[{"port":80}]}})";

/// A virtual patch that detects.
inline const char* const kTraversal =
    R"({"kind":"virtual-patch","settings":{"server":"nginx","mode":"detect","address":"127.0.0.1",)"
    R"("port":80,"patch":{"virtual_patch":"traversal","covers":["CVE-2026-1"],)"
    R"("path_prefix":"/d","attack":"path-traversal","in":["path"],)"
    R"("attacks":[{"target":"/d/../../etc/passwd"}],"benign":[{"target":"/d/report.pdf"}]}}})";

inline model::VulnerabilityFacts an_exploited_fact(const std::string& id) {
    model::VulnerabilityFacts facts;
    facts.id = id;
    facts.feed = "test";
    facts.kev = model::KevEntry{*parse_instant("2026-10-31"), {}, "", false};
    facts.cvss_vectors = {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"};
    facts.ssvc = model::SsvcPoints{
        model::Exploitation::Active,
        model::Automatable::Yes,
        model::TechnicalImpact::Partial,
        *parse_instant("2026-10-31")};
    return facts;
}

struct ControlScene : FleetScene {
    std::int64_t sequence = 0;
    std::string id;  ///< of the control that was proposed last

    ControlScene() {
        use_catalog(catalog::ACatalog(
            {catalog::AnAdvisory("CVE-2026-1").affects("Debian:12", "nginx", "0", "2")},
            {an_exploited_fact("CVE-2026-1")},
            {{"kev", clock.now(), Days(60), 1, 0, clock.now(), {}, false}}));
        add_host("web1", keep_nginx("1"), "web");
        pass();
    }

    /// @return the digest of the inventory of a host with that version of a web server, which listens to all
    std::string keep_nginx(const std::string& version) {
        model::Inventory inventory;
        inventory.host = "web1";
        inventory.os.id = "debian";
        inventory.os.version_id = "12";
        inventory.index.asked = true;
        inventory.index.refreshed_at = clock.now();
        inventory.listeners_known = true;
        model::Listener& listener = inventory.listeners.emplace_back();
        listener.protocol = "tcp";
        listener.address = "0.0.0.0";
        listener.port = 80;
        listener.pid = 7;
        listener.command = "nginx";
        listener.package = "nginx";
        model::InstalledPackage& package = inventory.packages.emplace_back();
        package.type = "deb";
        package.name = package.source_name = "nginx";
        package.version = package.source_version = version;
        const std::string list = inventory::format_package_list(inventory.packages);
        const std::string text = inventory::format_inventory(inventory, sha256_of(list));
        keep(text, sha256_of(text));
        keep(list, sha256_of(list));
        return sha256_of(text);
    }
    void patch_host() {
        const std::string digest = keep_nginx("2");
        ASSERT_TRUE(database.transact([&](store::Connection& connection) {
            return connection.execute(
                "UPDATE host SET inventory_digest = :digest, last_seen_at = :now WHERE id = 'web1'",
                {digest, clock.now().time_since_epoch().count()});
        }));
    }
    /// The host is heard of, so that time alone does not make it silent.
    void hear() {
        ASSERT_TRUE(database.transact([&](store::Connection& connection) {
            return connection.execute(
                "UPDATE host SET last_seen_at = :now, silent_at = :silent",
                {clock.now().time_since_epoch().count(),
                 (clock.now() + std::chrono::minutes(2)).time_since_epoch().count()});
        }));
    }
    void move_host(const std::string& host_id, const std::string& group) {
        ASSERT_TRUE(change(
            context, clock.now(), [&](store::Connection& connection, Trail& trail) -> Result<void> {
                THIMBLE_TRY(store::set_host_group(connection, host_id, group));
                return trail.note({"user:ada", "host.change", host_id, "", "", ""});
            }));
    }
    void remove_host(const std::string& host_id) {
        ASSERT_TRUE(change(
            context, clock.now(), [&](store::Connection& connection, Trail& trail) -> Result<void> {
                THIMBLE_TRY(store::revoke_host(connection, host_id, clock.now()));
                return trail.note({"user:ada", "host.revoke", host_id, "", "", ""});
            }));
    }

    /// What somebody is answered.
    Result<std::string> ask(
        Result<Answer> (*handler)(Context&, const Call&),
        const std::string& person,
        const std::string& body,
        std::vector<std::string> parameters = {},
        const std::string& group = "*") {
        Request request;
        request.now = clock.now();
        request.body = body;
        Principal principal;
        principal.actor = "user:" + person;
        principal.account.name = person;
        principal.actions = {Action::Read, Action::Operate, Action::Approve};
        principal.host_group = group;
        THIMBLE_TRY(const Answer answer, handler(context, Call{request, parameters, &principal}));
        return std::get<Response>(answer).body;
    }
    static std::string request_for(
        const std::string& document,
        const std::string& more = "",
        const std::string& expires = "2026-11-10T00:00:00Z") {
        return R"({"name":"wall","document":)" + document
            + R"(,"covers":["CVE-2026-1"],"scope":{"groups":["web"]},"expires_at":")" + expires
            + R"(","why":"no window this week")" + more + "}";
    }
    Result<std::string> propose(const std::string& request) {
        THIMBLE_TRY(const std::string answer, ask(propose_control, "ada", request));
        THIMBLE_TRY(const JsonValue made, parse_json(answer));
        id = JsonMembers(made).text("id");
        return answer;
    }
    /// @param until  the end of a renewal that is meant; empty: none is named
    Result<std::string> approve(const std::string& person = "bob", const std::string& until = "") {
        return ask(
            approve_control,
            person,
            R"({"digest":")" + record().digest + R"(","until":)"
                + (until.empty() ? "null" : "\"" + until + "\"") + "}",
            {id});
    }
    Result<std::string> act(const std::string& what, const std::string& more = "") {
        return ask(
            act_on_control,
            "ada",
            R"({"act":")" + what + R"(","why":"because")" + more + "}",
            {id});
    }
    void begin(const std::string& document = kWall, const std::string& more = "") {
        ASSERT_TRUE(propose(request_for(document, more)));
        ASSERT_TRUE(approve());
    }

    store::ControlRecord record() {
        return **database.look(
            [&](store::Connection& connection) { return store::control_of(connection, id); });
    }
    /// All of the control.
    std::vector<store::ControlHost> hosts() {
        return *database.look(
            [&](store::Connection& connection) { return store::hosts_of_control(connection, id); });
    }
    store::ControlHost host() { return hosts().at(0); }
    /// The job that the host has; none: it has none.
    std::optional<store::Job> job() { return job_of(host()); }
    std::optional<store::Job> job_of(const store::ControlHost& host) {
        return *database.look([&](store::Connection& connection) {
            return store::open_job(connection, host.job_id, host.host_id);
        });
    }
    static protocol::Job content_of(const store::Job& job) {
        return *protocol::parse_job(protocol::parse_envelope(job.envelope)->content);
    }
    /// What the host prints of its job.
    std::string report_of(
        const store::Job& job,
        const std::string& state,
        const std::string& passed = "true",
        const std::string& mode = "null",
        const std::string& bypass = "") {
        const protocol::Job content = content_of(job);
        return R"({"format":"thimble.control-report/1","id":")" + content.control->id
            + R"(","job":")" + job.id + R"(","digest":")" + content.control->digest
            + R"(","kind":")" + record().kind + R"(","action":")"
            + job.kind.substr(0, job.kind.find('-')) + R"(","state":")" + state + R"(","at":")"
            + format_instant(clock.now()) + R"(","mode":)" + mode + R"(,"checks":[{"name":")"
            + (record().kind == "virtual-patch" ? "attack 1" : "port 80")
            + R"(","expected":"refused","seen":"as it is","passed":)" + passed + R"(}],"bypass":[)"
            + bypass + "]}";
    }
    void end(const store::Job& job, const std::string& document, int status = 0) {
        std::string text;
        JsonWriter json(text);
        json.open_object().member("job", job.id).member("kind", job.kind);
        json.member("outcome", status == 0 ? "done" : "failed").key("exit_status").number(status);
        json.key("plan_digest").null().key("documents").open_array();
        if (!document.empty()) {
            keep(document, sha256_of(document));
            json.text(sha256_of(document));
        }
        json.close_array().member("output", "it says so").close_object();
        const std::vector<store::Report> reports{{++sequence, "job.result", text}};
        ASSERT_TRUE(change(context, clock.now(), [&](auto& connection, Trail& trail) {
            return take_job_reports(context, connection, trail, job.host_id, reports);
        }));
    }
    void end_well(const std::string& state, const std::string& mode = "null") {
        const auto given = job();
        ASSERT_TRUE(given);
        end(*given, report_of(*given, state, "true", mode));
    }
    /// Put up, and seen to hold.
    void prove(const std::string& mode = "null") {
        end_well("deployed", mode);
        end_well("holding", mode);
    }
    /// A pass while every host is heard of.
    void watch() {
        hear();
        ASSERT_TRUE(watch_controls(context, clock.now()));
    }
    /// What the list of patches says of the web server.
    store::Row patch() {
        pass();
        return rows(
                   "SELECT outcome, due_at, mitigated_by, mitigated_until, bare_due_at, state FROM "
                   "fleet_patch WHERE source = 'nginx'")
            .at(0);
    }
    Instant due() { return Instant(std::chrono::seconds(store::number_at(patch(), 1))); }
    /// How often the audit log has an action.
    std::size_t audited(const std::string& action) {
        return rows("SELECT sequence FROM audit WHERE action = '" + action + "'").size();
    }
};

}  // namespace thimble::server
