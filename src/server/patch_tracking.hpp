#pragma once
/// @file Moves the patches of a host through their states: by what an inventory shows, and by what a
/// deployment does. Within transactions; the table is that of the rollout.

#include "thimble/base/instant.hpp"
#include "thimble/rollout/host_course.hpp"
#include "thimble/store/connection.hpp"
#include "thimble/store/fleet.hpp"

#include <span>
#include <string>
#include <utility>
#include <vector>

namespace thimble::server {

/// What an inventory shows moves the patches that it names, and those that it names no longer. Patches
/// that a deployment moved since that inventory stay.
Result<void> track_judgement(
    store::Connection& connection, const store::FleetJudgement& judgement, Instant now);

/// What moved the patches of a plan.
struct TrackedStep {
    std::string host_id;
    std::string deployment_id;  ///< may be empty: of a job by itself
    rollout::HostCourse course;
};

/// The patches of the step's plan move by its phase; without a known plan none does.
Result<void> track_step(store::Connection& connection, const TrackedStep& step, Instant now);

}  // namespace thimble::server
