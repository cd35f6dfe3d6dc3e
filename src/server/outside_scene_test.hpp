#pragma once
/// @file A control on a host, and two hosts that try it from outside, for tests.

#include "thimble/model/control_report.hpp"
#include "thimble/server/control_scene_test.hpp"
#include "thimble/server/sightings.hpp"
#include "thimble/store/control_probes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>

namespace thimble::server {

inline std::string fence(const std::string& probes, const std::string& allow = R"("10.0.2.0/24")") {
    return R"({"kind":"segmentation","settings":{"listeners":[{"port":80}],"allow":[)" + allow
        + R"(],"probes":[)" + probes + "]}}";
}
inline std::string probe(
    const std::string& from, const std::string& host, const std::string& more = "") {
    return R"({"from":")" + from + R"(","address":"10.0.0.1","port":80,"host":")" + host + "\""
        + more + "}";
}
inline std::string both() {
    return fence(probe("allowed", "friend") + "," + probe("refused", "stranger"));
}

/// A shielded host, and two that try it.
struct OutsideScene : ControlScene {
    OutsideScene() {
        add_host("friend", keep_nginx("2"), "office");
        add_host("stranger", keep_nginx("2"), "guests");
    }
    /// Hosts are asked from those addresses; others are not known.
    void locate(const std::string& host_id, const std::string& from) {
        ASSERT_TRUE(database.transact([&](store::Connection& connection) {
            return connection.execute(
                "UPDATE host SET address = :address WHERE id = :id", {from, host_id});
        }));
    }
    void locate_all() {
        locate("web1", "10.0.0.1");
        locate("friend", "10.0.2.7");
        locate("stranger", "10.0.3.7");
    }
    /// The server hears of a host from there.
    void check_in_from(const std::string& host_id, const std::string& from) {
        locate(host_id, from);
        context.roster.with([&](Roster& roster) {
            store::HostRecord host;
            host.id = host_id;
            roster.add_host(host);
            CheckIn said;
            said.boot_id = "a boot";
            said.address = from;
            EXPECT_TRUE(roster.check_in(host_id, said, clock.now()));
        });
        ASSERT_TRUE(write_sightings(context));
    }
    void rename(const std::string& host_id, const std::string& name) {
        ASSERT_TRUE(change(
            context, clock.now(), [&](store::Connection& connection, Trail& trail) -> Result<void> {
                THIMBLE_TRY(connection.execute(
                    "UPDATE host SET name = :name WHERE id = :id", {name, host_id}));
                return trail.note({"user:ada", "host.change", host_id, "", "", ""});
            }));
    }
    /// The question that a host has; none: it has none.
    std::optional<store::Job> question_of(const std::string& host_id) {
        const auto jobs = *database.look([&](store::Connection& connection) {
            return store::waiting_jobs(connection, clock.now());
        });
        const auto found = std::ranges::find_if(jobs, [&](const store::Job& job) {
            return job.host_id == host_id && job.kind == "probe-control";
        });
        return found == jobs.end() ? std::nullopt : std::optional(*found);
    }
    void answer(const std::string& host_id, bool is_connected, const std::string& source) {
        const auto question = question_of(host_id);
        ASSERT_TRUE(question) << host_id;
        const protocol::Job content = content_of(*question);
        const bool passed = content.probe->from_allowed == is_connected;
        model::ControlReport report;
        report.id = content.control->id;
        report.digest = content.control->digest;
        report.action = model::ControlAction::Probe;
        report.state = passed ? model::ControlOutcome::Holding : model::ControlOutcome::Broken;
        report.at = clock.now();
        report.checks = {{"probe", "x", is_connected ? "connected" : "no answer", passed}};
        report.job = question->id;
        report.source = source;
        end(*question, model::format_control_report(report), passed ? 0 : 1);
    }
    void answer_well() {
        answer("friend", true, "10.0.2.7");
        answer("stranger", false, "10.0.3.7");
    }
    /// The next look of the host itself says that all is well.
    void look_well() {
        clock.go(std::chrono::hours(1));
        watch();
        end_well("holding");
    }
};

inline Result<std::string> ask_within_web(OutsideScene& scene, const std::string& document) {
    std::string request = ControlScene::request_for(document);
    const std::string groups = R"({"groups":["web"]})";
    request.replace(request.find(groups), groups.size(), R"({"hosts":["web1"]})");
    THIMBLE_TRY(const std::string made, scene.ask(propose_control, "ada", request, {}, "web"));
    THIMBLE_TRY(const JsonValue answer, parse_json(made));
    scene.id = JsonMembers(answer).text("id");
    return made;
}

}  // namespace thimble::server
