#pragma once
/// @file What a provider says of somebody: a signed text of claims (RFC 7519 in the compact form of RFC
/// 7515). Pure. That it can be read says nothing of whether it is true: judge_id_token.hpp.

#include "thimble/base/instant.hpp"
#include "thimble/base/json_members.hpp"
#include "thimble/openid/key_set.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::openid {

/// A token that was read.
struct IdToken {
    Algorithm algorithm = Algorithm::Rs256;
    std::optional<std::string> key_id;
    std::string signed_text;  ///< what the signature is over
    std::string signature;
    std::string issuer;
    std::string subject;  ///< 1 to 255 printable ASCII characters
    std::vector<std::string> audiences;
    std::string authorized_party;  ///< empty: none is named
    std::string nonce;
    Instant issued_at;
    Instant expires_at;
    std::optional<Instant> not_before;
    JsonValue claims;  ///< all of them
};

/// Reads a token of at most 32 KiB.
/// @error Denied "openid.bad_algorithm"  "none", HS256, or anything but the three that are believed
/// @error Corrupt "openid.bad_token"     not of that form; extensions that must be understood; a claim
///        that must be there is missing, there twice, or of another type
Result<IdToken> parse_id_token(std::string_view text);

}  // namespace thimble::openid
