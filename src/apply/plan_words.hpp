#pragma once
/// @file Parts of a plan as JSON that other documents have too. Private to this folder.

#include "thimble/base/json_members.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/base/result.hpp"
#include "thimble/model/plan.hpp"

#include <string_view>
#include <vector>

namespace thimble::apply {

constexpr std::string_view kPlanFormat = "thimble.plan/1";

std::string_view restart_word(model::Restart restart);

void write_step(JsonWriter& json, const model::PlannedStep& step);

/// Checks what a program will be told: names, versions, file names without a folder, digests.
/// @error Corrupt names the member
Result<model::PlannedStep> read_step(const JsonValue& value);

/// The member "problems".
void write_problems(JsonWriter& json, const std::vector<model::PlanProblem>& problems);

/// @error Corrupt names the member
Result<model::PlanProblem> read_problem(const JsonValue& value);

/// The member "left_out".
void write_left_out(JsonWriter& json, const std::vector<model::LeftOut>& left_out);

/// @error Corrupt names the member
Result<model::LeftOut> read_left_out(const JsonValue& value);

}  // namespace thimble::apply
