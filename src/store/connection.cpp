// The only file that sees SOCI.
#include "thimble/store/connection.hpp"

#include <fcntl.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <unistd.h>

#include <deque>
#include <exception>
#include <utility>

namespace thimble::store {
namespace {

constexpr std::string_view kSqlite = "sqlite:";
constexpr std::string_view kPostgresql = "postgresql:";
// A database that does not answer is given up in seconds; what an administrator says comes later and wins.
constexpr const char* kPatienceWords =
    "connect_timeout=5 tcp_user_timeout=15000 keepalives_idle=30 ";
constexpr const char* kPatienceQuery =
    "connect_timeout=5&tcp_user_timeout=15000&keepalives_idle=30";
constexpr int kSqliteConstraint = 19;             // SQLITE_CONSTRAINT
constexpr std::int64_t kTurn = 0x7468696d626c65;  // "thimble": the lock of those who write in turn

Error unavailable(const std::string& why) {
    return failure(ErrorKind::Unavailable, "store.unavailable", "the database says: " + why);
}

Error exists(const std::string& why) {
    return failure(ErrorKind::Conflict, "store.exists", why);
}

/// What was thrown, as an error of ours. Called from within a handler.
Error error_of_exception() {
    try {
        throw;
    } catch (const soci::sqlite3_soci_error& error) {
        return error.result() == kSqliteConstraint ? exists(error.what())
                                                   : unavailable(error.what());
    } catch (const soci::soci_error& error) {
        return error.get_error_category() == soci::soci_error::constraint_violation
            ? exists(error.what())
            : unavailable(error.what());
    } catch (const std::exception& error) {
        return unavailable(error.what());
    }
}

/// The values of one statement, at addresses that stay: SOCI keeps pointers to them.
class BoundValues {
public:
    explicit BoundValues(const Row& values) {
        for (const Value& value : values) {
            if (const auto* number = std::get_if<std::int64_t>(&value)) {
                numbers_.push_back(*number);
            } else {
                texts_.push_back(std::get<std::string>(value));
            }
        }
    }

    void bind(soci::statement& statement, const Row& values) {
        auto number = numbers_.begin();
        auto text = texts_.begin();
        for (const Value& value : values) {
            if (std::holds_alternative<std::int64_t>(value)) {
                statement.exchange(soci::use(*number++));
            } else {
                statement.exchange(soci::use(*text++));
            }
        }
    }

    /// Other values of the same types, at the same addresses.
    void set(const Row& values) {
        auto number = numbers_.begin();
        auto text = texts_.begin();
        for (const Value& value : values) {
            if (const auto* next = std::get_if<std::int64_t>(&value)) {
                *number++ = *next;
            } else {
                *text++ = std::get<std::string>(value);
            }
        }
    }

private:
    std::deque<long long> numbers_;
    std::deque<std::string> texts_;
};

Value value_of(const soci::row& row, std::size_t column) {
    if (row.get_indicator(column) == soci::i_null) {
        return std::string();
    }
    switch (row.get_properties(column).get_data_type()) {
        case soci::dt_integer: return std::int64_t{row.get<int>(column)};
        case soci::dt_long_long: return std::int64_t{row.get<long long>(column)};
        case soci::dt_unsigned_long_long:
            return static_cast<std::int64_t>(row.get<unsigned long long>(column));
        case soci::dt_double: return static_cast<std::int64_t>(row.get<double>(column));
        case soci::dt_string:
        case soci::dt_date:
        case soci::dt_blob:
        case soci::dt_xml: return row.get<std::string>(column);
    }
    return std::string();
}

/// What libpq is given.
std::string postgresql_place(const std::string& place) {
    if (!place.starts_with("postgresql://")) {
        return kPatienceWords + place;
    }
    const std::size_t query = place.find('?');
    if (query == std::string::npos) {
        return place + "?" + kPatienceQuery;
    }
    return place.substr(0, query + 1) + kPatienceQuery + "&" + place.substr(query + 1);
}

/// SQLite would create the file for everybody to read.
Result<void> make_private_file(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) {
        return failure(ErrorKind::Unavailable, "store.unavailable", path + " cannot be opened");
    }
    ::close(file);
    return {};
}

}  // namespace

std::int64_t number_at(const Row& row, std::size_t column) {
    THIMBLE_CHECK(column < row.size() && std::holds_alternative<std::int64_t>(row[column]));
    return std::get<std::int64_t>(row[column]);
}

const std::string& text_at(const Row& row, std::size_t column) {
    THIMBLE_CHECK(column < row.size() && std::holds_alternative<std::string>(row[column]));
    return std::get<std::string>(row[column]);
}

Result<DatabaseAddress> parse_database_address(std::string_view text) {
    const auto is_bad = [](std::string_view place) {
        return place.empty() || place.contains('"') || place.contains('\0');
    };
    if (text.starts_with(kSqlite) && !is_bad(text.substr(kSqlite.size()))) {
        return DatabaseAddress{
            DatabaseAddress::Kind::Sqlite, std::string(text.substr(kSqlite.size()))};
    }
    if (text.starts_with(kPostgresql) && !is_bad(text.substr(kPostgresql.size()))) {
        const std::string_view place = text.substr(kPostgresql.size());
        return DatabaseAddress{
            DatabaseAddress::Kind::Postgresql, std::string(place.starts_with("//") ? text : place)};
    }
    return failure(
        ErrorKind::Invalid,
        "store.bad_address",
        "a database is sqlite:PATH, postgresql://HOST/NAME or postgresql:\"host=.. dbname=..\" "
        "without "
        "quotes in it");
}

