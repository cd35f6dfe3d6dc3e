#pragma once
/// @file Tokens of programs: those for the API, and those with which hosts enrol.

#include "thimble/base/instant.hpp"
#include "thimble/store/accounts.hpp"
#include "thimble/store/connection.hpp"

#include <optional>
#include <string>

namespace thimble::store {

/// Lets a program use the API for its account, within what the token itself allows.
struct ApiToken {
    std::string id;
    std::string digest;  ///< SHA-256 of the secret, which is shown once
    std::string account_id;
    std::string name;
    std::string actions;     ///< names of actions, comma separated
    std::string host_group;  ///< "*": every group
    Instant created_at;
    Instant expires_at;
    bool operator==(const ApiToken&) const = default;
};

/// A token with the account that it stands for.
struct FoundApiToken {
    ApiToken token;
    Account account;
};

Result<void> add_api_token(Connection& connection, const ApiToken& token);
/// @return none when it is unknown, revoked or expired, or its account disabled
Result<std::optional<FoundApiToken>> api_token_of_digest(
    Connection& connection, const std::string& digest, Instant now);
/// @return whether there was one that was not revoked yet
Result<bool> revoke_api_token(Connection& connection, const std::string& id, Instant now);

/// Lets a host enrol into one group.
struct EnrolmentToken {
    std::string id;
    std::string digest;  ///< SHA-256 of the secret, which is shown once
    std::string name;
    std::string host_group;
    bool reusable = false;
    std::string created_by;
    Instant created_at;
    Instant expires_at;
    /// Of the hosts; comma separated. NOLINTNEXTLINE(readability-redundant-member-init): left out by tests
    std::string tags = {};
    bool operator==(const EnrolmentToken&) const = default;
};

Result<void> add_enrolment_token(Connection& connection, const EnrolmentToken& token);
/// Counts one use of a token whose secret has this digest.
/// @return none when it is unknown, used up, revoked or expired, or the secret is another
Result<std::optional<EnrolmentToken>> use_enrolment_token(
    Connection& connection, const std::string& id, const std::string& digest, Instant now);
/// @return whether there was one that was not revoked yet
Result<bool> revoke_enrolment_token(Connection& connection, const std::string& id, Instant now);

}  // namespace thimble::store
