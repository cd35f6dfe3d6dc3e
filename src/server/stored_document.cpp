#include "thimble/server/stored_document.hpp"

#include "thimble/base/digest.hpp"
#include "thimble/protocol/base64url.hpp"
#include "thimble/server/expand_document.hpp"
#include "thimble/store/hosts.hpp"

#include <zstd.h>

#include <cstdint>

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

Result<std::string> keep_document(
    store::Connection& connection, const std::string& text, Instant now) {
    std::string frame(ZSTD_compressBound(text.size()), '\0');
    const std::size_t size =
        ZSTD_compress(frame.data(), frame.size(), text.data(), text.size(), ZSTD_CLEVEL_DEFAULT);
    THIMBLE_CHECK(ZSTD_isError(size) == 0);
    frame.resize(size);
    std::string digest = sha256_of(text);
    THIMBLE_TRY(store::keep_document(
        connection,
        {digest, protocol::format_base64url(frame), static_cast<std::int64_t>(text.size())},
        now));
    return digest;
}

}  // namespace thimble::server
