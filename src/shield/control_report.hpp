#pragma once
/// @file What was found when a control was put up, looked at or taken away: the words of the model, and what they say.

#include "thimble/model/control_report.hpp"

#include <vector>

namespace thimble::shield {

using model::control_action_name;
using model::control_outcome_name;
using model::ControlAction;
using model::ControlCheck;
using model::ControlReport;
using model::format_control_report;
using ControlState = model::ControlOutcome;

/// Nothing that was looked at is wrong. What could not be told does not count.
bool all_hold(const std::vector<ControlCheck>& checks);

/// Whether the report is about what was asked for: deployed, holding, removed.
bool is_as_it_should_be(const ControlReport& report);

}  // namespace thimble::shield
