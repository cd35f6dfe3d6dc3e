#pragma once
/// @file One connection to SQLite or PostgreSQL, and what goes through it: statements with bound values.

#include "thimble/base/result.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace thimble::store {

/// What a column holds: the two types that both databases agree on.
using Value = std::variant<std::int64_t, std::string>;
using Row = std::vector<Value>;

/// The number in a column; our own statement chose it, so another type is our bug.
std::int64_t number_at(const Row& row, std::size_t column);
const std::string& text_at(const Row& row, std::size_t column);

/// Where a database is: `sqlite:PATH` or `postgresql:` and a libpq connection string or URL.
struct DatabaseAddress {
    enum class Kind : std::uint8_t { Sqlite, Postgresql };
    Kind kind = Kind::Sqlite;
    std::string place;  ///< the file, or what libpq is given
    bool operator==(const DatabaseAddress&) const = default;
};

/// @error Invalid "store.bad_address"
Result<DatabaseAddress> parse_database_address(std::string_view text);

/// How a transaction stands to those of others, which may be those of other servers.
enum class Order : std::uint8_t {
    InTurn,      ///< one after the other: what it has read stays so until its end
    SideBySide,  ///< kept apart by the rows that it changes alone; with SQLite as InTurn
};

/// An open connection. Not for two threads at once.
class Connection {
public:
    /// Opens or, with SQLite, creates the database; its file is for its owner only.
    /// @error Unavailable "store.unavailable"
    static Result<Connection> open(const DatabaseAddress& address);

    Connection(Connection&& other) noexcept;
    Connection& operator=(Connection&& other) noexcept;
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection();

    /// Runs a query. `statement` is text of ours with `:name` for each of `values`, in order, each
    /// name once; what comes from outside is only ever bound.
    /// @return rows in the order of the query; NULL does not occur in our tables
    /// @error Conflict "store.exists"  a key is there already, or is still referred to
    /// @error Unavailable "store.unavailable"
    Result<std::vector<Row>> query(const std::string& statement, const Row& values = {});

    /// Runs a change.
    /// @return how many rows it changed
    /// @error as query
    Result<std::int64_t> execute(const std::string& statement, const Row& values = {});

    /// Runs a change once for each row of values, which have the same types: the statement is read once.
    /// @error as query; rows before the one that failed are changed
    Result<void> execute_each(const std::string& statement, const std::vector<Row>& rows);

    /// With PostgreSQL who does nothing within a transaction is thrown out after 15 s, who waits for a turn
    /// gives up after 20 s.
    Result<void> begin(Order order = Order::InTurn);
    Result<void> commit();
    void roll_back();

    [[nodiscard]] DatabaseAddress::Kind kind() const;

    /// Whether the database went away, as the last statement found: nothing works here any more.
    [[nodiscard]] bool is_lost() const;

private:
    struct Session;
    explicit Connection(std::unique_ptr<Session> session);
    std::unique_ptr<Session> session_;
};

}  // namespace thimble::store
