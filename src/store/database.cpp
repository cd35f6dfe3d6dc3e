#include "thimble/store/database.hpp"

#include "thimble/store/migration.hpp"

namespace thimble::store {

namespace {
// Who waits for a database that is away holds a worker: the others are told at once.
constexpr std::chrono::seconds kBetweenLooks{1};
}  // namespace

Result<Database> Database::open(const DatabaseAddress& address) {
    THIMBLE_TRY(Connection connection, Connection::open(address));
    THIMBLE_TRY(migrate(connection));
    return Database(address, std::move(connection));
}

Result<void> Database::begin(Order order) {
    if (!connection_.is_lost()) {
        auto begun = connection_.begin(order);
        if (begun || !connection_.is_lost()) {
            return begun;
        }
    }
    THIMBLE_TRY(find_again());
    return connection_.begin(order);
}

Result<void> Database::find_again() {
    if (std::chrono::steady_clock::now() < look_again_at_) {
        return failure(ErrorKind::Unavailable, "store.unavailable", "the database is away");
    }
    const auto find = [this]() -> Result<void> {
        THIMBLE_TRY(Connection connection, Connection::open(address_));
        THIMBLE_TRY(migrate(connection));
        if (when_found_again_) {
            THIMBLE_TRY(when_found_again_(connection));
        }
        connection_ = std::move(connection);
        return {};
    };
    auto found = find();
    if (!found) {
        look_again_at_ = std::chrono::steady_clock::now() + kBetweenLooks;
    }
    return found;
}

}  // namespace thimble::store
