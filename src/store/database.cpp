#include "thimble/store/database.hpp"

#include "thimble/store/migration.hpp"

namespace thimble::store {

Result<Database> Database::open(const DatabaseAddress& address) {
    THIMBLE_TRY(Connection connection, Connection::open(address));
    THIMBLE_TRY(migrate(connection));
    return Database(std::move(connection));
}

}  // namespace thimble::store
