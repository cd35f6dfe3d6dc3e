#include "thimble/store/identities.hpp"

#include "thimble/store/database.hpp"
#include "thimble/store/scratch_database_test.hpp"

#include <gtest/gtest.h>

namespace thimble::store {
namespace {

constexpr Instant kNow{std::chrono::seconds(1'790'000'000)};
constexpr std::chrono::minutes kMinute{1};
const AccountIdentity kAdas{"https://l.example", "s-1"};

Connection connection_with_two(const ScratchDatabase& scratch) {
    EXPECT_TRUE(Database::open(scratch.address()));
    auto connection = Connection::open(scratch.address());
    EXPECT_TRUE(add_account(*connection, {"a1", "ada", Role::Operator, "", kNow, {}}));
    EXPECT_TRUE(add_account(*connection, {"b1", "bob", Role::Viewer, "", kNow, {}, "web"}));
    return *std::move(connection);
}

std::string name_of(const Result<std::optional<Account>>& account) {
    EXPECT_TRUE(account);
    return *account ? (*account)->name : "";
}

}  // namespace

TEST(AccountIdentity, IsOfOneAccountByIssuerAndSubjectTogether) {
    const ScratchDatabase scratch;
    Connection connection = connection_with_two(scratch);
    ASSERT_TRUE(set_identity(connection, "a1", kAdas, kNow));

    EXPECT_EQ(name_of(account_of_identity(connection, kAdas)), "ada");
    EXPECT_EQ(name_of(account_of_identity(connection, {"https://evil.example", "s-1"})), "");
    EXPECT_EQ(name_of(account_of_identity(connection, {"https://l.example", "S-1"})), "");
    EXPECT_EQ(set_identity(connection, "b1", kAdas, kNow).error().code, "store.exists");
}

TEST(AccountIdentity, IsReplacedAndRemoved) {
    const ScratchDatabase scratch;
    Connection connection = connection_with_two(scratch);
    ASSERT_TRUE(set_identity(connection, "a1", kAdas, kNow));

    ASSERT_TRUE(set_identity(connection, "a1", {"https://l.example", "s-2"}, kNow));
    EXPECT_EQ(name_of(account_of_identity(connection, kAdas)), "");
    ASSERT_TRUE(remove_identity(connection, "a1"));
    EXPECT_EQ(name_of(account_of_identity(connection, {"https://l.example", "s-2"})), "");
}

TEST(Account, KeepsItsHostGroup) {
    const ScratchDatabase scratch;
    Connection connection = connection_with_two(scratch);

    EXPECT_EQ((*account_of_id(connection, "a1"))->host_group, "*");
    EXPECT_EQ((*account_of_id(connection, "b1"))->host_group, "web");
    ASSERT_TRUE(set_host_group_of_account(connection, "a1", "db"));
    EXPECT_EQ((*account_of_id(connection, "a1"))->host_group, "db");
}

TEST(SignOnCode, WorksOnceAndOnlyWhileItLasts) {
    const ScratchDatabase scratch;
    Connection connection = connection_with_two(scratch);
    ASSERT_TRUE(add_sign_on_code(connection, {"c1", "a1", kNow + kMinute}));
    ASSERT_TRUE(add_sign_on_code(connection, {"c2", "a1", kNow + kMinute}));

    EXPECT_EQ(name_of(redeem_sign_on_code(connection, "c0", kNow)), "");
    EXPECT_EQ(name_of(redeem_sign_on_code(connection, "c1", kNow)), "ada");
    EXPECT_EQ(name_of(redeem_sign_on_code(connection, "c1", kNow)), "");
    EXPECT_EQ(name_of(redeem_sign_on_code(connection, "c2", kNow + kMinute)), "");
}

TEST(SignOnCode, OfADisabledAccountIsWorthNothing) {
    const ScratchDatabase scratch;
    Connection connection = connection_with_two(scratch);
    ASSERT_TRUE(add_sign_on_code(connection, {"c1", "a1", kNow + kMinute}));
    ASSERT_TRUE(set_disabled(connection, "a1", kNow));

    EXPECT_EQ(name_of(redeem_sign_on_code(connection, "c1", kNow)), "");
}

TEST(CountAdministrators, LeavesOutWhoIsLimitedToAGroup) {
    const ScratchDatabase scratch;
    Connection connection = connection_with_two(scratch);
    ASSERT_TRUE(set_role(connection, "a1", Role::Administrator));
    ASSERT_TRUE(set_role(connection, "b1", Role::Administrator));

    EXPECT_EQ(*count_administrators(connection), 1);
}

}  // namespace thimble::store
