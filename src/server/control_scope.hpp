#pragma once
/// @file Which hosts a control is for: as a policy says it. Pure.

#include "thimble/base/json_members.hpp"
#include "thimble/base/result.hpp"
#include "thimble/rollout/policy.hpp"

#include <string>

namespace thimble::server {

/// `hosts` (ids or names), `groups` and `tags`, each a list of texts that may be left out.
/// @error Invalid "server.bad_body"  it names nothing, or more than 1000
Result<rollout::HostQuery> parse_control_scope(const JsonValue& value);

/// All three lists, as JSON.
std::string format_control_scope(const rollout::HostQuery& scope);

}  // namespace thimble::server
