#pragma once
/// @file What would change a decision: each input turned, the tables run again. Pure.

#include "thimble/prioritize/decide.hpp"

#include <string_view>
#include <vector>

namespace thimble::prioritize {

/// One change of an input that changes the decision.
struct Alternative {
    std::string_view change;  ///< "if it were added to KEV"
    model::Decision decision;
};

/// Only the changes that move the outcome or the deadline, in a fixed order.
std::vector<Alternative> alternatives(
    const model::VulnerabilityFacts& facts,
    const Exposure& exposure,
    const PriorityPolicy& policy,
    bool fix_available);

}  // namespace thimble::prioritize
