#pragma once
/// @file Controls for tests, and what each database must keep of them.

#include "thimble/store/audit_log.hpp"
#include "thimble/store/columns.hpp"
#include "thimble/store/control_probes.hpp"
#include "thimble/store/controls.hpp"
#include "thimble/store/exceptions.hpp"
#include "thimble/store/fleet.hpp"
#include "thimble/store/host_marks.hpp"
#include "thimble/store/hosts.hpp"
#include "thimble/store/list_table.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace thimble::store {

inline constexpr Instant kControlTime{std::chrono::seconds(1'790'000'000)};

inline ControlRecord a_control(const std::string& id) {
    return {
        .id = id,
        .name = "wall",
        .kind = "segmentation",
        .document = "{}",
        .digest = "d",
        .owner = "web team",
        .requester = "user:ada",
        .requested_at = kControlTime,
        .why = "no fix yet",
        .covers = {"CVE-2026-1", "CVE-2026-2"},
        .sources = {"nginx"},
        .scope = "{}",
        .host_group = "*",
        .vector = "network",
        .residual_risk = "the proxy",
        .verify_seconds = 3600,
        .expires_at = kControlTime + Days{30},
        .retirement = "remove",
        .approver = "",
        .approved_at = Instant{},
        .state = "proposed",
        .since = kControlTime};
}

/// The rows of the board in its order, "source state outside;" each.
inline std::string board_of(Connection& connection) {
    const auto* const table = std::ranges::find(list_tables(), "board", &ListTable::name).base();
    ListQuery query;
    query.limit = 100;
    query.sort = *column_of(*table, "lapse_order");
    const ListStatement statement = plan_list(*table, query);
    const auto rows = connection.query(statement.text, statement.values);
    EXPECT_TRUE(rows) << rows.error().text();
    std::string text;
    for (const Row& row : *rows) {
        for (const char* const column : {"source", "control_state", "outside"}) {
            text += text_at(row, *column_of(*table, column)) + " ";
        }
        text.back() = ';';
    }
    return text;
}

/// On an empty database: the board says what hosts outside say, worst first, also where a control does not count any more.
inline void expect_board_tells_of_outside(Connection& connection) {
    HostRecord host;
    host.id = host.name = "a";
    ASSERT_TRUE(add_host(connection, host));
    FleetJudgement judgement;
    judgement.host.host_id = "a";
    const std::vector<std::pair<std::string, std::string>> said{
        {"held", "verified"},
        {"open", "verified"},
        {"shut", "verified"},
        {"", "verified"},
        {"asked", "verified"}};
    for (const auto& [outside, state] : said) {
        const std::string id = "of-" + outside;
        ASSERT_TRUE(add_control(connection, a_control(id)));
        ControlHost row{id, "a", state, kControlTime};
        row.outside = outside;
        ASSERT_TRUE(set_control_host(connection, row));
        FleetUnpatched& one = judgement.unpatched.emplace_back();
        one.source = id;
        one.control_id = id;
    }
    ControlRecord patch = a_control("waf");
    patch.kind = "virtual-patch";
    ASSERT_TRUE(add_control(connection, patch));
    ASSERT_TRUE(set_control_host(connection, {"waf", "a", "verified", kControlTime}));
    for (const std::string source : {"waf", "excepted"}) {
        FleetUnpatched& one = judgement.unpatched.emplace_back();
        one.source = source;
        one.control_id = source == "waf" ? source : "";
    }
    ASSERT_TRUE(write_judgement(connection, judgement));
    ExceptionRow exception;
    exception.id = "x";
    exception.controls = {"of-held", "of-open"};
    ASSERT_TRUE(put_exception(connection, exception));
    const std::vector<ExceptedPatch> patches{{"a", "excepted", "", "x", kControlTime, false}};
    ASSERT_TRUE(set_excepted_patches(connection, "x", patches));

    EXPECT_EQ(
        board_of(connection),
        "excepted verified open;of-open verified open;of-asked verified asked;"
        "of-shut verified shut;of- verified not-probed;of-held verified held;waf verified ;");
}

/// On an empty database: which exception outlasts a control that it names, and by what.
inline void expect_exceptions_tell_which_control_ends_first(Connection& connection) {
    ControlRecord control = a_control("short");
    control.expires_at = kControlTime + Days{5};
    ASSERT_TRUE(add_control(connection, control));
    control = a_control("gone");
    control.name = "taken down";
    control.state = "retired";
    control.since = kControlTime + Days{2};
    ASSERT_TRUE(add_control(connection, control));
    control = a_control("long");
    control.expires_at = kControlTime + Days{50};
    ASSERT_TRUE(add_control(connection, control));
    const std::vector<std::pair<std::string, std::vector<std::string>>> named{
        {"active", {"long", "short"}},
        {"requested", {"short", "gone"}},
        {"active", {"long"}},
        {"expired", {"short"}},
        {"active", {}}};
    int number = 0;
    for (const auto& [state, controls] : named) {
        ExceptionRow exception;
        exception.id = std::to_string(number++);
        exception.state = state;
        exception.controls = controls;
        exception.expires_at = kControlTime + Days{20};
        ASSERT_TRUE(put_exception(connection, exception));
    }

    const auto* const table =
        std::ranges::find(list_tables(), "exceptions", &ListTable::name).base();
    ListQuery query;
    query.limit = 10;
    const ListStatement statement = plan_list(*table, query);
    const auto rows = connection.query(statement.text, statement.values);
    ASSERT_TRUE(rows) << rows.error().text();
    std::string text;
    for (const Row& row : typed_rows(*table, *rows)) {
        const std::int64_t end = number_at(row, *column_of(*table, "controls_end_at"));
        text += std::to_string(end == 0 ? 0 : (end - seconds_of(kControlTime)) / 86'400) + " "
            + text_at(row, *column_of(*table, "first_control_to_end")) + " "
            + std::to_string(number_at(row, *column_of(*table, "control_ends_first"))) + ";";
    }
    EXPECT_EQ(text, "5 wall 1;2 taken down 1;50 wall 0;5 wall 0;0  0;");
}

/// On an empty database.
inline void expect_controls_are_kept(Connection& connection) {
    ControlRecord control = a_control("c");
    ASSERT_TRUE(add_control(connection, control));
    control.approver = "user:bob";
    control.approved_at = control.since = kControlTime + Days{1};
    control.state = "approved";
    control.expires_at += Days{1};
    control.stopped_why = "it failed";
    control.renewals = 1;
    control.renewal_by = "user:ada";
    control.renewal_until = kControlTime + Days{9};
    ASSERT_TRUE(set_control(connection, control));
    EXPECT_EQ(*control_of(connection, "c"), control);
    EXPECT_EQ(*live_controls(connection), std::vector{control});

    ControlHost host{"c", "h1", "approved", kControlTime};
    host.job_id = "j";
    ASSERT_TRUE(set_control_host(connection, host));
    EXPECT_EQ(*control_host_of_job(connection, "j"), host);
    EXPECT_EQ(*control_host_of_job(connection, "other"), std::nullopt);
    host = {
        "c",
        "h1",
        "verified",
        kControlTime + Days{1},
        "",
        "d",
        "block",
        2,
        kControlTime,
        kControlTime,
        kControlTime + Days{1},
        "e",
        "port 8080",
        "why",
        kControlTime,
        kControlTime + Days{2},
        kControlTime + Days{3},
        "",
        true,
        kControlTime + Days{4},
        "held",
        "as it should be"};
    ASSERT_TRUE(set_control_host(connection, host));
    EXPECT_EQ(*hosts_of_control(connection, "c"), std::vector{host});
    EXPECT_EQ(*controls_of_host(connection, "h1"), std::vector{host});

    const ControlCheck first{
        "c", "h1", kControlTime, "deploy", "deployed", "deployed", "host:h1", "e", ""};
    ControlCheck second = first;
    second.action = "verify";
    ASSERT_TRUE(add_control_check(connection, first));
    ASSERT_TRUE(add_control_check(connection, second));
    EXPECT_EQ(*checks_of_control(connection, "c", "h1"), (std::vector{first, second}));

    host.state = control.state = "retired";
    ASSERT_TRUE(set_control_host(connection, host));
    ASSERT_TRUE(set_control(connection, control));
    EXPECT_TRUE(controls_of_host(connection, "h1")->empty());
    EXPECT_TRUE(live_controls(connection)->empty());
}

/// On an empty database.
/// Who may be asked to try a control on h5.
inline void expect_probers_are_found(Connection& connection) {
    const Instant later = kControlTime + std::chrono::hours(1);
    const auto add = [&](const std::string& id, const std::string& group, Instant silent_at) {
        HostRecord host;
        host.id = host.name = id;
        host.host_group = group;
        ASSERT_TRUE(add_host(connection, host));
        ASSERT_TRUE(note_sightings(
            connection,
            std::vector<Sighting>{{id, kControlTime, "1", "b", silent_at, "10.0.0." + id}}));
    };
    for (const char* const id : {"1", "2", "5", "7", "9"}) {
        add(id, "g", later);
    }
    add("6", "other", later);
    add("3", "g", kControlTime);
    add("4", "g", later);
    ASSERT_TRUE(set_host_reach(connection, "4", "ssh"));
    ASSERT_TRUE(connection.execute("UPDATE host SET address = '' WHERE id = '7'"));
    ControlRecord isolation = a_control("i");
    isolation.kind = "isolation";
    ASSERT_TRUE(add_control(connection, isolation));
    ASSERT_TRUE(set_control_host(connection, {"i", "9", "lapsed", kControlTime}));
    const auto found = [&](const std::string& group, const std::string& from, std::int64_t most) {
        const auto hosts = possible_probers(connection, {group, "5", from, kControlTime}, most);
        std::string ids;
        for (const ProbingHost& host : *hosts) {
            ids += host.id + host.address.substr(host.address.rfind('.')) + " ";
        }
        return ids;
    };
    EXPECT_EQ(found("*", "", 9), "1.1 2.2 6.6 ")
        << "not the host, the silent, the isolated, one over SSH, or of unknown address";
    EXPECT_EQ(found("g", "", 9), "1.1 2.2 ");
    EXPECT_EQ(found("*", "2", 2), "2.2 6.6 ");
    EXPECT_EQ(found("*", "3", 2), "1.1 6.6 ") << "after the last comes the first";
    ASSERT_TRUE(set_control_host(connection, {"i", "9", "retired", kControlTime}));
    ASSERT_TRUE(revoke_host(connection, "1", kControlTime));
    ASSERT_TRUE(connection.execute("UPDATE host SET superseded_by = '6' WHERE id = '2'"));
    EXPECT_EQ(found("*", "", 9), "6.6 9.9 ");
    EXPECT_EQ(*enrolments_before(connection, "6"), std::vector<std::string>{"2"});
    EXPECT_EQ(hosts_called(connection, "2")->at(0).id, "6") << "whom it was replaced by";
    EXPECT_TRUE(*has_host_of_group(connection, "other"));
    EXPECT_FALSE(*has_host_of_group(connection, "nobody's"));
}

inline void expect_probes_are_kept(Connection& connection) {
    ASSERT_TRUE(add_control(connection, a_control("c")));
    ControlProbe second{"c", "h1", 1, "h2", "j", kControlTime};
    ControlProbe first{"c", "h1", 0, "h3", "", kControlTime, kControlTime, "connected", "why"};
    ASSERT_TRUE(set_control_probe(connection, second));
    ASSERT_TRUE(set_control_probe(connection, first));
    EXPECT_EQ(*probes_of_control_host(connection, "c", "h1"), (std::vector{first, second}));
    EXPECT_EQ(*control_probe_of_job(connection, "j"), second);
    EXPECT_FALSE(control_probe_of_job(connection, "k")->has_value());

    second.job_id.clear();
    second.answer = "unknown";
    ASSERT_TRUE(set_control_probe(connection, second));
    EXPECT_EQ(probes_of_control_host(connection, "c", "h1")->at(1), second);
    ASSERT_TRUE(forget_control_probes(connection, "c", "h1"));
    EXPECT_TRUE(probes_of_control_host(connection, "c", "h1")->empty());

    HostRecord host;
    host.id = "h2";
    host.name = "h9";
    host.host_group = "g";
    host.silent_at = kControlTime;
    ASSERT_TRUE(add_host(connection, host));
    host.id = "h9";
    host.name = "other";
    ASSERT_TRUE(add_host(connection, host));
    EXPECT_EQ(
        *hosts_called(connection, "other"),
        (std::vector<ProbingHost>{{"h9", "other", "g", kControlTime, ""}}));
    EXPECT_EQ(hosts_called(connection, "h9")->size(), 2U) << "a name that is the id of another";
    ASSERT_TRUE(revoke_host(connection, "h9", kControlTime));
    EXPECT_EQ(hosts_called(connection, "h9")->size(), 1U);
    EXPECT_TRUE(hosts_called(connection, "other")->empty());

    ControlHost there{"c", "h2", "verified", kControlTime};
    ASSERT_TRUE(set_control_host(connection, there));
    EXPECT_FALSE(*is_elsewhere(connection, "c", "h2"));
    EXPECT_TRUE(*is_elsewhere(connection, "c", "h1"));
    there.state = "retired";
    ASSERT_TRUE(set_control_host(connection, there));
    EXPECT_FALSE(*is_elsewhere(connection, "c", "h1"));
}

/// A host of a control `c`, where it stands so.
inline void put_on_host(Connection& connection, const ControlHost& placed, Instant silent_at) {
    HostRecord host;
    host.id = host.name = placed.host_id;
    host.host_group = "g" + placed.host_id.substr(0, 1);
    host.silent_at = silent_at;
    ASSERT_TRUE(add_host(connection, host));
    ASSERT_TRUE(set_control_host(connection, placed));
}

inline ControlHost a_control_host(const std::string& id, const std::string& state) {
    return {"c", id, state, kControlTime};
}

inline std::vector<std::string> ids_of(const Result<std::vector<ControlHost>>& hosts) {
    std::vector<std::string> ids;
    for (const ControlHost& host : *hosts) {
        ids.push_back(host.host_id);
    }
    return ids;
}

/// On an empty database.
inline void expect_what_is_due_is_found(Connection& connection) {
    const Instant now = kControlTime;
    const auto second = std::chrono::seconds(1);
    ASSERT_TRUE(add_control(connection, a_control("c")));
    ControlHost host = a_control_host("a1", "verified");
    host.digest = "d";
    host.due_at = now;
    put_on_host(connection, host, now + second);
    host = a_control_host("b1", "approved");
    host.due_at = now - second;
    host.turn_at = now;
    put_on_host(connection, host, now + second);
    host = a_control_host("b2", "approved");
    host.due_at = kNever;
    host.turn_at = now - second;
    put_on_host(connection, host, now);  // silent
    host = a_control_host("b3", "retiring");
    host.due_at = kNever;
    host.turn_at = now - second;
    put_on_host(connection, host, now + second);

    EXPECT_EQ(
        ids_of(due_control_hosts(connection, now, 9)), (std::vector<std::string>{"b1", "a1"}));
    EXPECT_EQ(ids_of(due_control_hosts(connection, now, 1)), std::vector<std::string>{"b1"});
    EXPECT_EQ(
        ids_of(hosts_awaiting_turn(connection, {"c", false, now}, 9)),
        std::vector<std::string>{"b1"});
    EXPECT_TRUE(hosts_awaiting_turn(connection, {"c", false, now - 2 * second}, 9)->empty());
    EXPECT_EQ(
        ids_of(hosts_awaiting_turn(connection, {"c", true, now}, 9)),
        std::vector<std::string>{"b3"});
    auto states = *states_of_control_hosts(connection, "c");
    std::ranges::sort(states);
    EXPECT_EQ(states, (std::vector<std::string>{"approved", "retiring", "verified"}));
    EXPECT_EQ(*groups_of_control(connection, "c"), (std::vector<std::string>{"ga", "gb"}));
    EXPECT_EQ(control_host_of(connection, "c", "b3")->value().state, "retiring");
    EXPECT_FALSE(control_host_of(connection, "c", "b9")->has_value());

    ASSERT_TRUE(set_control_end(connection, "c", now));
    EXPECT_EQ(due_control_hosts(connection, now, 9)->size(), 4U);
}

/// On an empty database.
inline void expect_hosts_are_counted_and_moved(Connection& connection) {
    const auto second = std::chrono::seconds(1);
    ASSERT_TRUE(add_control(connection, a_control("c")));
    EXPECT_EQ(*tally_of_control(connection, "c", "d"), ControlTally{});
    ControlHost host = a_control_host("h1", "verified");
    host.digest = "d";
    host.installed_at = kControlTime;
    host.last_verified = kControlTime + second;
    put_on_host(connection, host, {});
    host.host_id = "h2";
    host.state = "lapsed";
    host.last_verified = kControlTime - second;
    put_on_host(connection, host, {});
    host.host_id = "h6";
    host.last_verified = kControlTime + second;
    put_on_host(connection, host, {});
    host = a_control_host("h3", "approved");
    host.tries = 2;
    host.tried_at = kControlTime;
    put_on_host(connection, host, {});
    host = a_control_host("h4", "approved");
    host.job_id = "j";
    host.job_kind = "deploy-control";
    put_on_host(connection, host, {});
    put_on_host(connection, a_control_host("h5", "approved"), {});

    const ControlTally tally{
        .up = 3,
        .proven = 1,
        .unproven = 1,
        .lapsed = 1,
        .failed = 1,
        .deploying = 1,
        .removing = 0};
    EXPECT_EQ(*tally_of_control(connection, "c", "d"), tally);
    ControlHost seen = a_control_host("h1", "verified");
    seen.digest = "d";
    seen.installed_at = kControlTime;
    seen.last_verified = kControlTime + second;
    const auto counted = [&](const std::string& outside) {
        seen.outside = outside;
        EXPECT_TRUE(set_control_host(connection, seen));
        const ControlTally now = *tally_of_control(connection, "c", "d");
        return std::pair(now.proven, now.unproven);
    };
    EXPECT_EQ(counted("asked"), std::pair(std::int64_t{0}, std::int64_t{1}));
    EXPECT_EQ(counted("shut"), std::pair(std::int64_t{0}, std::int64_t{2}));
    EXPECT_EQ(counted("held"), std::pair(std::int64_t{1}, std::int64_t{1}));
    EXPECT_EQ(ids_of(busy_control_hosts(connection, "c")), std::vector<std::string>{"h4"});

    ASSERT_TRUE(forget_unproven_digests(connection, "c"));
    ASSERT_TRUE(retry_control_hosts(connection, "c", "d", kControlTime));
    EXPECT_EQ(control_host_of(connection, "c", "h2")->value().digest, "");
    EXPECT_EQ(control_host_of(connection, "c", "h3")->value().tries, 0);
    EXPECT_EQ(control_host_of(connection, "c", "h3")->value().turn_at, kControlTime);
    EXPECT_EQ(control_host_of(connection, "c", "h1")->value().turn_at, kNever);
    ControlMove move{
        .from = {"approved"},
        .to = "retired",
        .since = kControlTime + second,
        .why = "over",
        .due_at = kNever,
        .is_untouched = true};
    ASSERT_TRUE(move_control_hosts(connection, "c", move));
    EXPECT_EQ(control_host_of(connection, "c", "h5")->value().state, "retired");
    EXPECT_EQ(control_host_of(connection, "c", "h5")->value().why, "over");
    EXPECT_EQ(control_host_of(connection, "c", "h4")->value().state, "approved") << "it has a job";
    EXPECT_EQ(control_host_of(connection, "c", "h3")->value().state, "approved") << "it was tried";
    move.is_untouched = false;
    ASSERT_TRUE(move_control_hosts(connection, "c", move));
    EXPECT_EQ(control_host_of(connection, "c", "h3")->value().state, "retired");
    ASSERT_TRUE(forget_control_digests(connection, "c"));
    EXPECT_EQ(control_host_of(connection, "c", "h1")->value().digest, "");
    ASSERT_TRUE(look_at_control_hosts(connection, "c", kControlTime));
    EXPECT_EQ(control_host_of(connection, "c", "h1")->value().due_at, kControlTime);
}

/// On an empty database.
inline void expect_changed_hosts_are_told(Connection& connection) {
    for (const std::string id : {"h1", "h2", "h3"}) {
        HostRecord host;
        host.id = host.name = id;
        ASSERT_TRUE(add_host(connection, host));
        ASSERT_TRUE(append_audit(connection, {"host:" + id, "host.enrol", id, "", "", ""}, {}));
    }
    ASSERT_TRUE(append_audit(connection, {"server", "control.stop", "h9", "", "", ""}, {}));
    ASSERT_TRUE(append_audit(connection, {"user:ada", "host.change", "h1", "", "", ""}, {}));

    EXPECT_EQ(hosts_changed_since(connection, 0, 2)->ids, (std::vector<std::string>{"h1", "h2"}));
    EXPECT_EQ(hosts_changed_since(connection, 0, 2)->up_to, 2);
    EXPECT_EQ(hosts_changed_since(connection, 3, 9)->ids, std::vector<std::string>{"h1"});
    EXPECT_EQ(hosts_changed_since(connection, 3, 9)->up_to, 5);
    EXPECT_EQ(hosts_changed_since(connection, 5, 9)->up_to, 5);
    ASSERT_TRUE(revoke_host(connection, "h2", kControlTime));
    ASSERT_TRUE(connection.execute("UPDATE host SET superseded_by = 'h3' WHERE id = 'h1'"));
    EXPECT_EQ(hosts_changed_since(connection, 2, 1)->ids, (std::vector<std::string>{"h1", "h3"}))
        << "and whom it replaces";
    const auto candidates = candidates_among(connection, {"h1", "h2", "h3"});
    ASSERT_EQ(candidates->size(), 1U);
    EXPECT_EQ(candidates->at(0).id, "h3");
}

}  // namespace thimble::store
