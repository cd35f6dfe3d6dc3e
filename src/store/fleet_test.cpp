#include "thimble/store/fleet.hpp"

#include "thimble/store/database.hpp"
#include "thimble/store/hosts.hpp"
#include "thimble/store/list_table.hpp"
#include "thimble/store/scratch_database_test.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>

namespace thimble::store {
namespace {

constexpr Instant kNow{std::chrono::seconds(1'790'000'000)};
constexpr std::chrono::hours kHour{1};

/// Two hosts with the inventory "a" and one without.
Connection connection_with_hosts(const ScratchDatabase& scratch) {
    EXPECT_TRUE(Database::open(scratch.address()));
    auto connection = Connection::open(scratch.address());
    for (const auto& [id, digest] :
         std::vector<std::pair<const char*, const char*>>{{"1", "a"}, {"2", "a"}, {"3", ""}}) {
        HostRecord host;
        host.id = id;
        host.name = std::string("host") + id;
        host.inventory_digest = digest;
        host.last_seen_at = kNow;
        host.silent_at = kNow + kHour;
        EXPECT_TRUE(add_host(*connection, host));
    }
    return *std::move(connection);
}

FleetJudgement judgement_of(const std::string& host_id) {
    FleetJudgement judgement;
    judgement.host = {
        .host_id = host_id,
        .inventory_digest = "a",
        .catalog = "c1",
        .judged_at = kNow,
        .overdue = 1,
        .pending = 2,
        .unknown_why = "",
        .gaps = "[]"};
    FleetPatch curl;
    curl.source = "curl";
    curl.to_version = "2";
    curl.state = "ready";
    curl.kev = true;
    curl.due_at = kNow + kHour;
    curl.vulnerabilities = {"CVE-1", "CVE-2"};
    FleetPatch zlib;
    zlib.source = "zlib";
    zlib.state = "blocked";
    zlib.blocker = "not_offered";
    judgement.patches = {curl, zlib};
    judgement.newly_seen = {{"CVE-1", "curl", kNow}};
    return judgement;
}

FleetDue due() {
    return {"c1", kNow - kHour, kNow};
}

std::vector<std::string> ids_to_judge(Connection& connection, const FleetDue& due) {
    std::vector<std::string> ids;
    const auto hosts = hosts_to_judge(connection, due, {}, 10);
    EXPECT_TRUE(hosts) << hosts.error().text();
    for (const HostToJudge& host : *hosts) {
        ids.push_back(host.host_id);
    }
    return ids;
}

std::vector<Row> rows_of(Connection& connection, std::string_view list) {
    const ListTable& table = *std::ranges::find(list_tables(), list, &ListTable::name);
    const ListStatement statement = plan_list(table, {});
    const auto rows = connection.query(statement.text, statement.values);
    EXPECT_TRUE(rows) << rows.error().text();
    return typed_rows(table, *rows);
}

std::size_t at(std::string_view list, std::string_view column) {
    return *column_of(*std::ranges::find(list_tables(), list, &ListTable::name), column);
}

using Ids = std::vector<std::string>;

}  // namespace

TEST(HostsToJudge, AreThoseOfWhichSomethingChanged) {
    const ScratchDatabase scratch;
    Connection connection = connection_with_hosts(scratch);
    EXPECT_EQ(ids_to_judge(connection, due()), (Ids{"1", "2"}));

    ASSERT_TRUE(write_judgement(connection, judgement_of("1")));
    EXPECT_EQ(ids_to_judge(connection, due()), (Ids{"2"}));

    EXPECT_EQ(ids_to_judge(connection, {"c2", kNow - kHour, kNow}), (Ids{"1", "2"}));
    EXPECT_EQ(ids_to_judge(connection, {"c1", kNow + kHour, kNow}), (Ids{"1", "2"}));
    EXPECT_EQ(ids_to_judge(connection, {"c1", kNow - kHour, kNow + 2 * kHour}), (Ids{"1", "2"}));
    ASSERT_TRUE(set_inventory(connection, "1", "b"));
    EXPECT_EQ(ids_to_judge(connection, due()), (Ids{"2", "1"}));
    ASSERT_TRUE(revoke_host(connection, "2", kNow));
    EXPECT_EQ(ids_to_judge(connection, due()), (Ids{"1"}));
}

TEST(HostsDueAmong, AreInTheOrderThatWasGivenWithoutThoseThatAreNotDue) {
    const ScratchDatabase scratch;
    Connection connection = connection_with_hosts(scratch);
    const Ids wanted{"3", "2", "9", "1"};
    const auto due_ids = [&] {
        Ids ids;
        const auto hosts = hosts_due_among(connection, due(), wanted);
        EXPECT_TRUE(hosts) << hosts.error().text();
        std::ranges::transform(*hosts, std::back_inserter(ids), &HostToJudge::host_id);
        return ids;
    };
    EXPECT_EQ(due_ids(), (Ids{"2", "1"}));

    ASSERT_TRUE(write_judgement(connection, judgement_of("2")));

    EXPECT_EQ(due_ids(), (Ids{"1"}));
    EXPECT_TRUE(hosts_due_among(connection, due(), {})->empty());
}

TEST(UnknownHosts, AreThoseThatWereNotJudgedOrNotWhollyOrAreAnotherSince) {
    const ScratchDatabase scratch;
    Connection connection = connection_with_hosts(scratch);
    ASSERT_TRUE(set_host_group(connection, "3", "other"));
    EXPECT_EQ(*unknown_hosts(connection, ""), (Ids{"1", "2", "3"}));

    FleetJudgement stale = judgement_of("1");
    stale.host.unknown_why = "the index is old";
    ASSERT_TRUE(write_judgement(connection, stale));
    ASSERT_TRUE(write_judgement(connection, judgement_of("2")));
    EXPECT_EQ(*unknown_hosts(connection, ""), (Ids{"1", "3"}));
    EXPECT_EQ(*unknown_hosts(connection, "other"), (Ids{"3"}));

    ASSERT_TRUE(set_inventory(connection, "2", "b"));
    ASSERT_TRUE(revoke_host(connection, "3", kNow));
    EXPECT_EQ(*unknown_hosts(connection, ""), (Ids{"1", "2"}));
}

TEST(HostNames, AreThoseOfTheHostsThatAreThereById) {
    const ScratchDatabase scratch;
    Connection connection = connection_with_hosts(scratch);
    ASSERT_TRUE(set_host_group(connection, "1", "web"));
    ASSERT_TRUE(set_host_group(connection, "2", "web"));
    ASSERT_TRUE(revoke_host(connection, "2", kNow));
    const Ids wanted{"3", "9", "1"};

    EXPECT_EQ(
        *host_names(connection, wanted),
        (std::vector<HostName>{{"1", "host1", "web"}, {"3", "host3", ""}}));
    EXPECT_TRUE(host_names(connection, {})->empty());
    EXPECT_EQ(*hosts_of_group(connection, "web"), (Ids{"1"}));
}

TEST(HostsToJudge, ASilentHostIsJudgedAgainWhenItSpeaks) {
    const ScratchDatabase scratch;
    Connection connection = connection_with_hosts(scratch);
    FleetJudgement silent = judgement_of("1");
    silent.host.silent = true;
    ASSERT_TRUE(write_judgement(connection, silent));

    EXPECT_EQ(ids_to_judge(connection, {"c1", kNow, kNow + 2 * kHour}), (Ids{"2"}));
    EXPECT_EQ(ids_to_judge(connection, {"c1", kNow, kNow}), (Ids{"1", "2"}));
}

TEST(HostsToJudge, APassGoesOnBehindTheLastHost) {
    const ScratchDatabase scratch;
    Connection connection = connection_with_hosts(scratch);

    const auto first = hosts_to_judge(connection, due(), {}, 1);
    const auto second = hosts_to_judge(connection, due(), first->front(), 1);
    const auto none = hosts_to_judge(connection, due(), second->front(), 1);

    EXPECT_EQ(first->front().host_id, "1");
    EXPECT_EQ(second->front().host_id, "2");
    EXPECT_TRUE(none->empty());
}

TEST(WriteJudgement, TakesThePlaceOfTheLastAndTellsWhetherSomethingElseIsSaid) {
    const ScratchDatabase scratch;
    Connection connection = connection_with_hosts(scratch);
    FleetJudgement judgement = judgement_of("1");

    EXPECT_TRUE(*write_judgement(connection, judgement));
    judgement.host.judged_at = kNow + kHour;
    EXPECT_FALSE(*write_judgement(connection, judgement));
    judgement.patches.pop_back();
    judgement.host.unknown_why = "silent";
    EXPECT_TRUE(*write_judgement(connection, judgement));

    const auto rows = rows_of(connection, "patches");
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(text_at(rows[0], at("patches", "vulnerability_ids")), "CVE-1,CVE-2");
    EXPECT_EQ(number_at(rows[0], at("patches", "vulnerabilities")), 2);
    EXPECT_EQ(text_at(rows[0], at("patches", "host")), "host1");
}

TEST(WriteJudgement, AFirstSightNeverMovesAndIsNeverForgotten) {
    const ScratchDatabase scratch;
    Connection connection = connection_with_hosts(scratch);
    FleetJudgement judgement = judgement_of("1");
    ASSERT_TRUE(write_judgement(connection, judgement));

    judgement.newly_seen = {{"CVE-1", "curl", kNow + kHour}, {"CVE-2", "curl", kNow + kHour}};
    ASSERT_TRUE(write_judgement(connection, judgement));

    EXPECT_EQ(
        *first_sights_of(connection, "1"),
        (std::vector<FirstSight>{{"CVE-1", "curl", kNow}, {"CVE-2", "curl", kNow + kHour}}));
    EXPECT_TRUE(first_sights_of(connection, "2")->empty());
}

TEST(HostsList, AHostThatWasNotJudgedIsUnknownNotFine) {
    const ScratchDatabase scratch;
    Connection connection = connection_with_hosts(scratch);
    FleetJudgement judgement = judgement_of("1");
    judgement.can_be_tracked = true;
    ASSERT_TRUE(write_judgement(connection, judgement));

    const auto rows = rows_of(connection, "hosts");

    EXPECT_EQ(text_at(rows[0], at("hosts", "unknown_why")), "");
    EXPECT_EQ(number_at(rows[0], at("hosts", "overdue")), 1);
    EXPECT_EQ(text_at(rows[1], at("hosts", "unknown_why")), "not judged yet");
    EXPECT_EQ(number_at(rows[1], at("hosts", "overdue")), -1);  // not known
    EXPECT_EQ(number_at(rows[1], at("hosts", "judged_at")), 0);
}

TEST(HostsList, OfAnUnknownHostOnlyWhatWasFoundIsKnown) {
    const ScratchDatabase scratch;
    Connection connection = connection_with_hosts(scratch);
    FleetJudgement judgement = judgement_of("1");
    judgement.host.unknown_why = "its index is stale";
    judgement.host.overdue = 0;
    judgement.host.pending = 2;
    judgement.can_be_tracked = true;
    ASSERT_TRUE(write_judgement(connection, judgement));

    const auto rows = rows_of(connection, "hosts");

    EXPECT_EQ(number_at(rows[0], at("hosts", "overdue")), -1);
    EXPECT_EQ(number_at(rows[0], at("hosts", "pending")), 2);
}

TEST(FleetPatchesList, CountsTheHostsAndTakesTheWorstOfAll) {
    const ScratchDatabase scratch;
    Connection connection = connection_with_hosts(scratch);
    ASSERT_TRUE(write_judgement(connection, judgement_of("1")));
    FleetJudgement other = judgement_of("2");
    other.patches[0].state = "blocked";
    other.patches[0].kev = false;
    other.patches[0].due_at = {};
    ASSERT_TRUE(write_judgement(connection, other));

    const auto rows = rows_of(connection, "fleet-patches");

    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(text_at(rows[0], 0), "curl 2");
    EXPECT_EQ(number_at(rows[0], at("fleet-patches", "hosts")), 2);
    EXPECT_EQ(number_at(rows[0], at("fleet-patches", "ready")), 1);
    EXPECT_EQ(number_at(rows[0], at("fleet-patches", "blocked")), 1);
    EXPECT_EQ(number_at(rows[0], at("fleet-patches", "kev")), 1);
    EXPECT_EQ(
        number_at(rows[0], at("fleet-patches", "due_at")),
        (kNow + kHour).time_since_epoch().count());
    EXPECT_EQ(number_at(rows[1], at("fleet-patches", "due_at")), 0);
}

}  // namespace thimble::store
