#pragma once
/// @file What the server asks of TLS, and whose certificate a connection showed.

#include "thimble/base/result.hpp"
#include "thimble/server/authority.hpp"
#include "thimble/server/exchange.hpp"

#include <openssl/types.h>

#include <optional>
#include <string>

namespace thimble::server {

/// TLS 1.2 at least, forward secrecy; a certificate of the peer is asked for, not demanded, and one
/// that our authority did not sign ends the handshake. The authority's certificate is sent along.
/// @error Corrupt "server.bad_key"
Result<void> configure_tls(
    SSL_CTX* context, const ServerIdentity& identity, const std::string& authority_pem);

/// @return none when the peer showed none
std::optional<PeerCertificate> peer_certificate_of(const SSL* connection);

}  // namespace thimble::server
