#include "thimble/server/deployment_course.hpp"

#include "thimble/protocol/job.hpp"
#include "thimble/rollout/host_course.hpp"
#include "thimble/server/control_course.hpp"
#include "thimble/server/control_job.hpp"
#include "thimble/server/course_steps.hpp"
#include "thimble/server/parse_evidence.hpp"
#include "thimble/server/parse_job_report.hpp"
#include "thimble/server/patch_tracking.hpp"
#include "thimble/server/rollout_plans.hpp"
#include "thimble/server/stored_document.hpp"
#include "thimble/server/taken_back.hpp"
#include "thimble/store/exceptions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace thimble::server {
namespace {

using rollout::CourseJob;
using rollout::CoursePhase;

/// The root helper ends whatever lasts longer than 6 hours.
constexpr std::chrono::hours kLongestJob{7};

std::string state_of(const JobReport& report, const rollout::JobEnd& end) {
    if (report.kind == JobReport::Kind::Refused) {
        return "refused";
    }
    switch (end.ending) {
        case rollout::JobEnd::Ending::Done: return "done";
        case rollout::JobEnd::Ending::Interrupted: return "interrupted";
        case rollout::JobEnd::Ending::Failed:
        case rollout::JobEnd::Ending::Refused:
        case rollout::JobEnd::Ending::Lost: break;
    }
    return "failed";
}

/// A document that a result names; empty when it has not come.
Result<std::string> text_of(store::Connection& connection, const std::string& digest) {
    if (digest.empty()) {
        return std::string();
    }
    auto text = stored_document(connection, digest);
    if (!text && text.error().kind != ErrorKind::Unavailable) {
        return std::string();
    }
    return text;
}

/// Why the evidence that a result names cannot be read; it is kept all the same.
Result<std::string> why_unread(store::Connection& connection, const JobReport& report) {
    if (report.evidence.empty()) {
        return std::string();
    }
    THIMBLE_TRY(const std::string text, text_of(connection, report.evidence));
    return text.empty() ? std::string("it did not come") : why_no_evidence(text);
}

/// What of a plan is kept away from its host since it was asked for; empty: nothing.
Result<std::string> why_kept_away(
    store::Connection& connection, const store::Job& job, const FrozenPlan& plan) {
    const store::PlannedPatches patches = store::planned_patches(plan.row);
    THIMBLE_TRY(std::string why, why_kept_back(connection, job.host_id, patches));
    if (!why.empty()) {
        return why;
    }
    THIMBLE_TRY(const auto away, store::sources_kept_away(connection, job.host_id));
    const auto found = std::ranges::find_if(patches, [&](const auto& patch) {
        return std::ranges::find(away, patch.first) != away.end();
    });
    return found == patches.end() ? std::string()
                                  : found->first + " is kept away from this host by an exception";
}

/// Why no job follows on a plan; empty: it is one of this host that selects what was wanted.
Result<std::string> why_not(
    Context& context,
    store::Connection& connection,
    const store::Job& job,
    const std::optional<FrozenPlan>& plan) {
    if (!plan) {
        return std::string("the plan that it froze did not come, or cannot be read");
    }
    THIMBLE_TRY(const auto kept, store::plan_of(connection, plan->row.digest));
    if (kept && kept->host_id != job.host_id) {
        return std::string("the plan is one of another host");
    }
    THIMBLE_TRY(const auto deployment, store::deployment_of(connection, job.deployment_id));
    THIMBLE_TRY(const auto host, store::deployment_host_of_job(connection, job.id));
    if (!deployment || !host) {
        return std::string();
    }
    // As its job asked for it, whatever is wanted by now.
    const auto asked = content_of_job(job);
    if (!asked || protocol::format_selection(asked->selection) != plan->selection) {
        return std::string("the plan selects something else than was wanted");
    }
    THIMBLE_TRY(const auto health, health_for(context, connection, deployment->id));
    return std::string(
        !health || *health == model::health_of(plan->plan.policy)
            ? ""
            : "the plan has other probes, or another rule of going back, than was wanted");
}

/// What a rollout has to say of a plan, and how long its transaction will take.
Result<void> take_into_rollout(
    store::Connection& connection,
    const store::Job& job,
    const FrozenPlan& plan,
    rollout::JobEnd& end) {
    THIMBLE_TRY(auto host, store::deployment_host_of_job(connection, job.id));
    if (!host || !end.plan_problem.empty()) {
        return {};
    }
    THIMBLE_TRY(end.plan_problem, why_outside_rollout(connection, *host, plan.plan));
    if (end.plan_problem.empty()) {
        const auto& excluded = plan.plan.selection.excluded;
        THIMBLE_TRY(
            end.plan_problem, why_behind_rollout(connection, *host, plan.plan.left_out, excluded));
    }
    host->expected_seconds = plan.plan.expected_duration.count();
    return store::set_deployment_host(connection, *host);
}

/// Keeps the plan of a prefetch, or takes the digest away by which jobs would name it.
Result<void> take_plan(
    Context& context,
    store::Connection& connection,
    const store::Job& job,
    std::optional<FrozenPlan> plan,
    rollout::JobEnd& end) {
    THIMBLE_TRY(std::string why, why_not(context, connection, job, plan));
    if (!why.empty() || !plan) {
        end.ending = rollout::JobEnd::Ending::Failed;
        end.plan_digest.clear();
        end.why = std::move(why);
        return {};
    }
    end.plan_problem = plan->problem;
    if (end.plan_problem.empty() && !job.deployment_id.empty()) {
        THIMBLE_TRY(end.plan_problem, why_kept_away(connection, job, *plan));
    }
    THIMBLE_TRY(take_into_rollout(connection, job, *plan, end));
    return store::keep_plan(connection, plan->row);
}

/// A host that plans nothing may be behind its rollout all the same: its repositories lack what the first ring had.
Result<void> take_nothing_planned(
    store::Connection& connection,
    const store::Job& job,
    std::string_view document,
    rollout::JobEnd& end) {
    const bool says_so = end.ending == rollout::JobEnd::Ending::Done && end.exit_status == 0;
    THIMBLE_TRY(const auto host, store::deployment_host_of_job(connection, job.id));
    THIMBLE_TRY(const RolloutTurn turn, turn_of(connection, job.deployment_id));
    if (!says_so || !host || !turn.is_rollout) {
        return {};
    }
    const auto left_out = left_out_of_document(document);
    const auto asked = content_of_job(job);
    if (!left_out || !asked) {
        end.ending = rollout::JobEnd::Ending::Failed;
        end.why = "what it says of having nothing to do did not come, or cannot be read";
        return {};
    }
    THIMBLE_TRY(
        const std::string behind,
        why_behind_rollout(connection, *host, *left_out, asked->selection.excluded));
    if (!behind.empty()) {
        end.held_back = end.held_back.empty() ? behind : behind + "; " + end.held_back;
    }
    return {};
}

/// What it means that a job is overdue: without its lease a host has changed nothing.
Result<rollout::JobEnd> loss_of(store::Connection& connection, const store::Job& job) {
    const auto kind = protocol::job_kind_named(job.kind);
    THIMBLE_TRY(const bool has_begun, store::has_begun(connection, job.id));
    if (kind && protocol::needs_lease(*kind) && !has_begun) {
        return rollout::JobEnd{
            .ending = rollout::JobEnd::Ending::Refused, .why = std::string(rollout::kNotBegun)};
    }
    return rollout::JobEnd{
        .ending = rollout::JobEnd::Ending::Lost,
        .why = "nothing was heard of the end of its job; a late report still counts"};
}

/// A host is at a job. One that needs a lease begins by that: what has none is taken back, and has changed nothing.
Result<void> note_begin(store::Connection& connection, const store::Job& job, Instant now) {
    const auto kind = protocol::job_kind_named(job.kind);
    return kind && !protocol::needs_lease(*kind) ? store::note_begin(connection, job.id, now)
                                                 : Result<void>();
}

/// The end of a job, with what tells of it kept.
Result<rollout::JobEnd> take_end(
    Context& context,
    store::Connection& connection,
    const store::Job& job,
    const JobReport& report,
    Instant now) {
    THIMBLE_TRY(const std::string document, text_of(connection, report.document));
    THIMBLE_TRY(const auto plan, store::plan_of(connection, job.plan_digest));
    const auto planned = plan ? store::planned_patches(*plan) : store::PlannedPatches();
    std::vector<model::OwnerHook> hooks;
    if (!report.hooks.empty()) {
        THIMBLE_TRY(hooks, hooks_for(context, connection, job.deployment_id));
    }
    rollout::JobEnd end = end_of_job(report, {job.kind, document, planned, hooks});
    if (job.kind == "prefetch" && !end.plan_digest.empty()) {
        auto frozen = plan_of_document(end.plan_digest, document);
        if (frozen) {
            frozen->row.host_id = job.host_id;
            frozen->row.document = report.document;
        }
        THIMBLE_TRY(take_plan(context, connection, job, std::move(frozen), end));
    } else if (job.kind == "prefetch") {
        THIMBLE_TRY(take_nothing_planned(connection, job, document, end));
    }
    if (!end.run.empty()) {
        THIMBLE_TRY(store::keep_run(
            connection,
            {job.host_id, end.run, job.plan_digest, job.kind, end.result, end.why, job.id, now}));
    }
    return end;
}

/// What a job of no deployment means for the patches of its plan. Where a deployment would go on to
/// verify, nothing does: the next inventory tells.
Result<void> track_alone(
    store::Connection& connection,
    Trail& trail,
    const store::Job& job,
    const rollout::JobEnd& end) {
    const bool is_transaction = job.kind == "apply" || job.kind == "rollback";
    const bool tells = is_transaction || job.kind == "verify" || job.kind == "restart-services";
    if (!job.deployment_id.empty() || !tells || end.ending == rollout::JobEnd::Ending::Refused) {
        return {};
    }
    rollout::HostCourse course;
    course.phase = is_transaction ? CoursePhase::Applying : CoursePhase::Verifying;
    course.job = is_transaction ? CourseJob::Apply : CourseJob::Verify;
    course.plan_digest = job.plan_digest;
    course.run = job.run;
    if (course.plan_digest.empty() && !job.run.empty()) {
        THIMBLE_TRY(course.plan_digest, store::plan_of_run(connection, job.host_id, job.run));
    }
    rollout::CourseStep step = rollout::after_job(std::move(course), end, {});
    if (step.next) {
        step.course.phase = CoursePhase::Unknown;
    }
    const TrackedStep tracked{job.host_id, "", std::move(step.course)};
    THIMBLE_TRY(track_step(connection, tracked, trail.now()));
    // What a later look finds is no news: somebody may have looked after it already.
    return is_transaction && takes_back(end) ? keep_back(connection, trail, tracked)
                                             : Result<void>();
}

/// A host that reboots has its time from the lease on: who holds a place among those that may reboot at once loses it
/// when nothing is heard of him.
Result<void> add_unreturned(
    Context& context, store::Connection& connection, Instant now, std::vector<store::Job>& jobs) {
    THIMBLE_TRY(
        const auto begun,
        store::jobs_begun_in(
            connection, std::string(rollout::course_phase_name(CoursePhase::Rebooting))));
    for (const store::BegunJob& one : begun) {
        THIMBLE_TRY(const auto time, returns_within(context, connection, one.job.deployment_id));
        const bool is_late = now >= one.begun_at + time;
        const bool is_known = std::ranges::find(jobs, one.job.id, &store::Job::id) != jobs.end();
        if (is_late && !is_known) {
            jobs.push_back(one.job);
        }
    }
    return {};
}

}  // namespace

