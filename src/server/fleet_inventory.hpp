#pragma once
/// @file The inventory of a host, put together from its two documents in the database.

#include "thimble/base/result.hpp"
#include "thimble/model/inventory.hpp"
#include "thimble/store/connection.hpp"

#include <string>

namespace thimble::server {

/// @param digest  of the inventory document, which names its package list
/// @error NotFound "server.no_package_list"  it has not come yet
/// @error Corrupt "server.bad_inventory"     one of the two says what it must not, or is missing
/// @error Unavailable "store.unavailable"
Result<model::Inventory> read_fleet_inventory(
    store::Connection& connection, const std::string& digest);

}  // namespace thimble::server
