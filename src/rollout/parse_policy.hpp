#pragma once
/// @file The file of a policy (docs/formats/policy.md). Pure.

#include "thimble/base/json_members.hpp"
#include "thimble/rollout/policy.hpp"

#include <string_view>
#include <vector>

namespace thimble::rollout {

/// Reads a policy, in YAML or JSON. Everything in it is checked: rules of windows, zones, names of rings,
/// shares; what is unknown is refused. A policy without rings gets those of `hosts` hosts.
/// @param hosts  how many hosts there are, for rings by default
/// @error Invalid "base.bad_yaml", "rollout.bad_policy": where, what, and what to write instead
Result<Policy> parse_policy(std::string_view text, std::size_t hosts);

/// A policy as far as it could be read, and everything that parse_policy would refuse in it.
struct ReadPolicy {
    Policy policy;
    std::vector<Error> errors;  ///< at most 20, each beginning with its place; none: it is a policy
};

ReadPolicy read_all(const JsonValue& document, std::size_t hosts);

}  // namespace thimble::rollout
