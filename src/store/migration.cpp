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
    const auto steps = migrations();
    THIMBLE_CHECK(target <= steps.size());
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
    if (found == 0) {
        THIMBLE_TRY(const auto rows, connection.query("SELECT version FROM schema_version"));
        if (rows.empty()) {
            THIMBLE_TRY(connection.execute("INSERT INTO schema_version (version) VALUES (0)"));
        }
    }
    for (auto version = static_cast<std::size_t>(found); version < target; ++version) {
        THIMBLE_TRY(connection.begin());
        const auto next = static_cast<std::int64_t>(version + 1);
        if (auto done = carry_out(connection, steps[version], next); !done) {
            connection.roll_back();
            return because(fmt::format("step {} of the schema", next), std::move(done).error());
        }
        THIMBLE_TRY(connection.commit());
    }
    return {};
}

}  // namespace thimble::store
