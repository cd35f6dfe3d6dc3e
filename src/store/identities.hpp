#pragma once
/// @file Who accounts are at a provider of sign-in, and the codes by which a terminal gets what a browser
/// signed in for.

#include "thimble/store/accounts.hpp"

#include <optional>
#include <string>

namespace thimble::store {

/// Issuer and subject together are one person, for ever (OpenID Connect Core 1.0, section 5.7).
struct AccountIdentity {
    std::string issuer;
    std::string subject;
    bool operator==(const AccountIdentity&) const = default;
};

/// @return whose account it is, disabled or not; none when nobody's
Result<std::optional<Account>> account_of_identity(
    Connection& connection, const AccountIdentity& identity);

/// Gives an account an identity, in place of the one that it had.
/// @error Conflict "store.exists"  it is another account's
Result<void> set_identity(
    Connection& connection,
    const std::string& account_id,
    const AccountIdentity& identity,
    Instant now);
Result<void> remove_identity(Connection& connection, const std::string& account_id);

/// Of a secret that lasts until some instant, its SHA-256.
struct SignOnCode {
    std::string digest;
    std::string account_id;
    Instant expires_at;
};
Result<void> add_sign_on_code(Connection& connection, const SignOnCode& code);
/// Uses a code up, and forgets those that have expired.
/// @return whose it is; none when it is unknown, used, or expired, or its account disabled
Result<std::optional<Account>> redeem_sign_on_code(
    Connection& connection, const std::string& digest, Instant now);

}  // namespace thimble::store
