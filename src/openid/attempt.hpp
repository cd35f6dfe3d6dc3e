#pragma once
/// @file One attempt to sign in by a provider: everything that ties the browser that began it, the
/// provider's answer and the ID token together follows from one secret, which that browser keeps as a
/// cookie. So the server keeps nothing of attempts, and nobody can make it keep much. Pure.
/// @source RFC 7636 (PKCE, S256); OpenID Connect Core 1.0, sections 3.1.2.1 and 15.5.2

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::openid {

struct Attempt {
    std::string state;      ///< comes back in the address; another site cannot know it
    std::string nonce;      ///< comes back in the ID token
    std::string verifier;   ///< is shown to the token endpoint alone
    std::string challenge;  ///< of the verifier
};

/// @param secret  what only the browser and we know
Attempt attempt_of(std::string_view secret);

/// application/x-www-form-urlencoded.
std::string form_of(const std::vector<std::pair<std::string, std::string>>& members);

/// One text in it.
std::string form_encoded(std::string_view text);

/// An address with further parameters.
std::string address_with(
    std::string_view address, const std::vector<std::pair<std::string, std::string>>& parameters);

}  // namespace thimble::openid
