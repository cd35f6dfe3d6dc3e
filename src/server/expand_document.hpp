#pragma once
/// @file Inventory documents as they come: zstd, bounded on both sides. Pure.

#include "thimble/base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace thimble::server {

inline constexpr std::size_t kMaxCompressedBytes = std::size_t{8} << 20U;
inline constexpr std::size_t kMaxExpandedBytes = std::size_t{64} << 20U;

/// What a document is.
struct ExpandedDocument {
    std::string digest;  ///< SHA-256 of the expanded bytes
    std::size_t bytes = 0;
};

/// Expands piece by piece, keeping nothing: only digest and size are wanted.
/// @error Invalid "server.bad_document"  not one whole zstd frame, or too large
Result<ExpandedDocument> expand_document(std::string_view compressed);

/// The expanded bytes.
/// @error as expand_document
Result<std::string> text_of_document(std::string_view compressed);

}  // namespace thimble::server
