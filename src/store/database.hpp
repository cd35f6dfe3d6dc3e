#pragma once
/// @file The database as the server's threads share it: one transaction at a time.

#include "thimble/store/connection.hpp"

#include <memory>
#include <mutex>
#include <utility>

namespace thimble::store {

/// A connection with the newest schema, behind a lock. Every piece of work is a transaction.
class Database {
public:
    /// Opens the database and brings its schema up to date.
    /// @error Unavailable "store.unavailable"; Unsupported "store.newer_database"
    static Result<Database> open(const DatabaseAddress& address);

    /// Runs `work(Connection&)`, which gives a Result: committed with a value, rolled back with an error.
    /// @param committed  called after a commit and before the next transaction, so that what it tells
    ///                   others is told in the order of the commits
    template <class Work, class Committed>
    auto transact(Work work, Committed committed) -> decltype(work(std::declval<Connection&>())) {
        const std::scoped_lock lock(*mutex_);
        THIMBLE_TRY(connection_.begin());
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
    template <class Work>
    auto transact(Work work) -> decltype(work(std::declval<Connection&>())) {
        return transact(std::move(work), [] {});
    }

    /// Runs `work(Connection&)`, which only reads.
    template <class Work>
    auto look(Work work) -> decltype(work(std::declval<Connection&>())) {
        const std::scoped_lock lock(*mutex_);
        return work(connection_);
    }

private:
    explicit Database(Connection connection)
        : mutex_(std::make_unique<std::mutex>()), connection_(std::move(connection)) {}

    std::unique_ptr<std::mutex> mutex_;  // on the heap, so that the database can be moved
    Connection connection_;
};

}  // namespace thimble::store
