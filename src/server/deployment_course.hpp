#pragma once
/// @file Drives the hosts of deployments: what a host reports becomes a step of its course, and the step
/// the next job. Within transactions; the decision is that of the rollout.

#include "thimble/base/instant.hpp"
#include "thimble/model/plan.hpp"
#include "thimble/server/context.hpp"
#include "thimble/store/deployments.hpp"
#include "thimble/store/hosts.hpp"
#include "thimble/store/jobs.hpp"

#include <span>
#include <string>
#include <vector>

namespace thimble::server {

/// Keeps the deployment and gives each host its first job.
/// @error Conflict "server.host_busy"  names a host that has another deployment under way
Result<JobChanges> begin_deployment(
    Context& context,
    store::Connection& connection,
    const store::Deployment& deployment,
    const model::PlanSelection& selection,
    std::span<const std::string> host_ids);

/// No further job is made; those that nobody took are withdrawn.
/// @error NotFound "server.no_deployment"; Conflict "server.cancelled"
Result<JobChanges> cancel_deployment(
    store::Connection& connection, const std::string& id, const std::string& why, Instant now);

/// Takes the reports of one host that are about jobs. One that makes no sense changes nothing.
Result<JobChanges> take_job_reports(
    Context& context,
    store::Connection& connection,
    Trail& trail,
    const std::string& host_id,
    std::span<const store::Report> reports);

/// Closes the jobs that nobody took in time or whose end is overdue.
Result<JobChanges> lose_overdue_jobs(Context& context, store::Connection& connection, Trail& trail);

}  // namespace thimble::server
