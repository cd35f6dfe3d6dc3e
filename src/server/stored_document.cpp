#include "thimble/server/stored_document.hpp"

#include "thimble/protocol/base64url.hpp"
#include "thimble/server/expand_document.hpp"
#include "thimble/store/hosts.hpp"

namespace thimble::server {

Result<std::string> stored_document(store::Connection& connection, const std::string& digest) {
    THIMBLE_TRY(const store::InventoryDocument document, store::document_of(connection, digest));
    const auto compressed = protocol::parse_base64url(document.compressed);
    if (!compressed) {
        return failure(
            ErrorKind::Corrupt, "server.bad_inventory", "a document is damaged in the database");
    }
    return text_of_document(*compressed);
}

}  // namespace thimble::server
