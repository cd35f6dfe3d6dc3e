#pragma once
/// @file The people who may sign in, their one-time links and their sessions.

#include "thimble/base/instant.hpp"
#include "thimble/store/connection.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace thimble::store {

/// What somebody may do, by the names of the glossary; each role's rights are the server's.
enum class Role : std::uint8_t { Viewer, Operator, Approver, Administrator };

std::string_view role_name(Role role);
std::optional<Role> role_of(std::string_view name);

/// A person. The password hash is empty until a one-time link was used.
struct Account {
    std::string id;
    std::string name;
    Role role = Role::Viewer;
    std::string password_hash;
    Instant created_at;
    Instant disabled_at;           ///< 0: not disabled
    std::string host_group = "*";  ///< the one that it is limited to; "*": every
    bool operator==(const Account&) const = default;
};

/// @error Conflict "store.exists"  the name is taken
Result<void> add_account(Connection& connection, const Account& account);
Result<std::optional<Account>> account_of_id(Connection& connection, const std::string& id);
Result<std::optional<Account>> account_of_name(Connection& connection, const std::string& name);
/// Ends the sessions of the account and its links that were not used: who had one is not to have the account.
Result<void> set_password(
    Connection& connection, const std::string& id, const std::string& password_hash);
Result<void> set_role(Connection& connection, const std::string& id, Role role);
Result<void> set_host_group_of_account(
    Connection& connection, const std::string& id, const std::string& host_group);
/// Disabled at an instant, or enabled again with 0; the sessions end.
Result<void> set_disabled(Connection& connection, const std::string& id, Instant at);
/// How many administrators of every host group can still sign in.
Result<std::int64_t> count_administrators(Connection& connection);

/// Whether some account that is not disabled has a password.
Result<bool> can_anybody_sign_in(Connection& connection);

/// A secret that lasts until some instant; only its SHA-256 is kept.
struct KeptSecret {
    std::string digest;
    std::string account_id;
    Instant created_at;
    Instant expires_at;
};

Result<void> add_sign_in_link(Connection& connection, const KeptSecret& link);
/// Whether a link could be used.
Result<bool> has_sign_in_link(Connection& connection, const std::string& digest, Instant now);
/// Uses a link up.
/// @return whose it is; none when it is unknown, used, or expired
Result<std::optional<Account>> redeem_sign_in_link(
    Connection& connection, const std::string& digest, Instant now);

Result<void> add_session(Connection& connection, const KeptSecret& session);
/// @return whose session it is; none when it is unknown or expired, or its account disabled
Result<std::optional<Account>> account_of_session(
    Connection& connection, const std::string& digest, Instant now);
Result<void> end_session(Connection& connection, const std::string& digest);
Result<void> end_sessions_of(Connection& connection, const std::string& account_id);
/// Forgets what has expired: sessions and links.
Result<void> forget_expired(Connection& connection, Instant now);

/// Failed attempts to sign in, one after the other.
struct SignInFailures {
    std::int64_t count = 0;
    Instant last;
    bool operator==(const SignInFailures&) const = default;
};

/// @param attempt  what the attempts have in common; what that is, is the server's business
Result<SignInFailures> sign_in_failures(Connection& connection, const std::string& attempt);
Result<void> set_sign_in_failures(
    Connection& connection, const std::string& attempt, const SignInFailures& failures);
Result<void> forget_sign_in_failures(Connection& connection, const std::string& attempt);
/// Forgets those whose last one was before that.
Result<void> forget_old_sign_in_failures(Connection& connection, Instant before);

}  // namespace thimble::store
