#include "thimble/server/lead.hpp"

#include "thimble/server/shared_database_test.hpp"

#include <atomic>
#include <thread>

namespace thimble::server {
namespace {

/// As if so much time had passed for the database.
void let_pass(TestServer& server, std::chrono::seconds time) {
    ASSERT_TRUE(server.database.transact([&](store::Connection& connection) -> Result<void> {
        THIMBLE_TRY(connection.execute(
            "UPDATE server_leader SET until_at = until_at - :time", {std::int64_t{time.count()}}));
        return {};
    }));
}

Result<void> check(TestServer& server) {
    return server.database.transact(
        [&](store::Connection& connection) { return check_lead(server.context, connection); });
}

void contend(TestServer& server, std::atomic<int>& leaders, std::atomic<int>& leads) {
    for (int round = 0; round < 100; ++round) {
        const auto asked = ask_for_lead(server.context, kTestNow);
        ASSERT_TRUE(asked) << asked.error().text();
        if (*asked) {
            EXPECT_EQ(++leaders, 1);
            ++leads;
            EXPECT_TRUE(check(server));
            --leaders;
            ASSERT_TRUE(give_up_lead(server.context));
        }
    }
}

}  // namespace

// One test, since a cluster takes seconds to make.
TEST(Lead, IsOfOneServerWhoeverAsks) {
    if (const std::string why = store::why_no_postgresql(); !why.empty()) {
        GTEST_SKIP() << why;
    }
    const SharedDatabase shared;
    ASSERT_TRUE(shared.postgresql.is_running());
    TestServer first(shared, "first");
    TestServer second(shared, "second");

    EXPECT_FALSE(check(first));
    EXPECT_TRUE(*ask_for_lead(first.context, kTestNow));
    EXPECT_TRUE(*ask_for_lead(first.context, kTestNow));
    EXPECT_FALSE(*ask_for_lead(second.context, kTestNow));
    EXPECT_TRUE(first.context.leads());
    EXPECT_FALSE(second.context.leads());
    EXPECT_TRUE(check(first));

    // The first one was stopped: it believes still that it leads, and writes nothing.
    let_pass(first, kLead);
    EXPECT_TRUE(first.context.leads());
    EXPECT_EQ(check(first).error().code, "server.not_leading");
    EXPECT_TRUE(*ask_for_lead(second.context, kTestNow));
    EXPECT_EQ(check(first).error().code, "server.not_leading");
    EXPECT_TRUE(check(second));
    EXPECT_FALSE(*ask_for_lead(first.context, kTestNow));
    EXPECT_FALSE(first.context.leads());

    // Who ends lets others go on at once.
    ASSERT_TRUE(give_up_lead(second.context));
    EXPECT_FALSE(second.context.leads());
    EXPECT_TRUE(*ask_for_lead(first.context, kTestNow));
    ASSERT_TRUE(give_up_lead(second.context));  // not its own
    EXPECT_TRUE(check(first));
    ASSERT_TRUE(give_up_lead(first.context));

    std::atomic<int> leaders = 0;
    std::atomic<int> leads = 0;
    {
        TestServer third(shared, "third");
        const std::jthread one([&] { contend(first, leaders, leads); });
        const std::jthread two([&] { contend(second, leaders, leads); });
        contend(third, leaders, leads);
    }
    EXPECT_GT(leads, 0);
}

}  // namespace thimble::server
