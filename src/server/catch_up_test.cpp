#include "thimble/server/catch_up.hpp"

#include "thimble/server/handlers.hpp"
#include "thimble/server/shared_database_test.hpp"
#include "thimble/server/sightings.hpp"
#include "thimble/store/jobs.hpp"

#include <optional>

namespace thimble::server {
namespace {

using Kind = store::ServerNews::Kind;

/// A cluster takes seconds to make: one for all tests here, each with hosts and jobs of its own.
class CatchUp : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        if (store::why_no_postgresql().empty()) {
            shared_ =
                new SharedDatabase;  // NOLINT(cppcoreguidelines-owning-memory): see TearDownTestSuite
        }
    }
    static void TearDownTestSuite() {
        delete shared_;  // NOLINT(cppcoreguidelines-owning-memory)
        shared_ = nullptr;
    }
    void SetUp() override {
        if (const std::string why = store::why_no_postgresql(); !why.empty()) {
            GTEST_SKIP() << why;
        }
        ASSERT_TRUE(shared_->postgresql.is_running());
        first.emplace(*shared_, "first");
        second.emplace(*shared_, "second");
    }

    std::optional<TestServer> first;
    std::optional<TestServer> second;

private:
    static inline SharedDatabase* shared_ = nullptr;
};

Result<Answer> halt_by(TestServer& server, bool begin) {
    const store::Account account;
    const Principal ada{"user:ada", account, actions_of(store::Role::Operator), "*", ""};
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

TEST_F(CatchUp, AHostThatEnrolledElsewhereIsKnownAndMovesAndIsRevoked) {
    first->add_host("h1");
    EXPECT_EQ(second->group_of("h1"), "");

    second->hear();
    EXPECT_EQ(second->group_of("h1"), "web");

    first->make([](store::Connection& connection, Trail& trail) -> Result<void> {
        trail.tell_others({Kind::Host, "h1"});
        THIMBLE_TRY(store::set_host_group(connection, "h1", "db"));
        return store::revoke_host(connection, "h1", kTestNow);
    });
    second->hear();
    EXPECT_EQ(second->group_of("h1"), "db");
    EXPECT_FALSE(
        second->context.roster.with([](const Roster& roster) { return roster.admit("h1"); }));
}

TEST_F(CatchUp, AJobThatWasMadeElsewhereIsGivenOutUntilItIsClosedElsewhere) {
    first->add_host("h2");
    first->add_job("j2", "h2");
    second->hear();
    EXPECT_EQ(second->jobs_of("h2"), 1U);

    first->make([](store::Connection& connection, Trail& trail) -> Result<void> {
        THIMBLE_TRY(store::finish_job(connection, "j2", "h2", kTestNow));
        trail.tell({{}, {"j2"}});
        return {};
    });
    EXPECT_EQ(second->jobs_of("h2"), 1U);

    second->hear();
    EXPECT_EQ(second->jobs_of("h2"), 0U);
}

TEST_F(CatchUp, AHaltAndItsEndAreHeard) {
    ASSERT_TRUE(halt_by(*first, true));
    EXPECT_FALSE(is_halted(*second));
    second->hear();
    EXPECT_TRUE(is_halted(*second));

    ASSERT_TRUE(halt_by(*second, false));
    first->hear();
    EXPECT_FALSE(is_halted(*first));
}

TEST_F(CatchUp, EventsOfAllServersAreHeardInOneOrder) {
    const std::int64_t before =
        first->context.events.with([](const EventLog& log) { return log.head(); });
    first->add_host("h3");
    second->add_host("h4");
    first->add_host("h5");

    first->hear();
    second->hear();

    const auto stream = [&](TestServer& server) {
        return server.context.events.with(
            [&](const EventLog& log) { return log.stream_after(before); });
    };
    EXPECT_EQ(stream(*first), stream(*second));
    const std::string text = stream(*first);
    EXPECT_LT(text.find("h3"), text.find("h4"));
    EXPECT_LT(text.find("h4"), text.find("h5"));
    EXPECT_NE(text.find("h5"), std::string::npos);
}

TEST_F(CatchUp, AnInventoryThatAnotherServerHeardOfIsNotTakenForTheOldOne) {
    first->add_host("h6");
    first->hear();
    second->hear();
    const auto check_in = [](TestServer& server, const std::string& digest, std::int64_t sequence) {
        server.context.roster.with([&](Roster& roster) {
            roster.add_document(digest);
            EXPECT_TRUE(roster.check_in("h6", {digest, "b", "1", sequence}, kTestNow));
        });
        EXPECT_TRUE(write_sightings(server.context));
    };
    check_in(*first, "d1", 1);
    second->hear();
    check_in(*second, "d2", 2);
    first->hear();
    check_in(*first, "d1", 3);

    const auto host = first->database.look(
        [](store::Connection& connection) { return store::host_of_id(connection, "h6"); });

    EXPECT_EQ((*host)->inventory_digest, "d1");
}

TEST_F(CatchUp, WhoDoesNotLeadIndexesWhatOthersTookIn) {
    first->add_host("h7");
    second->hear();
    first->make([](store::Connection& connection, Trail& trail) -> Result<void> {
        trail.tell_others({Kind::Inventory, "h7"});
        return store::set_inventory(connection, "h7", "d");
    });
    int nudges = 0;
    second->context.documents_changed.set([&] { ++nudges; });

    second->hear();
    second->hear();

    EXPECT_EQ(nudges, 1);
    EXPECT_EQ(
        second->context.heard.with([](const Heard& heard) { return heard.to_index; }),
        std::set<std::string>{"h7"});
}

TEST_F(CatchUp, WhoMissedWhatWasForgottenReadsEverything) {
    first->add_host("h8");
    first->add_job("j8", "h8");
    ASSERT_TRUE(first->database.transact(
        [](store::Connection& connection) { return store::forget_server_changes(connection, 1); }));

    second->hear();

    EXPECT_EQ(second->group_of("h8"), "web");
    EXPECT_EQ(second->jobs_of("h8"), 1U);
    EXPECT_TRUE(second->context.heard.with([](const Heard& heard) { return heard.has_gap; }));
}

TEST_F(CatchUp, WakesThoseWhoWaitOnlyWhenThereIsNews) {
    second->hear();
    int wakes = 0;
    second->context.wake.set([&] { ++wakes; });
    second->hear();
    EXPECT_EQ(wakes, 0);

    first->add_host("h9");
    second->hear();

    EXPECT_EQ(wakes, 1);
}

}  // namespace thimble::server
