#include "thimble/store/connection.hpp"

#include "thimble/store/scratch_database_test.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <limits>

namespace thimble::store {
namespace {

Connection connection_with_table(const ScratchDatabase& scratch) {
    auto connection = Connection::open(scratch.address());
    EXPECT_TRUE(connection);
    EXPECT_TRUE(
        connection->execute("CREATE TABLE t (k TEXT NOT NULL PRIMARY KEY, n BIGINT NOT NULL)"));
    return *std::move(connection);
}

}  // namespace

TEST(ParseDatabaseAddress, ReadsBothKinds) {
    using Kind = DatabaseAddress::Kind;
    EXPECT_EQ(
        *parse_database_address("sqlite:/var/lib/x.db"),
        (DatabaseAddress{Kind::Sqlite, "/var/lib/x.db"}));
    EXPECT_EQ(
        *parse_database_address("postgresql://h/d"),
        (DatabaseAddress{Kind::Postgresql, "postgresql://h/d"}));
    EXPECT_EQ(
        *parse_database_address("postgresql:host=/run dbname=d"),
        (DatabaseAddress{Kind::Postgresql, "host=/run dbname=d"}));
}

TEST(ParseDatabaseAddress, RefusesOtherKindsAndQuotes) {
    for (const char* text : {"", "sqlite:", "mysql:x", "/var/lib/x.db", "sqlite:a\" mode=\"x"}) {
        EXPECT_EQ(parse_database_address(text).error().code, "store.bad_address") << text;
    }
}

TEST(Connection, GivesBackWhatWasBound) {
    const ScratchDatabase scratch;
    Connection connection = connection_with_table(scratch);
    const std::string odd = "'; DROP TABLE t; -- \xC3\xA9 :k";
    const std::int64_t large = std::numeric_limits<std::int64_t>::max();

    ASSERT_TRUE(connection.execute("INSERT INTO t (k, n) VALUES (:k, :n)", {odd, large}));
    ASSERT_TRUE(connection.execute("INSERT INTO t (k, n) VALUES (:k, :n)", {"", std::int64_t{-1}}));
    const auto rows =
        connection.query("SELECT n, k FROM t WHERE n > :n ORDER BY n", {std::int64_t{-5}});

    ASSERT_TRUE(rows);
    ASSERT_EQ(rows->size(), 2U);
    EXPECT_EQ(number_at((*rows)[0], 0), -1);
    EXPECT_EQ(text_at((*rows)[0], 1), "");
    EXPECT_EQ(number_at((*rows)[1], 0), large);
    EXPECT_EQ(text_at((*rows)[1], 1), odd);
}

TEST(Connection, RunsAChangeForEachOfManyRows) {
    const ScratchDatabase scratch;
    Connection connection = connection_with_table(scratch);
    const std::string insert = "INSERT INTO t (k, n) VALUES (:k, :n)";

    ASSERT_TRUE(connection.execute_each(insert, {}));
    ASSERT_TRUE(connection.execute_each(
        insert,
        {{"a longer text", std::int64_t{1}}, {"", std::int64_t{2}}, {"c", std::int64_t{3}}}));
    const auto rows = *connection.query("SELECT k FROM t ORDER BY n");

    ASSERT_EQ(rows.size(), 3U);
    EXPECT_EQ(text_at(rows[0], 0), "a longer text");
    EXPECT_EQ(text_at(rows[1], 0), "");
    EXPECT_EQ(text_at(rows[2], 0), "c");
    EXPECT_EQ(
        connection.execute_each(insert, {{"d", std::int64_t{4}}, {"c", std::int64_t{5}}})
            .error()
            .code,
        "store.exists");
}

TEST(Connection, TellsAKeyThatIsTakenFromOtherFailures) {
    const ScratchDatabase scratch;
    Connection connection = connection_with_table(scratch);
    ASSERT_TRUE(connection.execute("INSERT INTO t (k, n) VALUES ('a', 1)"));

    EXPECT_EQ(
        connection.execute("INSERT INTO t (k, n) VALUES ('a', 2)").error().code, "store.exists");
    EXPECT_EQ(
        connection.execute("INSERT INTO missing VALUES (1)").error().code, "store.unavailable");
}

TEST(Connection, ADatabaseFileIsForItsOwnerOnly) {
    const ScratchDatabase scratch;
    const Connection connection = connection_with_table(scratch);

    for (const char* name : {"test.db", "test.db-wal"}) {
        struct stat info{};
        ASSERT_EQ(::stat((scratch.folder() / name).c_str(), &info), 0) << name;
        EXPECT_EQ(info.st_mode & 0777U, 0600U) << name;
    }
}

TEST(Connection, AFolderThatIsNotThereIsUnavailable) {
    EXPECT_EQ(
        Connection::open({DatabaseAddress::Kind::Sqlite, "/nonexistent/x.db"}).error().code,
        "store.unavailable");
}

}  // namespace thimble::store