Result<JobChanges> begin_deployment(
    Context& context,
    store::Connection& connection,
    const store::Deployment& deployment,
    const model::PlanSelection& selection,
    std::span<const std::string> host_ids) {
    store::Deployment kept = deployment;
    kept.selection = protocol::format_selection(selection);
    THIMBLE_TRY(store::add_deployment(connection, kept));
    Courses courses(context, connection, deployment.created_at);
    for (const std::string& id : host_ids) {
        THIMBLE_TRY(
            const std::string other,
            store::deployment_under_way(connection, id, phases_under_way()));
        if (!other.empty()) {
            return failure(
                ErrorKind::Conflict,
                "server.host_busy",
                fmt::format(
                    "host {} has the deployment {} under way: wait for it, or cancel it",
                    id,
                    other));
        }
        store::DeploymentHost host;
        host.deployment_id = kept.id;
        host.host_id = id;
        THIMBLE_TRY(courses.carry_on(kept, host, {.step = rollout::begin_course()}));
        THIMBLE_TRY(store::add_deployment_host(connection, host));
    }
    return std::move(courses.changes);
}

Result<JobChanges> cancel_deployment(
    store::Connection& connection, const std::string& id, const std::string& why, Instant now) {
    THIMBLE_TRY(const auto deployment, store::deployment_of(connection, id));
    if (!deployment) {
        return failure(ErrorKind::NotFound, "server.no_deployment", "there is no such deployment");
    }
    THIMBLE_TRY(const bool is_new, store::cancel_deployment(connection, id, now));
    if (!is_new) {
        return failure(ErrorKind::Conflict, "server.cancelled", "it was cancelled before");
    }
    THIMBLE_TRY(auto hosts, store::hosts_of_deployment(connection, id));
    JobChanges changes;
    for (store::DeploymentHost& host : hosts) {
        const rollout::HostCourse before = course_of(host);
        const rollout::HostCourse course = rollout::cancel(before, why);
        if (course == before) {
            continue;
        }
        put(course, host, now);
        THIMBLE_TRY(store::set_deployment_host(connection, host));
        THIMBLE_TRY(track_step(connection, {host.host_id, id, course}, now));
        // One that the host has taken already goes on; its lease is no longer granted.
        THIMBLE_TRY(store::finish_job(connection, host.job_id, host.host_id, now));
        changes.closed.push_back(host.job_id);
    }
    return changes;
}

