#pragma once
/// @file The inventory of a host, put together from its two documents in the database.

#include "thimble/base/result.hpp"
#include "thimble/fleet/judge_host.hpp"
#include "thimble/inventory/inventory_document.hpp"
#include "thimble/model/inventory.hpp"
#include "thimble/store/connection.hpp"

#include <string>

namespace thimble::server {

/// @param digest  of the inventory document, which names its package list
/// @error NotFound "store.no_document"    it is not there
/// @error Corrupt "server.bad_inventory"  it says what it must not
/// @error Unavailable "store.unavailable"
Result<inventory::InventoryDocument> read_inventory_document(
    store::Connection& connection, const std::string& digest);

/// The inventory with the packages of its list.
/// @error NotFound "server.no_package_list"  it has not come yet
/// @error Corrupt "server.bad_inventory"     it says what it must not
/// @error Unavailable "store.unavailable"
Result<model::Inventory> read_packages(
    store::Connection& connection, inventory::InventoryDocument document);

/// When what is open on a host was first seen there, and the controls that it has.
/// @error Unavailable "store.unavailable"
Result<fleet::KnownHost> read_known_host(
    store::Connection& connection, const std::string& host_id, Instant now);

}  // namespace thimble::server
