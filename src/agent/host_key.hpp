#pragma once
/// @file The host's own key: made here, never sent.

#include "thimble/base/result.hpp"

#include <string>
#include <string_view>

namespace thimble::agent {

/// A new P-256 key, PKCS #8 in PEM.
Result<std::string> make_host_key();

/// A request for a certificate of that key, PKCS #10 in PEM. It names nobody: the server gives the name.
/// @error Corrupt "agent.bad_key"
Result<std::string> signing_request_of(std::string_view key_pem);

/// Seconds since 1970 at which a certificate begins and ends.
struct Validity {
    long long from = 0;
    long long until = 0;
};

/// @error Corrupt "agent.bad_certificate"
Result<Validity> validity_of(std::string_view certificate_pem);

}  // namespace thimble::agent