Result<JobChanges> take_job_reports(
    Context& context,
    store::Connection& connection,
    Trail& trail,
    const std::string& host_id,
    std::span<const store::Report> reports) {
    const Instant now = trail.now();
    Courses courses(context, connection, now);
    for (const store::Report& kept : reports) {
        const auto report = parse_job_report(kept);
        if (!report) {
            continue;
        }
        THIMBLE_TRY(const auto job, store::open_job(connection, report->job, host_id));
        if (!job) {
            continue;  // of another host, or heard before
        }
        if (report->kind == JobReport::Kind::Progress) {
            THIMBLE_TRY(store::note_progress(connection, job->id, report->text, now));
            continue;
        }
        if (report->kind == JobReport::Kind::Begun) {
            THIMBLE_TRY(note_begin(connection, *job, now));
            continue;
        }
        if (report->kind == JobReport::Kind::Waiting) {
            THIMBLE_TRY(store::note_wait(connection, job->id, report->text));
            continue;
        }
        THIMBLE_TRY(const rollout::JobEnd end, take_end(context, connection, *job, *report, now));
        THIMBLE_TRY(std::string unread, why_unread(connection, *report));
        // Its lease is granted no more, whether or not the host says that it has finished.
        THIMBLE_TRY(store::finish_job(connection, job->id, host_id, now));
        courses.changes.closed.push_back(job->id);
        THIMBLE_TRY(store::close_job(
            connection,
            job->id,
            {state_of(*report, end),
             end.exit_status,
             end.hook_why.empty() ? end.why : end.hook_why,
             report->document,
             format_hooks(report->hooks),
             report->evidence,
             std::move(unread)}));
        THIMBLE_TRY(track_alone(connection, trail, *job, end));
        THIMBLE_TRY(take_control_end(context, connection, trail, *job, *report));
        THIMBLE_TRY(courses.step(trail, {"host:" + host_id, job->id, end}));
    }
    return std::move(courses.changes);
}

Result<JobChanges> lose_overdue_jobs(
    Context& context, store::Connection& connection, Trail& trail) {
    const Instant now = trail.now();
    THIMBLE_TRY(
        auto jobs, store::overdue_jobs(connection, {now, now - kLongestJob, now - kHeardWithin}));
    THIMBLE_TRY(add_unreturned(context, connection, now, jobs));
    Courses courses(context, connection, now);
    for (const store::Job& job : jobs) {
        THIMBLE_TRY(const rollout::JobEnd end, loss_of(connection, job));
        THIMBLE_TRY(store::close_job(connection, job.id, {"expired", 0, end.why, ""}));
        THIMBLE_TRY(courses.step(trail, {"server", job.id, end}));
        THIMBLE_TRY(lose_control_job(context, connection, trail, job));
        // A machine that comes back late has forgotten its job, and must be given it again to tell of its boot.
        if (job.kind == protocol::job_kind_name(protocol::JobKind::Reboot)
            && end.ending == rollout::JobEnd::Ending::Lost) {
            continue;
        }
        THIMBLE_TRY(store::finish_job(connection, job.id, job.host_id, now));
        courses.changes.closed.push_back(job.id);
    }
    return std::move(courses.changes);
}

}  // namespace thimble::server
