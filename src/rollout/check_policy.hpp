#pragma once
/// @file What is to be said of the file of a policy before it is kept: everything at once, each with its line. Pure.

#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"
#include "thimble/rollout/policy.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::rollout {

struct PolicyProblem {
    int line = 0;       ///< from 1; 0: of the whole file
    std::string place;  ///< "windows[1].rule"; empty: the file cannot be read at all
    std::string what;   ///< what is wrong, and what to write instead
    bool operator==(const PolicyProblem&) const = default;
};

/// "line 12: windows[1].rule: it never opens"
std::string text_of(const PolicyProblem& problem);

/// What parse_policy refuses, and what a policy that is kept anew must not have besides: names that nothing can have,
/// windows that never open. Of policies that are kept already only parse_policy is asked.
/// @param hosts  as of parse_policy
/// @return at most 20, by line; none: it may be kept
std::vector<PolicyProblem> problems_of(std::string_view text, std::size_t hosts, Instant now);

/// A policy that may be kept.
/// @error Invalid "rollout.bad_policy": all problems
Result<Policy> parse_new_policy(std::string_view text, std::size_t hosts, Instant now);

}  // namespace thimble::rollout
