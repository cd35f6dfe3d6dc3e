#include "thimble/server/course_steps.hpp"

#include "thimble/base/json_writer.hpp"
#include "thimble/protocol/job.hpp"
#include "thimble/server/make_job.hpp"
#include "thimble/server/patch_tracking.hpp"
#include "thimble/server/permission.hpp"
#include "thimble/server/rollout_plans.hpp"
#include "thimble/server/taken_back.hpp"
#include "thimble/store/hosts.hpp"

#include <optional>
#include <utility>

namespace thimble::server {
namespace {

using protocol::JobKind;
using rollout::CourseJob;
using rollout::CoursePhase;

JobKind kind_of(CourseJob job) {
    switch (job) {
        case CourseJob::Prefetch: return JobKind::Prefetch;
        case CourseJob::Rehearse: return JobKind::Rehearse;
        case CourseJob::Apply: return JobKind::Apply;
        case CourseJob::Verify: return JobKind::Verify;
        case CourseJob::RestartServices: return JobKind::RestartServices;
        case CourseJob::Reboot: return JobKind::Reboot;
    }
    return JobKind::Verify;
}

CourseJob course_job_named(const std::string& name) {
    for (const CourseJob job :
         {CourseJob::Prefetch,
          CourseJob::Rehearse,
          CourseJob::Apply,
          CourseJob::Verify,
          CourseJob::RestartServices,
          CourseJob::Reboot}) {
        if (protocol::job_kind_name(kind_of(job)) == name) {
            return job;
        }
    }
    return CourseJob::Verify;  // of our own table: nothing else was ever written
}

std::vector<std::string> names_of_phases_under_way() {
    std::vector<std::string> names;
    for (int at = 0; at < rollout::kCoursePhases; ++at) {
        const auto phase = static_cast<CoursePhase>(at);
        const bool is_under_way = !rollout::has_ended(phase) && phase != CoursePhase::Unknown
            && phase != CoursePhase::NotReturned && !rollout::is_waiting(phase);
        if (is_under_way) {
            names.emplace_back(rollout::course_phase_name(phase));
        }
    }
    return names;
}

/// The hooks of a policy that belong around a job; a verification has them only after a reboot.
Result<std::optional<protocol::JobHooks>> hooks_around(
    Context& context,
    store::Connection& connection,
    JobKind kind,
    const store::DeploymentHost& host) {
    const bool is_after_reboot = host.phase == rollout::course_phase_name(CoursePhase::Rebooting);
    protocol::JobHooks hooks{.deployment = host.deployment_id, .steps = {}};
    if (kind != JobKind::Verify || is_after_reboot) {
        THIMBLE_TRY(hooks.steps, hooks_for(context, connection, host.deployment_id));
    }
    std::erase_if(hooks.steps, [kind](const model::OwnerHook& hook) {
        return !protocol::takes_hook(kind, hook.step);
    });
    return hooks.steps.empty() ? std::nullopt : std::optional(std::move(hooks));
}

std::string json_of(const store::DeploymentHost& host) {
    std::string text;
    JsonWriter json(text);
    json.open_object().member("host", host.host_id).member("phase", host.phase);
    json.member("job", host.job_id).member("job_kind", host.job_kind);
    json.member_or_null("plan_digest", host.plan_digest).member_or_null("run", host.run);
    json.member_or_null("why", host.why).close_object();
    return text;
}

}  // namespace

rollout::HostCourse course_of(const store::DeploymentHost& host) {
    return {
        .phase = rollout::course_phase_named(host.phase).value_or(CoursePhase::Unknown),
        .job = course_job_named(host.job_kind),
        .plan_digest = host.plan_digest,
        .run = host.run,
        .why = host.why};
}

void put(const rollout::HostCourse& course, store::DeploymentHost& host, Instant now) {
    const std::string_view phase = rollout::course_phase_name(course.phase);
    if (host.phase != phase) {
        host.phase = phase;
        host.since = now;
    }
    host.job_kind = protocol::job_kind_name(kind_of(course.job));
    host.plan_digest = course.plan_digest;
    host.run = course.run;
    host.why = course.why;
}

const std::vector<std::string>& phases_under_way() {
    static const std::vector<std::string> kNames = names_of_phases_under_way();
    return kNames;
}

Result<void> Courses::carry_on(
    const store::Deployment& deployment, store::DeploymentHost& host, const HostStep& next) {
    put(next.step.course, host, now_);
    if (!next.step.next) {
        return {};
    }
    JobOrder order{
        .kind = kind_of(*next.step.next),
        .host_id = host.host_id,
        .deployment_id = deployment.id,
        .created_by = deployment.created_by,
        .good_for = next.good_for};
    if (order.kind == JobKind::Prefetch) {
        THIMBLE_TRY(order.selection, selection_for(connection_, deployment, host));
        THIMBLE_TRY(order.health, health_for(context_, connection_, deployment.id));
    } else if (protocol::needs_plan(order.kind)) {
        order.plan_digest = host.plan_digest;
    }
    THIMBLE_TRY(order.hooks, hooks_around(context_, connection_, order.kind, host));
    THIMBLE_TRY(store::Job job, make_job(connection_, context_.authority, order, now_));
    host.job_id = job.id;
    changes.made.push_back(std::move(job));
    return {};
}

Result<void> Courses::step(Trail& trail, const EndedJob& ended) {
    THIMBLE_TRY(auto host, store::deployment_host_of_job(connection_, ended.id));
    if (!host) {
        return {};
    }
    THIMBLE_TRY(const auto deployment, store::deployment_of(connection_, host->deployment_id));
    if (!deployment) {
        return {};
    }
    THIMBLE_TRY(const RolloutTurn turn, turn_of(connection_, host->deployment_id));
    const std::string before = json_of(*host);
    host->refused_reboots += rollout::is_refused_reboot(course_of(*host), ended.end) ? 1 : 0;
    HostStep step{
        .step = rollout::after_job(
            course_of(*host),
            ended.end,
            {.restart_services = deployment->restart_services, .waits_for_turn = turn.is_rollout})};
    if (step.step.next) {
        THIMBLE_TRY(std::string why, why_no_further_job(*deployment, host->host_id));
        if (!why.empty()) {
            step.step = {
                rollout::cancel(std::move(step.step.course), std::move(why)), std::nullopt};
        }
    }
    const bool begins = step.step.course.phase == CoursePhase::Rehearsing
        || step.step.course.phase == CoursePhase::Rehearsed;
    if (turn.is_over && begins) {
        step.step = {
            rollout::cancel(std::move(step.step.course), "its rollout was over"), std::nullopt};
    }
    if (step.step.next == CourseJob::Verify || step.step.next == CourseJob::RestartServices) {
        step.good_for = kHeardWithin;
    }
    if (step.step.course.phase == CoursePhase::Rebooting) {
        THIMBLE_TRY(step.good_for, returns_within(context_, connection_, deployment->id));
    }
    THIMBLE_TRY(carry_on(*deployment, *host, step));
    THIMBLE_TRY(store::set_deployment_host(connection_, *host));
    const TrackedStep tracked{host->host_id, host->deployment_id, step.step.course};
    THIMBLE_TRY(track_step(connection_, tracked, now_));
    // A run that was interrupted, and was taken back when it was brought into order, is known by its verification.
    const bool is_known_now =
        step.step.course.phase == CoursePhase::RolledBack && !ended.end.is_of_surroundings;
    if (takes_back(ended.end) || is_known_now) {
        THIMBLE_TRY(keep_back(connection_, trail, tracked));
    }
    return trail.note(
        {ended.actor, "deployment.step", host->deployment_id, before, json_of(*host), ""});
}

Result<std::string> Courses::why_no_further_job(
    const store::Deployment& deployment, const std::string& host_id) {
    THIMBLE_TRY(
        const std::string other,
        store::deployment_under_way(connection_, host_id, phases_under_way()));
    if (!other.empty() && other != deployment.id) {
        return "this was heard late: the deployment " + other + " has the host now";
    }
    THIMBLE_TRY(const std::string group, store::host_group_of(connection_, host_id));
    if (!common_group(deployment.host_group, group)) {
        return "the host was moved into the group " + group
            + ", in which who started this may do nothing";
    }
    return std::string();
}

}  // namespace thimble::server
