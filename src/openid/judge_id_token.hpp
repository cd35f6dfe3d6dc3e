#pragma once
/// @file Whether an ID token is believed. Pure: the time and the keys are arguments.
/// @source OpenID Connect Core 1.0, section 3.1.3.7

#include "thimble/openid/id_token.hpp"

namespace thimble::openid {

/// What a token must say to be the answer to what we asked.
struct Expectation {
    std::string issuer;
    std::string client_id;
    std::vector<std::string> trusted_audiences;  ///< may be named beside us
    std::string nonce;
};

/// The one key that the token names; without a name, the only one that signs as the token was signed.
/// @error NotFound "openid.unknown_key"  the provider may have a new one: ask for its keys again
/// @error Denied "openid.ambiguous_key"  more than one could be meant
Result<Key> key_for(const IdToken& token, const std::vector<Key>& keys);

/// Holds the signature against the key and every claim against what is expected. Clocks may differ by a
/// minute; a token that was issued more than 10 minutes ago is no answer to what we asked.
/// @error Denied "openid.bad_signature", "openid.other_issuer", "openid.other_audience",
///        "openid.expired", "openid.not_yet", "openid.stale", "openid.other_nonce"
Result<void> judge_id_token(
    const IdToken& token, const Key& key, const Expectation& expected, Instant now);

}  // namespace thimble::openid
