#include "thimble/store/servers.hpp"

#include "thimble/store/database.hpp"
#include "thimble/store/hosts.hpp"
#include "thimble/store/jobs.hpp"
#include "thimble/store/scratch_database_test.hpp"

#include <gtest/gtest.h>

namespace thimble::store {
namespace {

using Kind = ServerNews::Kind;

constexpr Instant kNow{std::chrono::seconds(1'790'000'000)};

Result<void> tell(
    Database& database, const std::string& server, const std::vector<ServerNews>& news) {
    return database.transact(
        [&](Connection& connection) { return add_server_changes(connection, server, news); });
}

}  // namespace

TEST(ServerChanges, AreNumberedWithoutHolesAndReadInOrder) {
    const ScratchDatabase scratch;
    Database database = *Database::open(scratch.address());
    ASSERT_TRUE(tell(database, "a", {{Kind::Host, "h1"}, {Kind::Job, "j1"}}));
    ASSERT_TRUE(tell(database, "a", {}));
    ASSERT_TRUE(tell(database, "b", {{Kind::Halt, ""}}));

    const auto state = database.look(servers_state);
    const auto all =
        database.look([](Connection& connection) { return server_changes(connection, 0, 3); });
    const auto middle =
        database.look([](Connection& connection) { return server_changes(connection, 1, 2); });

    EXPECT_EQ(state->last_change, 3);
    EXPECT_EQ(
        *all,
        (std::vector<ServerChange>{
            {1, "a", {Kind::Host, "h1"}},
            {2, "a", {Kind::Job, "j1"}},
            {3, "b", {Kind::Halt, ""}}}));
    EXPECT_EQ(*middle, (std::vector<ServerChange>{{2, "a", {Kind::Job, "j1"}}}));
}

TEST(ServerChanges, AreForgottenButForTheLastAndNumbersGoOn) {
    const ScratchDatabase scratch;
    Database database = *Database::open(scratch.address());
    ASSERT_TRUE(tell(database, "a", {{Kind::Job, "1"}, {Kind::Job, "2"}, {Kind::Job, "3"}}));

    ASSERT_TRUE(database.transact(
        [](Connection& connection) { return forget_server_changes(connection, 1); }));
    ASSERT_TRUE(tell(database, "a", {{Kind::Job, "4"}}));

    const auto left =
        database.look([](Connection& connection) { return server_changes(connection, 0, 9); });
    ASSERT_EQ(left->size(), 2U);
    EXPECT_EQ(left->front().number, 3);
    EXPECT_EQ(left->back().number, 4);
}

TEST(ServerChanges, LeadToTheHostsAndWaitingJobsThatTheyTellOf) {
    const ScratchDatabase scratch;
    Database database = *Database::open(scratch.address());
    HostRecord host;
    host.id = "h1";
    HostRecord other = host;
    other.id = "h2";
    ASSERT_TRUE(database.transact([&](Connection& connection) -> Result<void> {
        THIMBLE_TRY(add_host(connection, host));
        THIMBLE_TRY(add_host(connection, other));
        for (const char* id : {"j1", "j2", "j3"}) {
            THIMBLE_TRY(
                add_job(connection, {id, "h1", "e", "ada", kNow, kNow + std::chrono::hours(1)}));
        }
        THIMBLE_TRY(finish_job(connection, "j2", "h1", kNow));
        return add_server_changes(
            connection,
            "a",
            std::vector<ServerNews>{
                {Kind::Inventory, "h1"}, {Kind::Job, "j1"}, {Kind::Job, "j2"}, {Kind::Job, "h2"}});
    }));

    const auto hosts =
        database.look([](Connection& connection) { return changed_hosts(connection, 0, 4); });
    const auto jobs = database.look(
        [](Connection& connection) { return changed_jobs_that_wait(connection, 0, 4, kNow); });

    EXPECT_EQ(*hosts, std::vector{host});
    ASSERT_EQ(jobs->size(), 1U);
    EXPECT_EQ(jobs->front().id, "j1");
    EXPECT_TRUE(*database.look(
        [](Connection& connection) { return waiting_job(connection, "j1", "h1", kNow); }));
    EXPECT_FALSE(*database.look(
        [](Connection& connection) { return waiting_job(connection, "j1", "h2", kNow); }));
    EXPECT_FALSE(*database.look(
        [](Connection& connection) { return waiting_job(connection, "j2", "h1", kNow); }));
}

TEST(ServerLead, IsWhatWasSetLastByTheClockOfTheDatabase) {
    const ScratchDatabase scratch;
    Database database = *Database::open(scratch.address());
    const ServerLead lead{"a", "https://a:8443", kNow};

    EXPECT_EQ(database.look(servers_state)->lead, ServerLead());
    ASSERT_TRUE(database.transact(
        [&](Connection& connection) { return set_server_lead(connection, lead); }));

    EXPECT_EQ(database.look(servers_state)->lead, lead);
    EXPECT_GT(database.look(servers_state)->now, kNow - std::chrono::hours(24 * 365));
}

}  // namespace thimble::store
