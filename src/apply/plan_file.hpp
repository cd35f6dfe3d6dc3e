#pragma once
/// @file The plan as a file: JSON with a digest that stands for its content.

#include "thimble/base/result.hpp"
#include "thimble/model/plan.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace thimble::apply {

/// No plan has a longer time in it, nor more looks after its transaction.
inline constexpr std::chrono::seconds kMostPlanTime = std::chrono::weeks(1);
inline constexpr std::uint32_t kMostSettleTries = 1000;

/// SHA-256 of the plan's content, lower-case hex: the name by which it is rehearsed, approved and
/// applied. White space and the order of members in a file do not count.
std::string plan_digest(const model::Plan& plan);

/// One JSON document, without a newline at its end (docs/formats/plan.md).
std::string format_plan(const model::Plan& plan);

/// @error Corrupt "apply.bad_plan": not a plan, or a member is wrong, which is named;
///        Corrupt "apply.altered_plan": the content is not what its digest says;
///        Unsupported "apply.plan_format": of another version of Thimble
Result<model::Plan> parse_plan(std::string_view text);

}  // namespace thimble::apply
