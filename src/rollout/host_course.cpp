#include "thimble/rollout/host_course.hpp"

#include <array>
#include <utility>

namespace thimble::rollout {
namespace {

constexpr auto kPhaseNames = std::to_array<std::string_view>({
    "planning",        "rehearsing",     "applying",          "verifying",   "restarting",
    "rehearsed",       "rebooting",      "waiting-to-verify", "waiting",     "verified",
    "nothing-to-do",   "plan-refused",   "rehearsal-failed",  "skipped",     "rolled-back",
    "pending-restart", "pending-reboot", "failed-health",     "hook-failed", "failed",
    "halted",          "cancelled",      "not-returned",      "unknown",
});
static_assert(kPhaseNames.size() == kCoursePhases);

constexpr std::string_view kHalted = "halted";  // as root helpers say it
constexpr int kSkippedStatus = 3;
constexpr int kUntoldStatus = 2;

CourseStep ended(HostCourse course, CoursePhase phase, std::string why) {
    course.phase = phase;
    course.why = std::move(why);
    return {std::move(course), std::nullopt};
}

CourseStep goes_on(HostCourse course, CoursePhase phase, CourseJob job) {
    course.phase = phase;
    course.job = job;
    course.why.clear();
    return {std::move(course), job};
}

CourseStep after_prefetch(HostCourse course, const JobEnd& end) {
    const bool is_done = end.ending == JobEnd::Ending::Done;
    course.plan_digest = end.plan_digest;
    if (!end.plan_problem.empty()) {
        return ended(std::move(course), CoursePhase::PlanRefused, end.plan_problem);
    }
    if (!is_done) {
        return ended(std::move(course), CoursePhase::Failed, end.why);
    }
    if (end.plan_digest.empty() && !end.held_back.empty()) {
        return ended(std::move(course), CoursePhase::PlanRefused, "held back: " + end.held_back);
    }
    if (end.plan_digest.empty()) {
        return ended(std::move(course), CoursePhase::NothingToDo, end.why);
    }
    return goes_on(std::move(course), CoursePhase::Rehearsing, CourseJob::Rehearse);
}

CourseStep after_rehearsal(HostCourse course, const JobEnd& end, const CourseWish& wish) {
    if (end.ending != JobEnd::Ending::Done) {
        return ended(std::move(course), CoursePhase::RehearsalFailed, end.why);
    }
    if (wish.waits_for_turn) {
        return ended(std::move(course), CoursePhase::Rehearsed, "");
    }
    return goes_on(std::move(course), CoursePhase::Applying, CourseJob::Apply);
}

void remember_run(HostCourse& course, const JobEnd& end) {
    if (!end.run.empty()) {
        course.run = end.run;
    }
}

/// A hook failed that is not ignored. What the change itself broke is worse than a host that is not well again.
std::optional<CourseStep> after_hooks(HostCourse& course, const JobEnd& end) {
    if (!end.hook_failure) {
        return std::nullopt;
    }
    switch (*end.hook_failure) {
        case model::HookFailure::SkipHost:
            return ended(
                course,
                course.job == CourseJob::Reboot ? CoursePhase::PendingReboot : CoursePhase::Skipped,
                end.hook_why);
        case model::HookFailure::HaltRing:
            return ended(
                course,
                CoursePhase::HookFailed,
                end.hook_why + (end.why.empty() ? "" : "; " + end.why));
        case model::HookFailure::FailHost:
            return end.ending == JobEnd::Ending::Done
                ? std::optional(ended(course, CoursePhase::FailedHealth, end.hook_why))
                : std::nullopt;
        case model::HookFailure::Ignore: break;
    }
    return std::nullopt;
}

CourseStep after_apply(HostCourse course, const JobEnd& end) {
    if (end.result == "applied" && end.ending == JobEnd::Ending::Done) {
        return goes_on(std::move(course), CoursePhase::Verifying, CourseJob::Verify);
    }
    if (end.result == "rolled_back") {
        return ended(std::move(course), CoursePhase::RolledBack, end.why);
    }
    if (end.result == "skipped" || (end.result.empty() && end.exit_status == kSkippedStatus)) {
        return ended(std::move(course), CoursePhase::Skipped, end.why);
    }
    if (end.result == "failed_health") {
        return ended(std::move(course), CoursePhase::FailedHealth, end.why);
    }
    if (end.ending == JobEnd::Ending::Interrupted) {
        // It was brought into order: verify says to which.
        return goes_on(std::move(course), CoursePhase::Verifying, CourseJob::Verify);
    }
    return ended(std::move(course), CoursePhase::Failed, end.why);
}

/// Up is not back: the kernel, its services and the owner's probes must be as they should.
CourseStep not_returned(HostCourse course, const JobEnd& end) {
    const bool is_old = end.worst_state == "installed_pending_reboot";
    const std::string told = end.why.empty() ? "it does not tell how it is" : end.why;
    return ended(
        std::move(course),
        CoursePhase::NotReturned,
        is_old ? "it has rebooted, and the old kernel still runs" : "it has rebooted: " + told);
}

CourseStep after_verify(HostCourse course, const JobEnd& end, const CourseWish& wish) {
    if (end.ending == JobEnd::Ending::Done && end.worst_state == "verified") {
        return ended(std::move(course), CoursePhase::Verified, "");
    }
    if (end.worst_state == "installed_pending_restart") {
        return wish.restart_services && course.job == CourseJob::Verify
            ? goes_on(std::move(course), CoursePhase::Restarting, CourseJob::RestartServices)
            : ended(std::move(course), CoursePhase::PendingRestart, end.why);
    }
    if (course.phase == CoursePhase::Rebooting || course.phase == CoursePhase::NotReturned) {
        return not_returned(std::move(course), end);
    }
    if (end.worst_state == "installed_pending_reboot") {
        return ended(std::move(course), CoursePhase::PendingReboot, end.why);
    }
    if (end.worst_state == "failed_health") {
        return ended(std::move(course), CoursePhase::FailedHealth, end.why);
    }
    if (end.worst_state == "rolled_back") {
        return ended(std::move(course), CoursePhase::RolledBack, end.why);
    }
    const bool is_untold = end.worst_state.empty() || end.worst_state == "unknown"
        || end.worst_state == "verified" || end.exit_status == kUntoldStatus;
    return ended(
        std::move(course),
        is_untold ? CoursePhase::Unknown : CoursePhase::Failed,
        end.why.empty() ? "the host did not tell what its verification found" : end.why);
}

/// Only a new boot says that a host has restarted. Of a helper that was killed by the shutdown that it asked for, and does
/// not tell, verify has to see.
CourseStep after_reboot(HostCourse course, const JobEnd& end) {
    if (is_refused_reboot(course, end)) {
        return ended(
            std::move(course),
            CoursePhase::PendingReboot,
            end.ending == JobEnd::Ending::Done ? "no reboot: it tells of no new boot"
                                               : "no reboot: " + end.why);
    }
    return goes_on(std::move(course), CoursePhase::Rebooting, CourseJob::Verify);
}

/// What the end of a job that was not lost means while nobody has cancelled.
CourseStep after_job_under_way(HostCourse course, const JobEnd& end, const CourseWish& wish) {
    if (is_waiting(course.phase)) {
        return {std::move(course), std::nullopt};  // of a job that was taken back
    }
    const bool is_halted = end.why == kHalted;
    if (end.ending == JobEnd::Ending::Refused && (is_halted || end.why == kNotBegun)) {
        const bool is_restart = course.job == CourseJob::RestartServices;
        const bool is_reboot = course.job == CourseJob::Reboot;
        CoursePhase phase = CoursePhase::Halted;
        if (is_reboot || is_restart) {
            phase = is_reboot ? CoursePhase::PendingReboot : CoursePhase::PendingRestart;
        }
        return ended(
            std::move(course),
            phase,
            is_halted ? "a halt came before this job" : "it did not take its turn in time");
    }
    if (end.ending == JobEnd::Ending::Refused) {
        return ended(
            std::move(course), CoursePhase::Failed, "the host refused the job: " + end.why);
    }
    remember_run(course, end);
    if (auto stopped = after_hooks(course, end)) {
        return *std::move(stopped);
    }
    switch (course.job) {
        case CourseJob::Prefetch: return after_prefetch(std::move(course), end);
        case CourseJob::Rehearse: return after_rehearsal(std::move(course), end, wish);
        case CourseJob::Apply: return after_apply(std::move(course), end);
        case CourseJob::Verify:
        case CourseJob::RestartServices: return after_verify(std::move(course), end, wish);
        case CourseJob::Reboot: return after_reboot(std::move(course), end);
    }
    return {std::move(course), std::nullopt};
}

/// What was under way is recorded; nothing follows. What it broke or took back is not hidden.
CourseStep after_cancelled(HostCourse course, const JobEnd& end) {
    HostCourse running = course;
    running.phase = CoursePhase::Applying;
    const CourseStep step = after_job_under_way(std::move(running), end, {});
    const bool has_changed_host = course.job != CourseJob::Prefetch
        && course.job != CourseJob::Rehearse && end.ending != JobEnd::Ending::Refused;
    const bool is_bad = step.course.phase == CoursePhase::FailedHealth
        || step.course.phase == CoursePhase::HookFailed
        || step.course.phase == CoursePhase::RolledBack || step.course.phase == CoursePhase::Failed;
    if (has_changed_host && is_bad) {
        return {step.course, std::nullopt};
    }
    remember_run(course, end);
    return {std::move(course), std::nullopt};
}

}  // namespace

std::string_view course_phase_name(CoursePhase phase) {
    return kPhaseNames.at(static_cast<std::size_t>(phase));
}

std::optional<CoursePhase> course_phase_named(std::string_view name) {
    for (std::size_t at = 0; at < kPhaseNames.size(); ++at) {
        if (kPhaseNames.at(at) == name) {
            return static_cast<CoursePhase>(at);
        }
    }
    return std::nullopt;
}

bool is_waiting(CoursePhase phase) {
    return phase == CoursePhase::Waiting || phase == CoursePhase::WaitingToVerify;
}

bool has_ended(CoursePhase phase) {
    return phase > CoursePhase::Waiting && phase < CoursePhase::NotReturned;
}

CourseStep begin_course() {
    return {HostCourse{}, CourseJob::Prefetch};
}

bool is_to_be_verified(const HostCourse& course) {
    const bool may_be_installed = course.phase == CoursePhase::FailedHealth
        || course.phase == CoursePhase::HookFailed || course.phase == CoursePhase::NotReturned
        || course.phase == CoursePhase::PendingRestart || course.phase == CoursePhase::Unknown;
    return may_be_installed && !course.run.empty() && !course.plan_digest.empty();
}

CourseStep begin_verification(HostCourse course) {
    return goes_on(std::move(course), CoursePhase::Verifying, CourseJob::Verify);
}

HostCourse wait_again(const HostCourse& before, std::string why) {
    HostCourse course;
    course.phase = CoursePhase::Waiting;
    course.why = std::move(why);
    if (before.phase == CoursePhase::WaitingToVerify || is_to_be_verified(before)) {
        course.phase = CoursePhase::WaitingToVerify;
        course.plan_digest = before.plan_digest;
        course.run = before.run;
    }
    return course;
}

CourseStep begin_again(const HostCourse& before) {
    return before.phase == CoursePhase::WaitingToVerify || is_to_be_verified(before)
        ? begin_verification(before)
        : begin_course();
}

CourseStep after_job(HostCourse course, const JobEnd& end, const CourseWish& wish) {
    if (end.ending == JobEnd::Ending::Lost && has_ended(course.phase)) {
        return {std::move(course), std::nullopt};
    }
    if (end.ending == JobEnd::Ending::Lost) {
        const bool is_reboot =
            course.phase == CoursePhase::Rebooting || course.phase == CoursePhase::NotReturned;
        return ended(
            std::move(course),
            is_reboot ? CoursePhase::NotReturned : CoursePhase::Unknown,
            end.why);
    }
    if (course.phase == CoursePhase::Cancelled) {
        return after_cancelled(std::move(course), end);
    }
    if (has_ended(course.phase)) {
        return {std::move(course), std::nullopt};
    }
    return after_job_under_way(std::move(course), end, wish);
}

CourseStep begin_change(HostCourse course) {
    return course.phase == CoursePhase::Rehearsed
        ? goes_on(std::move(course), CoursePhase::Applying, CourseJob::Apply)
        : CourseStep{std::move(course), std::nullopt};
}

CourseStep begin_reboot(HostCourse course) {
    return course.phase == CoursePhase::PendingReboot
        ? goes_on(std::move(course), CoursePhase::Rebooting, CourseJob::Reboot)
        : CourseStep{std::move(course), std::nullopt};
}

bool is_refused_reboot(const HostCourse& before, const JobEnd& end) {
    const bool is_new_boot = !end.boot_after.empty() && end.boot_after != end.boot_before;
    return before.job == CourseJob::Reboot
        && (end.ending == JobEnd::Ending::Failed
            || (end.ending == JobEnd::Ending::Done && !is_new_boot));
}

HostCourse cancel(HostCourse course, std::string why) {
    if (!has_ended(course.phase)) {
        course.phase = CoursePhase::Cancelled;
        course.why = std::move(why);
    }
    return course;
}

HostCourse take_out(HostCourse course, std::string why) {
    if (course.phase != CoursePhase::Verified && course.phase != CoursePhase::NothingToDo) {
        course.phase = CoursePhase::Cancelled;
        course.why = std::move(why);
    }
    return course;
}

}  // namespace thimble::rollout
