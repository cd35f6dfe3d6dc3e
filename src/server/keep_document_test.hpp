#pragma once
/// @file A document in the database of a test, as an agent would have sent it.

#include "thimble/base/instant.hpp"
#include "thimble/protocol/base64url.hpp"
#include "thimble/store/database.hpp"
#include "thimble/store/hosts.hpp"

#include <gtest/gtest.h>
#include <zstd.h>

#include <cstdint>
#include <string>

namespace thimble::server {

/// Keeps `text` under a digest, which a hostile host may have chosen.
inline void keep_document_for_test(
    store::Database& database, const std::string& text, const std::string& digest, Instant now) {
    std::string frame(ZSTD_compressBound(text.size()), '\0');
    frame.resize(ZSTD_compress(frame.data(), frame.size(), text.data(), text.size(), 1));
    ASSERT_TRUE(database.transact([&](store::Connection& connection) {
        return store::keep_document(
            connection,
            {digest, protocol::format_base64url(frame), static_cast<std::int64_t>(text.size())},
            now);
    }));
}

}  // namespace thimble::server
