#pragma once
/// @file Steps of hosts within one transaction: where a host stands is kept, and its next job is made.

#include "thimble/base/instant.hpp"
#include "thimble/model/plan.hpp"
#include "thimble/rollout/host_course.hpp"
#include "thimble/server/context.hpp"
#include "thimble/store/deployments.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace thimble::server {

/// Where a host stands, as the rollout reads it.
rollout::HostCourse course_of(const store::DeploymentHost& host);
/// Puts that into its row; `since` changes with the phase.
void put(const rollout::HostCourse& course, store::DeploymentHost& host, Instant now);

/// A host that was changed and is not heard of for so long has lost its network by it, or worse.
inline constexpr std::chrono::hours kHeardWithin{2};

/// The phases in which a host has something given to it, or has passed its rehearsal.
const std::vector<std::string>& phases_under_way();

/// The step that a host takes, and what its next job must know.
struct HostStep {
    rollout::CourseStep step;
    std::chrono::minutes good_for{24 * 60};
};

/// How a job ended, and who says so.
struct EndedJob {
    std::string actor;  ///< for the audit log
    std::string id;
    rollout::JobEnd end;
};

/// Steps of one transaction. What is to be told once it is committed gathers in `changes`.
class Courses {
public:
    Courses(Context& context, store::Connection& connection, Instant now)
        : context_(context), connection_(connection), now_(now) {}

    /// Gives the host the job that its step wants, when it wants one, and keeps in `host` where it stands.
    Result<void> carry_on(
        const store::Deployment& deployment, store::DeploymentHost& host, const HostStep& next);

    /// What the end of a job means for its deployment, if it is of one.
    Result<void> step(Trail& trail, const EndedJob& ended);

    /// Why the host gets no further job of a deployment that would go on; empty: it does.
    Result<std::string> why_no_further_job(
        const store::Deployment& deployment, const std::string& host_id);

    JobChanges changes;

private:
    Context& context_;
    store::Connection& connection_;
    Instant now_;
};

}  // namespace thimble::server
