#pragma once
/// @file What has to restart once the steps of a plan are done. Pure.

#include "thimble/model/inventory.hpp"
#include "thimble/model/patch.hpp"
#include "thimble/model/plan.hpp"

#include <span>
#include <string>
#include <vector>

namespace thimble::apply {

struct Restarts {
    model::Restart restart = model::Restart::None;
    std::vector<std::string> services;  ///< programs that listen, of packages that change; sorted
    bool operator==(const Restarts&) const = default;
};

/// Of the whole transaction, what comes along included. A boot makes everything live; short of one, who listens must be known.
Restarts restarts_after(
    std::span<const model::PlannedStep> steps, const model::Inventory& inventory);

}  // namespace thimble::apply
