#include "thimble/store/migration.hpp"

#include "thimble/store/database.hpp"
#include "thimble/store/scratch_database_test.hpp"

#include <gtest/gtest.h>

namespace thimble::store {
namespace {

Connection opened(const DatabaseAddress& address) {
    auto connection = Connection::open(address);
    EXPECT_TRUE(connection);
    return *std::move(connection);
}

std::vector<Row> schema_of(Connection& connection) {
    auto rows =
        connection.query("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name");
    EXPECT_TRUE(rows);
    return *std::move(rows);
}

}  // namespace

TEST(StatementsOf, PartsAtTheEndOfLinesAndLeavesCommentsOut) {
    EXPECT_EQ(
        statements_of(
            "-- why; not\nCREATE TABLE a (\n  b TEXT\n);\n\nINSERT INTO a VALUES ('x;y');\nC"),
        (std::vector<std::string>{
            "CREATE TABLE a (\n  b TEXT\n)", "INSERT INTO a VALUES ('x;y')", "C\n"}));
}

TEST(Migrate, EveryEarlierVersionBecomesTheNewest) {
    const ScratchDatabase scratch;
    Connection fresh = opened(scratch.address("fresh.db"));
    ASSERT_TRUE(migrate(fresh));
    for (std::size_t version = 0; version <= migrations().size(); ++version) {
        Connection old = opened(scratch.address("old" + std::to_string(version) + ".db"));
        ASSERT_TRUE(migrate(old, version));
        ASSERT_EQ(*schema_version(old), static_cast<std::int64_t>(version));
        if (version > 0) {
            ASSERT_TRUE(old.execute("INSERT INTO setting (name, content) VALUES ('a', 'b')"));
        }

        ASSERT_TRUE(migrate(old)) << version;

        EXPECT_EQ(schema_of(old), schema_of(fresh)) << version;
        if (version > 0) {
            EXPECT_EQ(text_at((*old.query("SELECT content FROM setting"))[0], 0), "b");
        }
    }
}

TEST(Migrate, RefusesADatabaseOfANewerProgram) {
    const ScratchDatabase scratch;
    {
        Connection connection = opened(scratch.address());
        ASSERT_TRUE(migrate(connection));
        ASSERT_TRUE(connection.execute("UPDATE schema_version SET version = version + 1"));
    }

    const auto database = Database::open(scratch.address());

    ASSERT_FALSE(database);
    EXPECT_EQ(database.error().code, "store.newer_database");
}

TEST(Migrate, AStepThatFailsLeavesTheVersionBefore) {
    const ScratchDatabase scratch;
    Connection connection = opened(scratch.address());
    ASSERT_TRUE(migrate(connection, 1));
    ASSERT_TRUE(connection.execute("CREATE TABLE host (in_the_way TEXT)"));

    EXPECT_FALSE(migrate(connection));

    EXPECT_EQ(*schema_version(connection), 1);
    const auto left =
        connection.query("SELECT name FROM sqlite_master WHERE name = 'enrolment_token'");
    ASSERT_TRUE(left);
    EXPECT_TRUE(left->empty());
}

}  // namespace thimble::store
