#include "thimble/store/audit_log.hpp"
#include "thimble/store/control_builder_test.hpp"
#include "thimble/store/control_probes.hpp"
#include "thimble/store/database.hpp"
#include "thimble/store/deployments.hpp"
#include "thimble/store/fleet.hpp"
#include "thimble/store/host_marks.hpp"
#include "thimble/store/hosts.hpp"
#include "thimble/store/identities.hpp"
#include "thimble/store/jobs.hpp"
#include "thimble/store/list_table.hpp"
#include "thimble/store/migration.hpp"
#include "thimble/store/repeated_requests.hpp"
#include "thimble/store/retention.hpp"
#include "thimble/store/rollouts.hpp"
#include "thimble/store/scratch_postgresql_test.hpp"
#include "thimble/store/servers.hpp"
#include "thimble/store/taken_back.hpp"
#include "thimble/store/tokens.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace thimble::store {
namespace {

constexpr Instant kNow{std::chrono::seconds(1'790'000'000)};
constexpr std::chrono::hours kHour{1};

void expect_every_list(Connection& connection) {
    for (const ListTable& table : list_tables()) {
        if (table.from.empty()) {
            continue;  // not read from tables
        }
        for (std::size_t column = 0; column < table.columns.size(); ++column) {
            const bool is_text = store::is_text(table.columns[column].type);
            const Value value = is_text ? Value("x") : Value(std::int64_t{1});
            const Value key =
                table.columns[0].type == ColumnType::Text ? Value("x") : Value(std::int64_t{1});
            ListQuery query{10, column, true, {}, ListPosition{value, key}};
            query.filters.push_back({column, Comparison::Equal, value});
            query.filters.push_back(
                {column, is_text ? Comparison::Prefix : Comparison::AtLeast, value});
            query.filters.push_back({column, is_text ? Comparison::Has : Comparison::Below, value});
            query.host_group = column % 2 == 0 ? "a" : "";
            const ListStatement statement = plan_list(table, query);
            const auto rows = connection.query(statement.text, statement.values);
            EXPECT_TRUE(rows) << statement.text << rows.error().text();
        }
    }
}

/// A rollout of host "h", which its owner has put off.
void expect_rollout_nouns(Connection& connection) {
    EXPECT_TRUE(add_deployment(connection, {"d", "{}", false, "ada", kNow, "", {}}));
    EXPECT_TRUE(add_rollout(
        connection, {"d", "web", "policy: web", false, "running", kNow, "", "{}", "", 1, ""}));
    DeploymentHost member;
    member.deployment_id = "d";
    member.host_id = "h";
    EXPECT_TRUE(add_deployment_host(connection, member));
    member.noticed_at = kNow;
    member.gave_way_to = "e";
    member.ring = 1;
    EXPECT_TRUE(set_deployment_host(connection, member));
    EXPECT_EQ(hosts_of_deployment(connection, "d")->front(), member);
    const RolloutDeferral deferral{"h", 1, kNow + kHour, "user:ada", "a fair", kNow};
    EXPECT_TRUE(add_deferral(connection, "d", deferral));
    EXPECT_EQ(deferrals_of(connection, "d")->front(), deferral);
    EXPECT_TRUE(due_patches_of(connection, "h")->empty());
    EXPECT_TRUE(urgent_patches(connection, {"web", kNow})->empty());
    const NamedUrgent named{{"curl"}, {"CVE-1", "CVE-2"}};
    EXPECT_TRUE(urgent_patches(connection, {"web", kNow}, named)->empty());
    EXPECT_FALSE(*was_opened_for(connection, {"web", kNow}, "curl 2"));
    EXPECT_TRUE(hosts_in_emergencies(connection, "web", "curl 2")->empty());
    EXPECT_TRUE(add_taken_back(
        connection, {"t", "h", "web", "d", "r", "why", kNow, {{"curl", "2"}}, {"CVE-2026-1"}}));
    EXPECT_TRUE(patches_kept_back(connection, "h"));
    EXPECT_TRUE(sources_kept_back(connection, "h")->empty());
    EXPECT_TRUE(hosts_kept_back(connection, "d")->empty());
    EXPECT_EQ(*group_of_taken_back(connection, "t"), "web");
    EXPECT_TRUE(*review_taken_back(connection, {"t", "user:ada", "looked"}, kNow));
    EXPECT_FALSE(*evidence_of_job(connection, "j"));
    EXPECT_TRUE(note_begin(connection, "none", kNow));
    EXPECT_TRUE(overdue_jobs(connection, {kNow, kNow, kNow})->empty());
    EXPECT_FALSE(*was_host(connection, "h"));
    EXPECT_FALSE(*was_asked_elsewhere(connection, "c", "h"));
    const std::vector<std::string> hosts{"h"};
    EXPECT_TRUE(hosts_asked_elsewhere(connection, hosts)->empty());
    EXPECT_TRUE(hasten_controls(connection, hosts));
}

void expect_every_noun(Connection& connection) {
    const Account ada{"a1", "ada", Role::Operator, "hash", kNow, {}};
    EXPECT_TRUE(add_account(connection, ada));
    EXPECT_EQ(add_account(connection, ada).error().code, "store.exists");
    EXPECT_EQ(**account_of_name(connection, "ada"), ada);
    EXPECT_TRUE(add_sign_in_link(connection, {"l", "a1", kNow, kNow + kHour}));
    EXPECT_TRUE(*redeem_sign_in_link(connection, "l", kNow));
    EXPECT_FALSE(*redeem_sign_in_link(connection, "l", kNow));
    EXPECT_TRUE(add_session(connection, {"s", "a1", kNow, kNow + kHour}));
    EXPECT_TRUE(*account_of_session(connection, "s", kNow));
    EXPECT_TRUE(set_disabled(connection, "a1", kNow));
    EXPECT_TRUE(add_api_token(connection, {"t", "d", "a1", "n", "read", "*", kNow, kNow + kHour}));
    EXPECT_FALSE(*api_token_of_digest(connection, "d", kNow));
    EXPECT_TRUE(
        add_enrolment_token(connection, {"e", "d", "n", "g", false, "ada", kNow, kNow + kHour}));
    EXPECT_TRUE(*use_enrolment_token(connection, "e", "d", kNow));
    EXPECT_FALSE(*use_enrolment_token(connection, "e", "d", kNow));
    HostRecord host;
    host.id = "h";
    host.name = "w\xC3\xA4rme";
    EXPECT_TRUE(add_host(connection, host));
    EXPECT_EQ(all_hosts(connection)->front(), host);
    EXPECT_TRUE(set_host_tags(connection, "h", "env=prod,web"));
    EXPECT_EQ(*tagged_hosts(connection, ""), (std::vector<TaggedHosts>{{"env=prod,web", 1}}));
    EXPECT_EQ(*note_machine(connection, {"h", "m"}), 0);
    EXPECT_EQ(*take_reports(connection, "h", std::vector<Report>{{1, "run", "{}"}}, kNow), 1);
    FleetJudgement judgement;
    judgement.host.host_id = "h";
    judgement.patches.emplace_back().source = "curl";
    judgement.newly_seen = {{"CVE-1", "curl", kNow}};
    EXPECT_TRUE(*write_judgement(connection, judgement));
    EXPECT_FALSE(*write_judgement(connection, judgement));
    EXPECT_EQ(first_sights_of(connection, "h")->size(), 1U);
    EXPECT_FALSE(*are_behind(connection, std::vector<std::string>{"h"}, "h"));
    EXPECT_TRUE(hosts_to_judge(connection, {}, {}, 1));
    EXPECT_TRUE(keep_document(connection, {"d", "c", 1}, kNow));
    EXPECT_TRUE(keep_document(connection, {"d", "c", 1}, kNow));
    EXPECT_TRUE(add_job(connection, {"j", "h", "e", "ada", kNow, kNow + kHour}));
    expect_rollout_nouns(connection);
    EXPECT_EQ(waiting_jobs(connection, kNow)->size(), 1U);
    EXPECT_TRUE(set_identity(connection, "a1", {"https://l.example", "s"}, kNow));
    EXPECT_EQ((*account_of_identity(connection, {"https://l.example", "s"}))->name, "ada");
    EXPECT_TRUE(add_sign_on_code(connection, {"c", "a1", kNow + kHour}));
    EXPECT_FALSE(*redeem_sign_on_code(connection, "c", kNow));  // its account is disabled
    EXPECT_EQ(*forget_records(connection, kNow, 10), ForgottenRecords{});
    EXPECT_EQ(unnamed_documents(connection, kNow + kHour, "", 10)->size(), 1U);
    EXPECT_TRUE(*forget_document(connection, "d", kNow + kHour));
    EXPECT_TRUE(set_setting(connection, "x", "1"));
    EXPECT_TRUE(set_setting(connection, "x", "2"));
    EXPECT_EQ(*setting(connection, "x"), "2");
    EXPECT_TRUE(
        add_server_changes(connection, "a", std::vector<ServerNews>{{ServerNews::Kind::Job, "j"}}));
    EXPECT_EQ(changed_jobs_that_wait(connection, 0, 1, kNow)->size(), 1U);
    EXPECT_TRUE(set_server_lead(connection, {"a", "", kNow}));
    EXPECT_EQ(servers_state(connection)->last_change, 1);
    EXPECT_EQ(servers_state(connection)->lead.holder, "a");
    EXPECT_GT(servers_state(connection)->now, kNow - kHour * 24 * 365);
    EXPECT_FALSE(*begin_request(connection, "k", "r", kNow));
    EXPECT_TRUE(keep_answer(connection, "k", {201, "", "", true}));
    EXPECT_TRUE((*begin_request(connection, "k", "r", kNow))->answer.is_secret);
    EXPECT_TRUE(set_sign_in_failures(connection, "a", {2, kNow}));
    EXPECT_EQ(sign_in_failures(connection, "a")->count, 2);
    expect_controls_are_kept(connection);
}

Result<AuditEntry> note(Database& database) {
    return database.transact([](Connection& connection) {
        return append_audit(connection, {"server", "test.note", "", "", "", ""}, kNow);
    });
}

void append_many(const DatabaseAddress& address) {
    auto database = Database::open(address);
    ASSERT_TRUE(database);
    for (int entry = 0; entry < 50; ++entry) {
        EXPECT_TRUE(database->transact([](Connection& connection) {
            return append_audit(connection, {"server", "test.note", "", "", "", ""}, kNow);
        }));
    }
}

}  // namespace

// One test, since a cluster takes seconds to make.
TEST(Postgresql, HoldsWhatSqliteHolds) {
    if (const std::string why = why_no_postgresql(); !why.empty()) {
        GTEST_SKIP() << why;
    }
    const ScratchPostgresql postgresql;
    ASSERT_TRUE(postgresql.is_running());
    {
        auto connection = Connection::open(postgresql.address());
        ASSERT_TRUE(connection) << connection.error().text();
        for (std::size_t version = 0; version < migrations().size(); ++version) {
            const std::string name = "old" + std::to_string(version);
            ASSERT_TRUE(connection->execute("CREATE DATABASE " + name));
            auto old = Connection::open(postgresql.address(name));
            ASSERT_TRUE(old);
            EXPECT_TRUE(migrate(*old, version));
            EXPECT_TRUE(migrate(*old));
            expect_every_list(*old);
        }
    }
    {
        auto connection = Connection::open(postgresql.address());
        int number = 0;
        for (void (*const expect)(Connection&) :
             {expect_what_is_due_is_found,
              expect_board_tells_of_outside,
              expect_exceptions_tell_which_control_ends_first,
              expect_probes_are_kept,
              expect_probers_are_found,
              expect_hosts_are_counted_and_moved,
              expect_changed_hosts_are_told}) {
            const std::string name = "controls" + std::to_string(number++);
            ASSERT_TRUE(connection->execute("CREATE DATABASE " + name));
            auto empty = Connection::open(postgresql.address(name));
            ASSERT_TRUE(empty);
            ASSERT_TRUE(migrate(*empty));
            expect(*empty);
        }
    }
    {
        // Servers that start at once bring the schema up to date together.
        std::atomic<int> opened = 0;
        const auto open = [&] {
            opened += Database::open(postgresql.address()) ? 1 : 0;
        };
        {
            const std::jthread first(open);
            const std::jthread second(open);
            const std::jthread third(open);
        }
        ASSERT_EQ(opened, 3);
    }
    auto connection = Connection::open(postgresql.address());
    expect_every_noun(*connection);

    // Two servers append at once: the chain has neither holes nor branches.
    {
        const std::jthread first([&] { append_many(postgresql.address()); });
        const std::jthread second([&] { append_many(postgresql.address()); });
        // Who verifies beside them finds nothing missing.
        std::int64_t seen = 0;
        while (seen < 100) {
            const auto verified = verify_audit(*connection);
            ASSERT_TRUE(verified) << verified.error().text();
            seen = verified->entries();
        }
    }
    const auto verified = verify_audit(*connection);
    ASSERT_TRUE(verified) << verified.error().text();
    EXPECT_EQ(verified->entries(), 100);

    // A server that stops within its turn is thrown out, and the next one goes on.
    auto stopped = Connection::open(postgresql.address());
    ASSERT_TRUE(stopped);
    EXPECT_EQ(text_at(stopped->query("SHOW idle_in_transaction_session_timeout")->at(0), 0), "15s");
    ASSERT_TRUE(stopped->execute("SET idle_in_transaction_session_timeout = '300ms'"));
    ASSERT_TRUE(stopped->begin());
    ASSERT_TRUE(set_setting(*stopped, "stopped", "1"));
    ASSERT_TRUE(connection->begin());
    ASSERT_TRUE(connection->commit());
    EXPECT_FALSE(stopped->commit());
    EXPECT_TRUE(stopped->is_lost());
    EXPECT_EQ(*setting(*connection, "stopped"), "");

    ASSERT_TRUE(connection->execute("UPDATE schema_version SET version = version + 1"));
    EXPECT_EQ(Database::open(postgresql.address()).error().code, "store.newer_database");
}

TEST(Postgresql, IsFoundAgainAfterARestartAndNothingThatWasAcknowledgedIsLost) {
    if (const std::string why = why_no_postgresql(); !why.empty()) {
        GTEST_SKIP() << why;
    }
    const ScratchPostgresql postgresql;
    auto database = Database::open(postgresql.address());
    ASSERT_TRUE(database) << database.error().text();
    int found_again = 0;
    database->when_found_again([&](Connection& connection) -> Result<void> {
        ++found_again;
        THIMBLE_TRY(audit_head(connection));
        return {};
    });
    std::atomic<std::int64_t> acknowledged = 0;
    std::atomic<bool> is_over = false;
    std::jthread writing([&] {
        while (!is_over) {
            if (note(*database)) {
                ++acknowledged;
            } else {
                std::this_thread::yield();
            }
        }
    });

    for (int restart = 0; restart < 3; ++restart) {
        const std::int64_t before = acknowledged;
        while (acknowledged < before + 20) {
            std::this_thread::yield();
        }
        ASSERT_TRUE(postgresql.stop());
        EXPECT_EQ(note(*database).error().code, "store.unavailable");
        ASSERT_TRUE(postgresql.start());
    }
    const std::int64_t before = acknowledged;
    while (acknowledged == before) {
        std::this_thread::yield();
    }
    is_over = true;
    writing.join();

    EXPECT_EQ(found_again, 3);
    const auto verified =
        database->look([](Connection& connection) { return verify_audit(connection); });
    ASSERT_TRUE(verified) << verified.error().text();
    EXPECT_GE(verified->entries(), acknowledged);
    EXPECT_LE(verified->entries(), acknowledged + 3);
}

}  // namespace thimble::store
