#pragma once
/// @file The keys of a provider (RFC 7517). Pure.

#include "thimble/base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::openid {

/// The only ways to sign that are believed. Never "none", and nothing whose key a client knows, too.
enum class Algorithm : std::uint8_t {
    Rs256,  ///< RSA, PKCS #1 v1.5, SHA-256; 2048 to 8192 bits
    Es256,  ///< ECDSA on P-256 with SHA-256
    EdDsa,  ///< Ed25519
};

/// By the name that a header has (RFC 7518, section 3.1; RFC 8037); none for every other.
std::optional<Algorithm> algorithm_of(std::string_view name);

/// One public key. Numbers are big-endian bytes.
struct Key {
    Algorithm algorithm = Algorithm::Rs256;
    std::string id;      ///< "kid"; empty: it has none
    std::string first;   ///< modulus, x, or the whole key
    std::string second;  ///< exponent, y, or empty
    bool operator==(const Key&) const = default;
};

/// Reads a JWK set of at most 256 KiB and 64 keys. What is not for signatures, of another kind, or not as
/// it must be is left out alone.
/// @return in their order; may be empty
/// @error Corrupt "openid.bad_json", "openid.bad_key_set"
Result<std::vector<Key>> parse_key_set(std::string_view text);

}  // namespace thimble::openid
