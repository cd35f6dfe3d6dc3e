#pragma once
/// @file The database as the server's threads share it: one transaction at a time. Other servers may use it
/// as well.

#include "thimble/store/connection.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

namespace thimble::store {

/// A connection with the newest schema, behind a lock. Every piece of work is a transaction. A database that
/// went away is looked for again by the next piece of work; what was under way when it went is an error.
class Database {
public:
    /// Opens the database and brings its schema up to date.
    /// @error Unavailable "store.unavailable"; Unsupported "store.newer_database"
    static Result<Database> open(const DatabaseAddress& address);

    /// What to do when the database is there again, before anything else is: it may hold a change whose
    /// end nobody heard of. Set before threads work here.
    void when_found_again(std::function<Result<void>(Connection&)> work) {
        when_found_again_ = std::move(work);
    }

    /// Runs `work(Connection&)`, which gives a Result: committed with a value, rolled back with an error.
    /// @param committed  called after a commit and before the next transaction, so that what it tells
    ///                   others is told in the order of the commits
    template <class Work, class Committed>
    auto transact(Work work, Committed committed) -> decltype(work(std::declval<Connection&>())) {
        return transact_as(Order::InTurn, std::move(work), std::move(committed));
    }
    template <class Work>
    auto transact(Work work) -> decltype(work(std::declval<Connection&>())) {
        return transact_as(Order::InTurn, std::move(work), [] {});
    }

    /// As `transact`, without waiting for the transactions of other servers: for work that decides nothing by
    /// what it reads, and changes its rows in the order of their keys.
    template <class Work>
    auto transact_side_by_side(Work work) -> decltype(work(std::declval<Connection&>())) {
        return transact_as(Order::SideBySide, std::move(work), [] {});
    }

    /// Whether other servers may use it as well.
    [[nodiscard]] bool is_shared() const {
        return address_.kind == DatabaseAddress::Kind::Postgresql;
    }

    /// Runs `work(Connection&)`, which only reads; once more when the database was lost meanwhile.
    template <class Work>
    auto look(Work work) -> decltype(work(std::declval<Connection&>())) {
        const std::scoped_lock lock(*mutex_);
        if (!connection_.is_lost()) {
            auto outcome = work(connection_);
            if (outcome || !connection_.is_lost()) {
                return outcome;
            }
        }
        THIMBLE_TRY(find_again());
        return work(connection_);
    }

private:
    Database(DatabaseAddress address, Connection connection)
        : mutex_(std::make_unique<std::mutex>()),
          address_(std::move(address)),
          connection_(std::move(connection)) {}

    template <class Work, class Committed>
    auto transact_as(Order order, Work work, Committed committed)
        -> decltype(work(std::declval<Connection&>())) {
        const std::scoped_lock lock(*mutex_);
        THIMBLE_TRY(begin(order));
        auto outcome = work(connection_);
        if (!outcome) {
            connection_.roll_back();
            return outcome;
        }
        if (auto done = connection_.commit(); !done) {
            connection_.roll_back();
            return std::move(done).error();
        }
        committed();
        return outcome;
    }
    Result<void> begin(Order order);
    Result<void> find_again();

    std::unique_ptr<std::mutex> mutex_;  // on the heap, so that the database can be moved
    DatabaseAddress address_;
    Connection connection_;
    std::function<Result<void>(Connection&)> when_found_again_;
    std::chrono::steady_clock::time_point look_again_at_;
};

}  // namespace thimble::store
