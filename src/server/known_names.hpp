#pragma once
/// @file Hosts, groups, tags and people that somebody names: whether they are there.

#include "thimble/base/json_writer.hpp"
#include "thimble/base/result.hpp"
#include "thimble/rollout/policy.hpp"
#include "thimble/store/connection.hpp"

#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace thimble::server {

/// @param names  ids or names of hosts
/// @param group  that somebody is limited to: hosts of others are not there; "*": every one
/// @error NotFound "server.no_host"  names the first that is not there
Result<void> check_hosts_are_there(
    store::Connection& connection, std::span<const std::string> names, const std::string& group);

/// The same for names that outlive their hosts: one that was removed since does nothing any more, which is no reason to refuse
/// the rest. A sentence for each.
/// @error NotFound "server.no_host"  no host ever was called so
Result<std::vector<std::string>> doubts_about_hosts(
    store::Connection& connection, std::span<const std::string> names);

/// The id of a host that is called so, likewise.
/// @error NotFound "server.no_host"; Conflict "server.many_hosts"
Result<std::string> id_of_host(
    store::Connection& connection, const std::string& name, const std::string& group);

/// Groups and tags of no host: they may come, or be misspelt. A sentence each.
/// @param tags_in_use  of all hosts; read where it is needed and not known yet
Result<std::vector<std::string>> doubts_about(
    store::Connection& connection,
    const rollout::HostQuery& query,
    std::optional<std::set<std::string>>& tags_in_use);
/// Likewise of who answers for something: "user:NAME" or a name. Empty: there is such an account.
Result<std::vector<std::string>> doubts_about_owner(
    store::Connection& connection, const std::string& owner);

/// The member "warnings", sentences for people.
void write_warnings(JsonWriter& json, std::span<const std::string> warnings);

}  // namespace thimble::server
