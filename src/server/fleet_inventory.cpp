#include "thimble/server/fleet_inventory.hpp"

#include "thimble/inventory/inventory_document.hpp"
#include "thimble/protocol/base64url.hpp"
#include "thimble/server/expand_document.hpp"
#include "thimble/store/hosts.hpp"

namespace thimble::server {
namespace {

Error bad_inventory(std::string what) {
    return failure(ErrorKind::Corrupt, "server.bad_inventory", std::move(what));
}

Result<std::string> document_text(store::Connection& connection, const std::string& digest) {
    THIMBLE_TRY(const store::InventoryDocument document, store::document_of(connection, digest));
    const auto compressed = protocol::parse_base64url(document.compressed);
    if (!compressed) {
        return bad_inventory("a document is damaged in the database");
    }
    return text_of_document(*compressed);
}

}  // namespace

Result<model::Inventory> read_fleet_inventory(
    store::Connection& connection, const std::string& digest) {
    THIMBLE_TRY(const std::string text, document_text(connection, digest));
    auto document = inventory::parse_inventory(text);
    if (!document) {
        return bad_inventory("its inventory cannot be read: " + document.error().text());
    }
    auto list = document_text(connection, document->package_list);
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
    model::Inventory inventory = std::move(document->inventory);
    inventory.packages = *std::move(packages);
    return inventory;
}

}  // namespace thimble::server
