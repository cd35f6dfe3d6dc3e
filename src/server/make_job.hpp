#pragma once
/// @file Makes jobs: typed, signed with the deployment key, for one host.

#include "thimble/base/instant.hpp"
#include "thimble/model/plan.hpp"
#include "thimble/protocol/job.hpp"
#include "thimble/server/authority.hpp"
#include "thimble/store/connection.hpp"
#include "thimble/store/jobs.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace thimble::server {

/// What a host is to be asked.
struct JobOrder {
    protocol::JobKind kind = protocol::JobKind::Inventory;
    // NOLINTBEGIN(readability-redundant-member-init): g++ warns of fields that are left out
    std::string host_id = {};
    std::string plan_digest = {};  ///< where the kind needs a plan
    std::string run = {};          ///< of Rollback
    model::PlanSelection selection = {};
    std::optional<protocol::JobHooks> hooks = {};      ///< none: nothing runs around it
    std::optional<model::PlanHealth> health = {};      ///< of Prefetch; none: as its host has it
    std::optional<protocol::JobControl> control = {};  ///< of the kinds that need one
    std::optional<protocol::JobProbe> probe = {};      ///< of ProbeControl
    std::string deployment_id = {};                    ///< empty: of none
    std::string created_by = {};
    // NOLINTEND(readability-redundant-member-init)
    std::chrono::minutes good_for{24 * 60};  ///< it must have begun within
    bool operator==(const JobOrder&) const = default;
};

/// Signs the job and keeps it, within a transaction. Who calls gives it to the roster once that is
/// committed.
/// @error Invalid "server.bad_job"  an argument that the kind needs is missing or wrong, or is too much
/// @error NotFound "store.no_host"
Result<store::Job> make_job(
    store::Connection& connection, const Authority& authority, const JobOrder& order, Instant now);

}  // namespace thimble::server
