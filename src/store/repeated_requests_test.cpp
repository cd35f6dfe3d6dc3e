#include "thimble/store/repeated_requests.hpp"

#include "thimble/store/database.hpp"
#include "thimble/store/scratch_database_test.hpp"

#include <gtest/gtest.h>

namespace thimble::store {
namespace {

constexpr Instant kNow{std::chrono::seconds(1'790'000'000)};

Result<std::optional<RepeatedRequest>> begin(Database& database, const std::string& request) {
    return database.transact(
        [&](Connection& connection) { return begin_request(connection, "key", request, kNow); });
}

}  // namespace

TEST(RepeatedRequest, IsBegunOnceAndKeepsItsAnswer) {
    const ScratchDatabase scratch;
    Database database = *Database::open(scratch.address());
    const KeptAnswer answer{201, "application/json", R"({"id":"1"})", false};

    EXPECT_FALSE(begin(database, "a")->has_value());
    EXPECT_EQ(**begin(database, "b"), (RepeatedRequest{"a", kNow, {}}));
    ASSERT_TRUE(database.transact(
        [&](Connection& connection) { return keep_answer(connection, "key", answer); }));

    EXPECT_EQ(**begin(database, "a"), (RepeatedRequest{"a", kNow, answer}));
}

TEST(RepeatedRequest, IsBegunAnewOnceItIsForgotten) {
    const ScratchDatabase scratch;
    Database database = *Database::open(scratch.address());
    EXPECT_FALSE(begin(database, "a")->has_value());

    ASSERT_TRUE(database.transact(
        [&](Connection& connection) { return forget_old_requests(connection, kNow); }));
    EXPECT_TRUE(begin(database, "a")->has_value());
    ASSERT_TRUE(database.transact(
        [&](Connection& connection) { return forget_request(connection, "key"); }));

    EXPECT_FALSE(begin(database, "a")->has_value());
}

}  // namespace thimble::store
