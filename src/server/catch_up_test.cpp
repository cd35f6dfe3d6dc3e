#include "thimble/server/catch_up.hpp"

#include "thimble/server/handlers.hpp"
#include "thimble/server/shared_database_test.hpp"
#include "thimble/server/sightings.hpp"
#include "thimble/store/jobs.hpp"

#include <optional>

namespace thimble::server {
namespace {

using Kind = store::ServerNews::Kind;

struct Servers {
    SharedDatabase shared;
    TestServer first{shared, "first"};
    TestServer second{shared, "second"};
};

Result<Answer> halt_by(TestServer& server, bool begin) {
    const store::Account account;
    const Principal ada{"user:ada", account, actions_of(store::Role::Operator), "*", "", ""};
    Request request;
    request.now = kTestNow;
    request.body = R"({"why":"smoke"})";
    const std::vector<std::string> parameters;
    const Call call{request, parameters, &ada};
    return begin ? halt(server.context, call) : end_halt(server.context, call);
}

bool is_halted(const TestServer& server) {
    return server.context.roster.with([](const Roster& roster) { return roster.halt().halted; });
}

}  // namespace

TEST(CatchUp, AHostThatEnrolledElsewhereIsKnownAndMovesAndIsRevoked) {
    if (const std::string why = store::why_no_postgresql(); !why.empty()) {
        GTEST_SKIP() << why;
    }
    Servers servers;
    servers.first.add_host("h1");
    EXPECT_EQ(servers.second.group_of("h1"), "");

    servers.second.hear();
    EXPECT_EQ(servers.second.group_of("h1"), "web");

    servers.first.make([](store::Connection& connection, Trail& trail) -> Result<void> {
        trail.tell_others({Kind::Host, "h1"});
        THIMBLE_TRY(store::set_host_group(connection, "h1", "db"));
        return store::revoke_host(connection, "h1", kTestNow);
    });
    servers.second.hear();
    EXPECT_EQ(servers.second.group_of("h1"), "db");
    EXPECT_FALSE(servers.second.context.roster.with(
        [](const Roster& roster) { return roster.admit("h1"); }));
}

TEST(CatchUp, AJobThatWasMadeElsewhereIsGivenOutUntilItIsClosedElsewhere) {
    if (const std::string why = store::why_no_postgresql(); !why.empty()) {
        GTEST_SKIP() << why;
    }
    Servers servers;
    servers.first.add_host("h2");
    servers.first.add_job("j2", "h2");
    servers.second.hear();
    EXPECT_EQ(servers.second.jobs_of("h2"), 1U);

    servers.first.make([](store::Connection& connection, Trail& trail) -> Result<void> {
        THIMBLE_TRY(store::finish_job(connection, "j2", "h2", kTestNow));
        trail.tell({{}, {"j2"}});
        return {};
    });
    EXPECT_EQ(servers.second.jobs_of("h2"), 1U);

    servers.second.hear();
    EXPECT_EQ(servers.second.jobs_of("h2"), 0U);
}

TEST(CatchUp, AHaltAndItsEndAreHeard) {
    if (const std::string why = store::why_no_postgresql(); !why.empty()) {
        GTEST_SKIP() << why;
    }
    Servers servers;
    ASSERT_TRUE(halt_by(servers.first, true));
    EXPECT_FALSE(is_halted(servers.second));
    servers.second.hear();
    EXPECT_TRUE(is_halted(servers.second));

    ASSERT_TRUE(halt_by(servers.second, false));
    servers.first.hear();
    EXPECT_FALSE(is_halted(servers.first));
}

TEST(CatchUp, EventsOfAllServersAreHeardInOneOrder) {
    if (const std::string why = store::why_no_postgresql(); !why.empty()) {
        GTEST_SKIP() << why;
    }
    Servers servers;
    const std::int64_t before =
        servers.first.context.events.with([](const EventLog& log) { return log.head(); });
    servers.first.add_host("h3");
    servers.second.add_host("h4");
    servers.first.add_host("h5");

    servers.first.hear();
    servers.second.hear();

    const auto stream = [&](TestServer& server) {
        return server.context.events.with(
            [&](const EventLog& log) { return log.stream_after(before); });
    };
    EXPECT_EQ(stream(servers.first), stream(servers.second));
    const std::string text = stream(servers.first);
    EXPECT_LT(text.find("h3"), text.find("h4"));
    EXPECT_LT(text.find("h4"), text.find("h5"));
    EXPECT_NE(text.find("h5"), std::string::npos);
}

TEST(CatchUp, AnInventoryThatAnotherServerHeardOfIsNotTakenForTheOldOne) {
    if (const std::string why = store::why_no_postgresql(); !why.empty()) {
        GTEST_SKIP() << why;
    }
    Servers servers;
    servers.first.add_host("h6");
    servers.first.hear();
    servers.second.hear();
    const auto check_in = [](TestServer& server, const std::string& digest, std::int64_t sequence) {
        server.context.roster.with([&](Roster& roster) {
            roster.add_document(digest);
            EXPECT_TRUE(roster.check_in("h6", {digest, "b", "1", sequence}, kTestNow));
        });
        EXPECT_TRUE(write_sightings(server.context));
    };
    check_in(servers.first, "d1", 1);
    servers.second.hear();
    check_in(servers.second, "d2", 2);
    servers.first.hear();
    check_in(servers.first, "d1", 3);

    const auto host = servers.first.database.look(
        [](store::Connection& connection) { return store::host_of_id(connection, "h6"); });

    EXPECT_EQ((*host)->inventory_digest, "d1");
}

TEST(CatchUp, ADocumentIsNotAskedForAsLongAsItIsThere) {
    if (const std::string why = store::why_no_postgresql(); !why.empty()) {
        GTEST_SKIP() << why;
    }
    Servers servers;
    servers.first.add_host("h10");
    const auto is_asked_for = [&](std::int64_t sequence) {
        servers.second.hear();
        return servers.second.context.roster.with([&](Roster& roster) {
            return roster.check_in("h10", {"d", "b", "1", sequence}, kTestNow)->needs_document;
        });
    };
    EXPECT_TRUE(is_asked_for(1));

    servers.first.make([](store::Connection& connection, Trail& trail) -> Result<void> {
        trail.tell_others({Kind::Document, "d"});
        return store::keep_document(connection, {"d", "c", 1}, kTestNow);
    });
    EXPECT_FALSE(is_asked_for(2));

    servers.first.make([](store::Connection& connection, Trail& trail) -> Result<void> {
        trail.tell_others({Kind::Document, "d"});
        THIMBLE_TRY(connection.execute("DELETE FROM inventory_document WHERE digest = 'd'"));
        return {};
    });
    EXPECT_TRUE(is_asked_for(3));
}

TEST(CatchUp, WhoDoesNotLeadIndexesWhatOthersTookIn) {
    if (const std::string why = store::why_no_postgresql(); !why.empty()) {
        GTEST_SKIP() << why;
    }
    Servers servers;
    servers.first.add_host("h7");
    servers.second.hear();
    servers.first.make([](store::Connection& connection, Trail& trail) -> Result<void> {
        trail.tell_others({Kind::Inventory, "h7"});
        return store::set_inventory(connection, "h7", "d");
    });
    int nudges = 0;
    servers.second.context.documents_changed.set([&] { ++nudges; });

    servers.second.hear();
    servers.second.hear();

    EXPECT_EQ(nudges, 1);
    EXPECT_EQ(
        servers.second.context.heard.with([](const Heard& heard) { return heard.to_index; }),
        std::set<std::string>{"h7"});
}

TEST(CatchUp, WhoMissedWhatWasForgottenReadsEverything) {
    if (const std::string why = store::why_no_postgresql(); !why.empty()) {
        GTEST_SKIP() << why;
    }
    Servers servers;
    servers.first.add_host("h8");
    servers.first.add_job("j8", "h8");
    ASSERT_TRUE(servers.first.database.transact(
        [](store::Connection& connection) { return store::forget_server_changes(connection, 1); }));

    servers.second.hear();

    EXPECT_EQ(servers.second.group_of("h8"), "web");
    EXPECT_EQ(servers.second.jobs_of("h8"), 1U);
    EXPECT_TRUE(
        servers.second.context.heard.with([](const Heard& heard) { return heard.has_gap; }));
}

TEST(CatchUp, WakesThoseWhoWaitOnlyWhenThereIsNews) {
    if (const std::string why = store::why_no_postgresql(); !why.empty()) {
        GTEST_SKIP() << why;
    }
    Servers servers;
    servers.second.hear();
    int wakes = 0;
    servers.second.context.wake.set([&] { ++wakes; });
    servers.second.hear();
    EXPECT_EQ(wakes, 0);

    servers.first.add_host("h9");
    servers.second.hear();

    EXPECT_EQ(wakes, 1);
}

}  // namespace thimble::server
