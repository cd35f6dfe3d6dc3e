#include "thimble/store/accounts.hpp"

#include "thimble/store/database.hpp"
#include "thimble/store/scratch_database_test.hpp"
#include "thimble/store/tokens.hpp"

#include <gtest/gtest.h>

namespace thimble::store {
namespace {

constexpr Instant kNow{std::chrono::seconds(1'790'000'000)};
constexpr std::chrono::hours kHour{1};
const Account kAda{"a1", "ada", Role::Administrator, "hash", kNow, {}};

Connection connection_with_ada(const ScratchDatabase& scratch) {
    EXPECT_TRUE(Database::open(scratch.address()));
    auto connection = Connection::open(scratch.address());
    EXPECT_TRUE(add_account(*connection, kAda));
    return *std::move(connection);
}

}  // namespace

TEST(Account, IsFoundByNameAndId) {
    const ScratchDatabase scratch;
    Connection connection = connection_with_ada(scratch);

    EXPECT_EQ(**account_of_name(connection, "ada"), kAda);
    EXPECT_EQ(**account_of_id(connection, "a1"), kAda);
    EXPECT_FALSE(*account_of_name(connection, "eve"));
    EXPECT_EQ(add_account(connection, kAda).error().code, "store.exists");
}

TEST(RedeemSignInLink, WorksOnceAndOnlyWhileItLasts) {
    const ScratchDatabase scratch;
    Connection connection = connection_with_ada(scratch);
    ASSERT_TRUE(add_sign_in_link(connection, {"l1", "a1", kNow, kNow + kHour}));
    ASSERT_TRUE(add_sign_in_link(connection, {"l2", "a1", kNow, kNow + kHour}));

    EXPECT_FALSE(*redeem_sign_in_link(connection, "l0", kNow));
    EXPECT_FALSE(*redeem_sign_in_link(connection, "l2", kNow + kHour));
    EXPECT_TRUE(*redeem_sign_in_link(connection, "l1", kNow));
    EXPECT_FALSE(*redeem_sign_in_link(connection, "l1", kNow));
}

TEST(Session, EndsByTimeByPasswordAndWithItsAccount) {
    const ScratchDatabase scratch;
    Connection connection = connection_with_ada(scratch);
    const auto is_open = [&](Instant now) {
        return account_of_session(connection, "s", now)->has_value();
    };
    const auto open = [&] {
        return add_session(connection, {"s", "a1", kNow, kNow + kHour});
    };

    ASSERT_TRUE(open());
    EXPECT_TRUE(is_open(kNow));
    EXPECT_FALSE(is_open(kNow + kHour));
    ASSERT_TRUE(add_sign_in_link(connection, {"l3", "a1", kNow, kNow + kHour}));
    ASSERT_TRUE(set_password(connection, "a1", "new"));
    EXPECT_FALSE(*has_sign_in_link(connection, "l3", kNow)) << "a link that nobody used";
    EXPECT_FALSE(is_open(kNow));

    ASSERT_TRUE(open());
    ASSERT_TRUE(set_disabled(connection, "a1", kNow));
    EXPECT_FALSE(is_open(kNow));
    EXPECT_EQ(*count_administrators(connection), 0);
}

TEST(ApiToken, EndsByTimeByRevocationAndWithItsAccount) {
    const ScratchDatabase scratch;
    Connection connection = connection_with_ada(scratch);
    ASSERT_TRUE(
        add_api_token(connection, {"t1", "d1", "a1", "ci", "read", "*", kNow, kNow + kHour}));
    ASSERT_TRUE(
        add_api_token(connection, {"t2", "d2", "a1", "ci", "read", "*", kNow, kNow + kHour}));
    const auto is_good = [&](const std::string& digest, Instant now) {
        return api_token_of_digest(connection, digest, now)->has_value();
    };

    EXPECT_TRUE(is_good("d1", kNow));
    EXPECT_FALSE(is_good("d1", kNow + kHour));
    EXPECT_TRUE(*revoke_api_token(connection, "t1", kNow));
    EXPECT_FALSE(*revoke_api_token(connection, "t1", kNow));
    EXPECT_FALSE(is_good("d1", kNow));
    ASSERT_TRUE(set_disabled(connection, "a1", kNow));
    EXPECT_FALSE(is_good("d2", kNow));
}

}  // namespace thimble::store
