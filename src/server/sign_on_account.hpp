#pragma once
/// @file Which account an identity of a provider opens.

#include "thimble/openid/provider.hpp"
#include "thimble/server/context.hpp"

namespace thimble::server {

/// Finds the account of an identity, or makes one where the configuration says so, and gives it what the
/// rules say. Within a transaction, with the audit entries. A name never leads to an account that is there.
/// @error Denied "server.unknown_person"  nobody gave this identity an account
/// @error Denied "server.no_rule"         there are rules and none fits
/// @error Denied "server.disabled"        the account is disabled
/// @error Conflict "server.last_administrator"  a rule would take the last administrator's role
Result<store::Account> account_for(
    store::Connection& connection,
    Trail& trail,
    const openid::Identity& identity,
    const openid::Configuration& configuration);

}  // namespace thimble::server
