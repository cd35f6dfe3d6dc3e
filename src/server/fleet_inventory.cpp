#include "thimble/server/fleet_inventory.hpp"

#include "thimble/server/control_course.hpp"
#include "thimble/server/stored_document.hpp"
#include "thimble/store/fleet.hpp"

namespace thimble::server {
namespace {

Error bad_inventory(std::string what) {
    return failure(ErrorKind::Corrupt, "server.bad_inventory", std::move(what));
}

}  // namespace

Result<inventory::InventoryDocument> read_inventory_document(
    store::Connection& connection, const std::string& digest) {
    THIMBLE_TRY(const std::string text, stored_document(connection, digest));
    auto document = inventory::parse_inventory(text);
    if (!document) {
        return bad_inventory("its inventory cannot be read: " + document.error().text());
    }
    return *std::move(document);
}

Result<model::Inventory> read_packages(
    store::Connection& connection, inventory::InventoryDocument document) {
    auto list = stored_document(connection, document.package_list);
    if (!list && list.error().kind == ErrorKind::NotFound) {
        return failure(
            ErrorKind::NotFound, "server.no_package_list", "its package list has not come yet");
    }
    if (!list) {
        return std::move(list).error();
    }
    auto packages = inventory::parse_package_list(*list);
    if (!packages) {
        return bad_inventory("its package list cannot be read: " + packages.error().text());
    }
    model::Inventory inventory = std::move(document.inventory);
    inventory.packages = *std::move(packages);
    return inventory;
}

Result<fleet::KnownHost> read_known_host(
    store::Connection& connection, const std::string& host_id, Instant now) {
    THIMBLE_TRY(const auto sights, store::first_sights_of(connection, host_id));
    fleet::KnownHost known;
    for (const store::FirstSight& sight : sights) {
        known.first_seen.emplace(std::pair(sight.vulnerability, sight.source), sight.first_seen_at);
    }
    THIMBLE_TRY(known.controls, controls_on_host(connection, host_id, now));
    return known;
}

}  // namespace thimble::server
