#pragma once
/// @file What the scripts in dnf/ are told of a transaction, and what they answer. Pure.

#include "thimble/apply/package_manager.hpp"
#include "thimble/base/result.hpp"
#include "thimble/model/plan.hpp"

#include <span>
#include <string>
#include <string_view>

namespace thimble::apply {

std::string format_dnf_steps(std::span<const model::PlannedStep> steps);

/// Ending, detail and package; the rest is left as it is.
/// @error Corrupt "base.bad_json"
Result<TransactionReport> parse_dnf_ending(std::string_view text);

/// @error Corrupt "base.bad_json"
Result<bool> parse_dnf_history(std::string_view text);

}  // namespace thimble::apply
