#include "thimble/store/audit_log.hpp"

#include "thimble/store/database.hpp"
#include "thimble/store/scratch_database_test.hpp"

#include <gtest/gtest.h>

namespace thimble::store {
namespace {

constexpr Instant kNow{std::chrono::seconds(1'790'000'000)};

Database database_with_entries(const ScratchDatabase& scratch, int count) {
    auto database = Database::open(scratch.address());
    EXPECT_TRUE(database);
    const auto appended = database->transact([&](Connection& connection) -> Result<void> {
        for (int entry = 0; entry < count; ++entry) {
            THIMBLE_TRY(append_audit(connection, {"server", "test.note", "x", "", "", ""}, kNow));
        }
        return {};
    });
    EXPECT_TRUE(appended);
    return *std::move(database);
}

Result<AuditVerifier> verified(Database& database) {
    return database.look([](Connection& connection) { return verify_audit(connection); });
}

void tamper(Database& database, const std::string& statement) {
    ASSERT_TRUE(
        database.transact([&](Connection& connection) { return connection.execute(statement); }));
}

}  // namespace

TEST(AuditLog, VerifiesAcrossPages) {
    const ScratchDatabase scratch;
    Database database = database_with_entries(scratch, 1001);

    const auto result = verified(database);

    ASSERT_TRUE(result);
    EXPECT_EQ(result->entries(), 1001);
    EXPECT_EQ(result->head().size(), 64U);
}

TEST(AuditLog, EveryTamperingIsFound) {
    for (const char* statement :
         {"UPDATE audit SET actor = 'user:eve' WHERE sequence = 2",
          "UPDATE audit SET at = at + 1 WHERE sequence = 1",
          "DELETE FROM audit WHERE sequence = 1",
          "DELETE FROM audit WHERE sequence = 2",
          "DELETE FROM audit WHERE sequence = 3",
          "DELETE FROM audit",
          "UPDATE audit SET sequence = -1 WHERE sequence = 1",
          "UPDATE audit_head SET sequence = 2",
          "DELETE FROM audit_head"}) {
        const ScratchDatabase scratch;
        Database database = database_with_entries(scratch, 3);

        tamper(database, statement);

        const auto result = verified(database);
        ASSERT_FALSE(result) << statement;
        EXPECT_EQ(result.error().code, "store.broken_chain");
    }
}

TEST(AuditLog, AnAbandonedTransactionLeavesNoHole) {
    const ScratchDatabase scratch;
    Database database = database_with_entries(scratch, 1);

    const auto abandoned = database.transact([](Connection& connection) -> Result<void> {
        THIMBLE_TRY(append_audit(connection, {"server", "test.note", "", "", "", ""}, kNow));
        return failure(ErrorKind::Invalid, "test.no", "not this time");
    });
    const auto next = database.transact([](Connection& connection) {
        return append_audit(connection, {"server", "test.note", "", "", "", ""}, kNow);
    });

    EXPECT_FALSE(abandoned);
    ASSERT_TRUE(next);
    EXPECT_EQ(next->sequence, 2);
    EXPECT_TRUE(verified(database));
}

}  // namespace thimble::store
