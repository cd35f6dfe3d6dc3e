#pragma once
/// @file Believing a server by the digest of its authority alone: how the first connection is authentic.

#include <string>
#include <string_view>

// The same as OpenSSL's, so that its headers stay out of ours.
// NOLINTNEXTLINE(readability-identifier-naming): the library's name
struct ssl_ctx_st;

namespace thimble::agent {

/// Makes a TLS context believe a chain only if it holds the certificate with this digest, and ends there.
/// @param authority  SHA-256 of its DER, lower-case hexadecimal; must live as long as the context
void pin_authority(ssl_ctx_st* context, const std::string& authority);

}  // namespace thimble::agent