struct Connection::Session {
    DatabaseAddress::Kind kind = DatabaseAddress::Kind::Sqlite;
    soci::session soci;
};

Connection::Connection(std::unique_ptr<Session> session) : session_(std::move(session)) {}
Connection::Connection(Connection&& other) noexcept = default;
Connection& Connection::operator=(Connection&& other) noexcept = default;
Connection::~Connection() = default;

Result<Connection> Connection::open(const DatabaseAddress& address) {
    try {
        auto session = std::make_unique<Session>();
        session->kind = address.kind;
        if (address.kind == DatabaseAddress::Kind::Postgresql) {
            session->soci.open(soci::postgresql, postgresql_place(address.place));
            // "already exists, skipping" is no news to anybody.
            session->soci << "SET client_min_messages = warning";
            // A server that stopped within a transaction holds up all others no longer than this.
            session->soci << "SET idle_in_transaction_session_timeout = '15s'";
            session->soci << "SET lock_timeout = '20s'";
            return Connection(std::move(session));
        }
        THIMBLE_TRY(make_private_file(address.place));
        session->soci.open(soci::sqlite3, "db=\"" + address.place + "\" timeout=10");
        // A reader never waits for a writer, and what was committed survives a power cut.
        std::string mode;
        session->soci << "PRAGMA journal_mode = WAL", soci::into(mode);
        session->soci << "PRAGMA synchronous = FULL";
        session->soci << "PRAGMA foreign_keys = ON";
        return Connection(std::move(session));
    } catch (...) {
        return because(address.place + " cannot be opened", error_of_exception());
    }
}

Result<std::vector<Row>> Connection::query(const std::string& statement, const Row& values) {
    try {
        BoundValues bound(values);
        soci::statement prepared(session_->soci);
        soci::row found;
        prepared.exchange(soci::into(found));
        bound.bind(prepared, values);
        prepared.alloc();
        prepared.prepare(statement);
        prepared.define_and_bind();
        prepared.execute();
        std::vector<Row> rows;
        while (prepared.fetch()) {
            Row row;
            row.reserve(found.size());
            for (std::size_t column = 0; column < found.size(); ++column) {
                row.push_back(value_of(found, column));
            }
            rows.push_back(std::move(row));
        }
        return rows;
    } catch (...) {
        return error_of_exception();
    }
}

Result<std::int64_t> Connection::execute(const std::string& statement, const Row& values) {
    try {
        BoundValues bound(values);
        soci::statement prepared(session_->soci);
        bound.bind(prepared, values);
        prepared.alloc();
        prepared.prepare(statement);
        prepared.define_and_bind();
        prepared.execute(true);
        return std::int64_t{prepared.get_affected_rows()};
    } catch (...) {
        return error_of_exception();
    }
}

Result<void> Connection::execute_each(const std::string& statement, const std::vector<Row>& rows) {
    if (rows.empty()) {
        return {};
    }
    try {
        BoundValues bound(rows.front());
        soci::statement prepared(session_->soci);
        bound.bind(prepared, rows.front());
        prepared.alloc();
        prepared.prepare(statement);
        prepared.define_and_bind();
        for (const Row& row : rows) {
            bound.set(row);
            prepared.execute(true);
        }
        return {};
    } catch (...) {
        return error_of_exception();
    }
}

Result<void> Connection::begin(Order order) {
    // The lock of writers at once, since who reads first may find that another has written meanwhile.
    if (session_->kind == DatabaseAddress::Kind::Sqlite) {
        THIMBLE_TRY(execute("BEGIN IMMEDIATE"));
        return {};
    }
    THIMBLE_TRY(execute("BEGIN"));
    if (order == Order::InTurn) {
        if (auto locked = execute("SELECT pg_advisory_xact_lock(:turn)", {kTurn}); !locked) {
            roll_back();
            return std::move(locked).error();
        }
    }
    return {};
}

Result<void> Connection::commit() {
    THIMBLE_TRY(execute("COMMIT"));
    return {};
}

void Connection::roll_back() {
    // A connection that is gone has rolled back already.
    [[maybe_unused]] const auto ignored = execute("ROLLBACK");
}

DatabaseAddress::Kind Connection::kind() const {
    return session_->kind;
}

bool Connection::is_lost() const {
    if (session_->kind != DatabaseAddress::Kind::Postgresql) {
        return false;
    }
    // SOCI does not export the type for a dynamic_cast; the kind says which one it is.
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-static-cast-downcast)
    const auto* of_postgresql =
        static_cast<const soci::postgresql_session_backend*>(session_->soci.get_backend());
    return ::PQstatus(of_postgresql->conn_) == CONNECTION_BAD;
}

}  // namespace thimble::store
