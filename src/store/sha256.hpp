#pragma once
/// @file SHA-256: what secrets, documents and the audit chain are known by.

#include <string>
#include <string_view>

namespace thimble::store {

/// Lower-case hexadecimal, 64 characters.
std::string sha256_of(std::string_view bytes);

/// Whether a text is such a digest.
bool is_sha256(std::string_view text);

}  // namespace thimble::store
