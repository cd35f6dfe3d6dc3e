#include "thimble/server/removed_host.hpp"

#include "thimble/rollout/rollout.hpp"
#include "thimble/server/course_steps.hpp"
#include "thimble/server/patch_tracking.hpp"
#include "thimble/store/deployments.hpp"
#include "thimble/store/jobs.hpp"
#include "thimble/store/rollouts.hpp"

#include <utility>

namespace thimble::server {
namespace {

/// Where the host stands once it has gone.
Result<rollout::HostCourse> course_without(
    store::Connection& connection, const store::DeploymentHost& host) {
    rollout::HostCourse course = course_of(host);
    THIMBLE_TRY(const auto found, store::rollout_of(connection, host.deployment_id));
    if (!found) {
        return rollout::cancel(std::move(course), kRemoved);
    }
    const auto phase = rollout::rollout_phase_named(found->phase);
    const bool is_over =
        phase == rollout::RolloutPhase::Done || phase == rollout::RolloutPhase::Cancelled;
    return is_over ? course : rollout::take_out(std::move(course), kRemoved);
}

}  // namespace

Result<void> leave_deployments(
    store::Connection& connection, Trail& trail, const std::string& host_id) {
    const Instant now = trail.now();
    THIMBLE_TRY(auto hosts, store::deployments_of_host(connection, host_id));
    JobChanges changes;
    for (store::DeploymentHost& host : hosts) {
        THIMBLE_TRY(const rollout::HostCourse course, course_without(connection, host));
        if (course == course_of(host)) {
            continue;
        }
        put(course, host, now);
        THIMBLE_TRY(store::set_deployment_host(connection, host));
        THIMBLE_TRY(track_step(connection, {host_id, host.deployment_id, course}, now));
        if (!host.job_id.empty()) {
            THIMBLE_TRY(store::finish_job(connection, host.job_id, host_id, now));
            changes.closed.push_back(host.job_id);
        }
    }
    trail.tell(std::move(changes));
    return {};
}

}  // namespace thimble::server
