#include "thimble/store/migration.hpp"

#include <fmt/format.h>

namespace thimble::store {
namespace {

Result<void> carry_out(Connection& connection, std::string_view file, std::int64_t version) {
    for (const std::string& statement : statements_of(file)) {
        THIMBLE_TRY(connection.execute(statement));
    }
    THIMBLE_TRY(connection.execute("UPDATE schema_version SET version = :version", {version}));
    return {};
}

/// The next step, within a transaction: servers that start at once take turns.
/// @return whether there is none left
Result<bool> take_step(Connection& connection, std::int64_t target) {
    const auto steps = migrations();
    THIMBLE_TRY(const std::int64_t found, schema_version(connection));
    if (found > static_cast<std::int64_t>(steps.size())) {
        return failure(
            ErrorKind::Unsupported,
            "store.newer_database",
            fmt::format(
                "the database has version {}, this program knows {}: it was used by a newer "
                "Thimble; install that one, or restore the backup from before",
                found,
                steps.size()));
    }
    if (found >= target) {
        return true;
    }
    if (found == 0) {
        THIMBLE_TRY(const auto rows, connection.query("SELECT version FROM schema_version"));
        if (rows.empty()) {
            THIMBLE_TRY(connection.execute("INSERT INTO schema_version (version) VALUES (0)"));
        }
    }
    if (auto done = carry_out(connection, steps[static_cast<std::size_t>(found)], found + 1);
        !done) {
        return because(fmt::format("step {} of the schema", found + 1), std::move(done).error());
    }
    return false;
}

}  // namespace

std::vector<std::string> statements_of(std::string_view file) {
    std::vector<std::string> statements;
    std::string statement;
    while (!file.empty()) {
        const std::size_t end = std::min(file.find('\n'), file.size());
        const std::string_view line = file.substr(0, end);
        file.remove_prefix(std::min(end + 1, file.size()));
        if (line.empty() || line.starts_with("--")) {
            continue;
        }
        statement.append(line).append("\n");
        if (line.ends_with(';')) {
            statement.resize(statement.size() - 2);
            statements.push_back(std::move(statement));
            statement.clear();
        }
    }
    if (!statement.empty()) {
        statements.push_back(std::move(statement));
    }
    return statements;
}

Result<std::int64_t> schema_version(Connection& connection) {
    THIMBLE_TRY(
        connection.execute("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)"));
    THIMBLE_TRY(const auto rows, connection.query("SELECT version FROM schema_version"));
    return rows.empty() ? 0 : number_at(rows.front(), 0);
}

Result<void> migrate(Connection& connection, std::size_t target) {
    THIMBLE_CHECK(target <= migrations().size());
    for (;;) {
        THIMBLE_TRY(connection.begin());
        auto is_done = take_step(connection, static_cast<std::int64_t>(target));
        if (!is_done) {
            connection.roll_back();
            return std::move(is_done).error();
        }
        THIMBLE_TRY(connection.commit());
        if (*is_done) {
            return {};
        }
    }
}

}  // namespace thimble::store
