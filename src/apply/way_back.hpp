#pragma once
/// @file The way back of a step.

#include "thimble/model/plan.hpp"

namespace thimble::apply {

/// What undoes `step`, without its archive.
model::PlannedStep way_back(const model::PlannedStep& step);

}  // namespace thimble::apply
