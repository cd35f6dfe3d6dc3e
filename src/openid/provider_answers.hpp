#pragma once
/// @file What a provider says of itself, and what its token endpoint answers. Pure.

#include "thimble/base/result.hpp"

#include <string>
#include <string_view>

namespace thimble::openid {

/// Where a provider's endpoints are (OpenID Connect Discovery 1.0, section 3).
struct Discovery {
    std::string authorization_endpoint;
    std::string token_endpoint;
    std::string keys;                      ///< "jwks_uri"
    bool takes_secret_in_header = true;    ///< client_secret_basic; else client_secret_post
    bool names_itself_in_answers = false;  ///< RFC 9207
    bool operator==(const Discovery&) const = default;
};

/// @param issuer  must be the one that the document names, exactly
/// @error Corrupt "openid.bad_json", "openid.bad_discovery"
Result<Discovery> parse_discovery(std::string_view text, std::string_view issuer);

/// The ID token of an answer of the token endpoint, at most 256 KiB.
/// @error Corrupt "openid.bad_json", "openid.bad_answer"
Result<std::string> parse_token_answer(std::string_view text);

}  // namespace thimble::openid
