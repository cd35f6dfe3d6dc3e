#pragma once
/// @file What people change on a server: hosts, who may sign in, tokens.

#include "thimble/base/json_members.hpp"
#include "thimble/base/result.hpp"
#include "thimble/client/fleet_context.hpp"

#include <string>
#include <vector>

namespace thimble::client {

/// Revokes the certificate of a host: it is no host of the fleet any more.
/// @error as ApiConnection::ask, as of all below
Result<void> remove_host(
    const FleetContext& context, const std::string& host_id, const std::string& why);

/// What is to change of a host.
struct HostWish {
    std::string group;  ///< empty: as it is
    std::vector<std::string> add_tags;
    std::vector<std::string> remove_tags;
    std::string why;
};
Result<void> change_host(
    const FleetContext& context, const std::string& host_id, const HostWish& wish);

/// Tags as they are typed: "+web" or "env=prod" adds, "-old" takes away. Pure.
/// @error Invalid "model.bad_tag"
Result<HostWish> parse_tag_words(const std::vector<std::string>& words);

/// What is to change of a user; empty: as it is.
struct UserWish {
    std::string role;
    std::string disabled;  ///< "true" or "false"
    std::string why;
};
/// @error NotFound "client.no_user"
Result<void> change_user(
    const FleetContext& context, const std::string& name, const UserWish& wish);
/// A new one-time link for somebody. @error NotFound "client.no_user"
Result<std::string> link_for_user(const FleetContext& context, const std::string& name);

/// Revokes the one token, of programs or for enrolments, whose id begins like that.
/// @return its name
/// @error NotFound "client.no_token"; Invalid "client.many_tokens"
Result<std::string> revoke_token(const FleetContext& context, const std::string& id);

/// Revokes the token with which this context asks.
Result<void> log_out(const FleetContext& context);

}  // namespace thimble::client
