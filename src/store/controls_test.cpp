#include "thimble/store/controls.hpp"

#include "thimble/store/control_builder_test.hpp"
#include "thimble/store/database.hpp"
#include "thimble/store/fleet.hpp"
#include "thimble/store/hosts.hpp"
#include "thimble/store/list_table.hpp"
#include "thimble/store/migration.hpp"
#include "thimble/store/retention.hpp"
#include "thimble/store/scratch_database_test.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>

namespace thimble::store {
namespace {

Connection connection_to(const ScratchDatabase& scratch) {
    EXPECT_TRUE(Database::open(scratch.address()));
    return *Connection::open(scratch.address());
}

/// The last version before the one whose file says that.
std::size_t version_without(std::string_view text) {
    const auto files = migrations();
    const auto found =
        std::ranges::find_if(files, [&](std::string_view file) { return file.contains(text); });
    return static_cast<std::size_t>(found - files.begin());
}

std::vector<Row> list_of(
    Connection& connection, const std::string& name, const std::string& group) {
    const auto* const table = &*std::ranges::find(list_tables(), name, &ListTable::name);
    ListQuery query;
    query.host_group = group;
    const ListStatement statement = plan_list(*table, query);
    return typed_rows(*table, *connection.query(statement.text, statement.values));
}

TEST(Controls, AreReadAsTheyWereWritten) {
    const ScratchDatabase scratch;
    Connection connection = connection_to(scratch);

    expect_controls_are_kept(connection);
}

TEST(Controls, WhatHostsOutsideSayIsKept) {
    const ScratchDatabase scratch;
    Connection connection = connection_to(scratch);

    expect_probes_are_kept(connection);
}

TEST(Controls, FindsWhoMayBeAskedInTheOrderOfIds) {
    const ScratchDatabase scratch;
    Connection connection = connection_to(scratch);

    expect_probers_are_found(connection);
}

TEST(Controls, WhatIsDueIsFoundWithoutReadingTheRest) {
    const ScratchDatabase scratch;
    Connection connection = connection_to(scratch);

    expect_what_is_due_is_found(connection);
}

TEST(Controls, TheirHostsAreCountedAndMovedAtOnce) {
    const ScratchDatabase scratch;
    Connection connection = connection_to(scratch);

    expect_hosts_are_counted_and_moved(connection);
}

TEST(Controls, OfAnEarlierVersionTakeNothingForPutUpThatIsUnderWay) {
    const ScratchDatabase scratch;
    Connection connection = *Connection::open(scratch.address());
    ASSERT_TRUE(migrate(connection, version_without("ADD COLUMN at_once")));
    const auto put = [&](const std::string& host, const std::string& job, const char* state) {
        return connection
            .execute(
                "INSERT INTO control_host (control_id, host_id, state, since, job_id, digest, "
                "mode, tries, tried_at, installed_at, last_verified, evidence, bypass, why, "
                "removal_proposed_at) VALUES ('c', :host, :state, 1, :job, 'd', '', 0, 0, 0, 0, "
                "'', '', '', 0)",
                {host, std::string(state), job})
            .has_value();
    };
    ASSERT_TRUE(connection.execute(
        "INSERT INTO control VALUES ('c', 'n', 'isolation', '{}', 'd', 'o', 'r', 0, '', '', '', "
        "'{}', '*', '', '', 60, 9, 'remove', '', 0, 'approved', 0)"));
    HostRecord owner;
    owner.id = owner.name = "a";
    ASSERT_TRUE(add_host(connection, owner));
    ASSERT_TRUE(connection.execute(
        "INSERT INTO job (id, host_id, envelope, created_by, created_at, expires_at, finished_at, "
        "kind) VALUES ('j', 'a', '', '', 0, 9, 0, 'deploy-control'), ('k', 'a', '', '', 0, 9, 0, "
        "'verify-control')"));
    ASSERT_TRUE(put("a", "j", "approved"));
    ASSERT_TRUE(put("b", "k", "verified"));

    ASSERT_TRUE(migrate(connection));

    const auto a = *control_host_of(connection, "c", "a");
    EXPECT_EQ(a->digest, "");
    EXPECT_EQ(a->job_kind, "deploy-control");
    const auto b = *control_host_of(connection, "c", "b");
    EXPECT_EQ(b->digest, "d");
    EXPECT_EQ(b->job_kind, "verify-control");
    const auto tally = *tally_of_control(connection, "c", "d");
    EXPECT_EQ(tally.up, 1);
    EXPECT_EQ(tally.deploying, 1);
}

TEST(Controls, OfAnEarlierVersionComeBackWithHostsThatLeftTheScope) {
    const ScratchDatabase scratch;
    Connection connection = *Connection::open(scratch.address());
    ASSERT_TRUE(migrate(connection, version_without("ADD COLUMN left_scope")));
    ASSERT_TRUE(connection.execute(
        "INSERT INTO setting (name, content) VALUES ('controls.followed', '7')"));
    ASSERT_TRUE(connection.execute(
        "INSERT INTO control VALUES ('c', 'n', 'isolation', '{}', 'd', 'o', 'r', 0, '', '', '', "
        "'{}', '*', '', '', 60, 9, 'remove', '', 0, 'approved', 0, 20, '', 0, '', 0)"));
    for (const auto& [host, state, why] :
         {std::tuple("a", "retired", "no longer in its scope"),
          std::tuple("b", "retiring", "no longer in its scope"),
          std::tuple("c", "retired", "somebody said so")}) {
        ASSERT_TRUE(connection.execute(
            "INSERT INTO control_host (control_id, host_id, state, since, job_id, digest, mode, "
            "tries, tried_at, installed_at, last_verified, evidence, bypass, why, "
            "removal_proposed_at) VALUES ('c', :host, :state, 1, '', 'd', '', 0, 0, 0, 0, '', '', "
            ":why, 0)",
            {std::string(host), std::string(state), std::string(why)}));
    }

    ASSERT_TRUE(migrate(connection));

    EXPECT_TRUE(control_host_of(connection, "c", "a")->value().left_scope);
    EXPECT_TRUE(control_host_of(connection, "c", "b")->value().left_scope);
    EXPECT_FALSE(control_host_of(connection, "c", "c")->value().left_scope);
    EXPECT_TRUE(
        connection.query("SELECT name FROM setting WHERE name = 'controls.followed'")->empty())
        << "all hosts are looked at, once";
}

TEST(Controls, ComeBackWithHostsOfWhichTheRemovalWasLost) {
    const ScratchDatabase scratch;
    Connection connection = *Connection::open(scratch.address());
    ASSERT_TRUE(migrate(connection, version_without("0024 knew a host")));
    ASSERT_TRUE(connection.execute(
        "INSERT INTO setting (name, content) VALUES ('controls.followed', '7')"));
    ASSERT_TRUE(connection.execute(
        "INSERT INTO control VALUES ('c', 'n', 'isolation', '{}', 'd', 'o', 'r', 0, '', '', '', "
        "'{}', '*', '', '', 60, 9, 'remove', '', 0, 'approved', 0, 20, '', 0, '', 0)"));
    const std::string left = "no longer in its scope";
    const std::string gone = "the host is gone";
    struct Said {
        std::string host;
        std::string before;
        std::string after;
        std::string why;
    };
    const std::vector<Said> all{
        {"left", "verified", "retiring", left},
        {"left", "retiring", "retired", ""},
        {"leaving", "lapsed", "retiring", left},
        {"later", "verified", "retiring", left},
        {"later", "verified", "retiring", "somebody said so"},
        {"gone", "verified", "retired", gone},
        {"other", "verified", "retiring", "somebody said so"},
        {"other", "retiring", "retired", gone}};
    for (const Said& said : all) {
        const auto json_of = [&](const std::string& state) {
            return R"({"host":")" + said.host + R"(","state":")" + state + R"("})";
        };
        ASSERT_TRUE(append_audit(
            connection,
            {"server",
             "control." + said.after,
             "c",
             json_of(said.before),
             json_of(said.after),
             said.why},
            kControlTime));
        ASSERT_TRUE(connection.execute(
            "INSERT INTO control_host (control_id, host_id, state, since, job_id, digest, mode, "
            "tries, tried_at, installed_at, last_verified, evidence, bypass, why, "
            "removal_proposed_at) VALUES ('c', :host, :state, 1, '', 'd', '', 0, 0, 0, 0, '', '', "
            "'', 0) ON CONFLICT (control_id, host_id) DO UPDATE SET state = excluded.state",
            {said.host, said.after}));
    }

    ASSERT_TRUE(migrate(connection));

    for (const char* const host : {"left", "leaving", "gone"}) {
        EXPECT_TRUE(control_host_of(connection, "c", host)->value().left_scope) << host;
    }
    for (const char* const host : {"later", "other"}) {
        EXPECT_FALSE(control_host_of(connection, "c", host)->value().left_scope) << host;
    }
    EXPECT_TRUE(
        connection.query("SELECT name FROM setting WHERE name = 'controls.followed'")->empty());
}

TEST(Controls, OfAnEarlierVersionAreAttestedForAsLongAsTheyWere) {
    const ScratchDatabase scratch;
    Connection connection = *Connection::open(scratch.address());
    ASSERT_TRUE(migrate(connection, version_without("ADD COLUMN attested_until")));
    for (const std::string kind : {"external", "isolation"}) {
        ASSERT_TRUE(connection.execute(
            "INSERT INTO control VALUES (:id, 'n', :kind, '{}', 'd', 'o', 'r', 0, '', '', '', "
            "'{}', '*', '', '', 60, 9, 'remove', '', 0, 'verified', 0, 20, '', 0, '', 0)",
            {kind, kind}));
        ASSERT_TRUE(connection.execute(
            "INSERT INTO control_host (control_id, host_id, state, since, job_id, digest, mode, "
            "tries, tried_at, installed_at, last_verified, evidence, bypass, why, "
            "removal_proposed_at) VALUES (:id, 'a', 'verified', 1, '', 'd', '', 0, 0, 1, 7, '', "
            "'', '', 0)",
            {kind}));
    }

    ASSERT_TRUE(migrate(connection));

    EXPECT_EQ(
        control_host_of(connection, "external", "a")->value().attested_until,
        Instant(std::chrono::seconds(67)));
    EXPECT_EQ(control_host_of(connection, "isolation", "a")->value().attested_until, Instant{});
}

TEST(Controls, HearOfHostsThatChanged) {
    const ScratchDatabase scratch;
    Connection connection = connection_to(scratch);

    expect_changed_hosts_are_told(connection);
}

TEST(Controls, EachQuestionOfAPassIsAnsweredByAnIndex) {
    const ScratchDatabase scratch;
    Connection connection = connection_to(scratch);
    const auto plan_of = [&](const std::string& statement) {
        std::string plan;
        const auto rows = connection.query("EXPLAIN QUERY PLAN " + statement);
        for (const Row& row : *rows) {
            plan += text_at(row, 3) + "\n";
        }
        return plan;
    };

    const std::string due = plan_of(
        "SELECT s.state FROM control_host s WHERE s.due_at <= 9 ORDER BY s.due_at, s.control_id, "
        "s.host_id LIMIT 9");
    const std::string turn = plan_of(
        "SELECT s.state FROM control_host s JOIN host h ON h.id = s.host_id WHERE s.control_id = "
        "'c' AND s.turn_at <= 9 AND s.job_id = '' AND s.state <> 'retiring' AND h.silent_at > 9 "
        "ORDER BY s.turn_at, s.host_id LIMIT 9");

    EXPECT_TRUE(due.contains("control_host_by_due")) << due;
    EXPECT_TRUE(turn.contains("control_host_by_turn")) << turn;
    for (const std::string& plan : {due, turn}) {
        EXPECT_FALSE(plan.contains("TEMP B-TREE")) << plan;
    }
}

TEST(Controls, AListShowsThoseOfAGroupAndCountsItsHostsAlone) {
    const ScratchDatabase scratch;
    Connection connection = connection_to(scratch);
    for (const std::string id : {"a", "b"}) {
        HostRecord host;
        host.id = host.name = id;
        host.host_group = "group-" + id;
        ASSERT_TRUE(add_host(connection, host));
    }
    ASSERT_TRUE(add_control(connection, a_control("c")));
    ASSERT_TRUE(set_control_host(connection, {"c", "a", "verified", kControlTime}));
    ASSERT_TRUE(set_control_host(connection, {"c", "b", "lapsed", kControlTime}));
    ASSERT_TRUE(add_control(connection, a_control("d")));
    ASSERT_TRUE(set_control_host(connection, {"d", "b", "verified", kControlTime}));

    EXPECT_EQ(list_of(connection, "controls", "").size(), 2U);
    const auto rows = list_of(connection, "controls", "group-a");
    ASSERT_EQ(rows.size(), 1U);
    const auto* const table = &*std::ranges::find(list_tables(), "controls", &ListTable::name);
    EXPECT_EQ(number_at(rows[0], *column_of(*table, "hosts")), 1);
    EXPECT_EQ(number_at(rows[0], *column_of(*table, "lapsed")), 0);
}

TEST(Controls, TheBoardSaysWhatHostsOutsideSay) {
    const ScratchDatabase scratch;
    Connection connection = connection_to(scratch);

    expect_board_tells_of_outside(connection);
}

TEST(Controls, ExceptionsTellWhichOfTheirsEndsFirst) {
    const ScratchDatabase scratch;
    Connection connection = connection_to(scratch);

    expect_exceptions_tell_which_control_ends_first(connection);
}

TEST(Controls, TheBoardHasWhatLapsedFirst) {
    const ScratchDatabase scratch;
    Connection connection = connection_to(scratch);
    HostRecord host;
    host.id = host.name = "a";
    ASSERT_TRUE(add_host(connection, host));
    ASSERT_TRUE(add_control(connection, a_control("c")));
    ASSERT_TRUE(set_control_host(connection, {"c", "a", "verified", kControlTime}));
    ASSERT_TRUE(add_control(connection, a_control("d")));
    ASSERT_TRUE(set_control_host(connection, {"d", "a", "lapsed", kControlTime}));
    FleetJudgement judgement;
    judgement.host.host_id = "a";
    judgement.unpatched.resize(3);
    judgement.unpatched[0].source = "bare";
    judgement.unpatched[1].source = "held";
    judgement.unpatched[1].control_id = "c";
    judgement.unpatched[2].source = "open";
    judgement.unpatched[2].control_id = "d";
    ASSERT_TRUE(write_judgement(connection, judgement));

    ListQuery by_order;
    by_order.sort = 1;
    const auto rows = connection.query(
        plan_list(*std::ranges::find(list_tables(), "board", &ListTable::name), by_order).text);

    ASSERT_TRUE(rows);
    ASSERT_EQ(rows->size(), 3U);
    EXPECT_EQ(text_at((*rows)[0], 0), "a open ");
    EXPECT_EQ(text_at((*rows)[1], 0), "a held ");
    EXPECT_EQ(text_at((*rows)[2], 0), "a bare ");
}

TEST(ForgetRecords, LeavesTheLatestThatWasSaidOfAControl) {
    const ScratchDatabase scratch;
    Connection connection = connection_to(scratch);
    ASSERT_TRUE(add_control(connection, a_control("c")));
    for (const char* const said : {"deployed", "holding"}) {
        ASSERT_TRUE(add_control_check(
            connection, {"c", "a", kControlTime, "verify", said, "verified", "host:a", "", ""}));
    }

    EXPECT_EQ(forget_records(connection, kControlTime, 10)->proofs, 0);
    EXPECT_EQ(forget_records(connection, kControlTime + Days{1}, 10)->proofs, 1);
    EXPECT_EQ(checks_of_control(connection, "c", "a")->at(0).said, "holding");
}

TEST(Controls, AHostOfWhichTheShieldsChangedIsJudgedAgain) {
    const ScratchDatabase scratch;
    Connection connection = connection_to(scratch);
    HostRecord host;
    host.id = host.name = "a";
    host.inventory_digest = "i";
    host.last_seen_at = kControlTime;
    ASSERT_TRUE(add_host(connection, host));
    FleetJudgement judgement;
    judgement.host.host_id = "a";
    judgement.host.inventory_digest = "i";
    judgement.host.judged_at = kControlTime;
    ASSERT_TRUE(write_judgement(connection, judgement));
    const FleetDue due{"", kControlTime, {}};
    ASSERT_TRUE(hosts_to_judge(connection, due, {}, 1)->empty());

    ASSERT_TRUE(doubt_judgement(connection, "a"));

    EXPECT_EQ(hosts_to_judge(connection, due, {}, 1)->size(), 1U);
}

}  // namespace
}  // namespace thimble::store
