#include "thimble/rollout/host_course.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <vector>

namespace thimble::rollout {
namespace {

using Ending = JobEnd::Ending;

JobEnd done() {
    return {};
}

JobEnd failed(int status) {
    return {.ending = Ending::Failed, .exit_status = status, .why = "because"};
}

JobEnd planned() {
    JobEnd end = done();
    end.plan_digest = "abc";
    return end;
}

JobEnd applied(std::string result, int status) {
    JobEnd end = status == 0 ? done() : failed(status);
    end.run = "run-1";
    end.result = std::move(result);
    return end;
}

JobEnd verified(std::string state, int status) {
    JobEnd end = status == 0 ? done() : failed(status);
    end.worst_state = std::move(state);
    return end;
}

/// A course that has just been given that job.
HostCourse at(CourseJob job) {
    HostCourse course = begin_course().course;
    for (const JobEnd& end : {planned(), done(), applied("applied", 0)}) {
        if (course.job == job) {
            break;
        }
        course = after_job(course, end, {}).course;
    }
    EXPECT_EQ(course.job, job);
    return course;
}

CoursePhase phase_after(CourseJob job, const JobEnd& end, CourseWish wish = {}) {
    return after_job(at(job), end, wish).course.phase;
}

TEST(AfterJob, LeadsFromPlanToVerified) {
    CourseStep step = begin_course();
    EXPECT_EQ(step.next, CourseJob::Prefetch);
    step = after_job(step.course, planned(), {});
    EXPECT_EQ(step.next, CourseJob::Rehearse);
    EXPECT_EQ(step.course.plan_digest, "abc");
    step = after_job(step.course, done(), {});
    EXPECT_EQ(step.next, CourseJob::Apply);
    step = after_job(step.course, applied("applied", 0), {});
    EXPECT_EQ(step.next, CourseJob::Verify);
    EXPECT_EQ(step.course.run, "run-1");
    step = after_job(step.course, verified("verified", 0), {});
    EXPECT_EQ(step.next, std::nullopt);
    EXPECT_EQ(step.course.phase, CoursePhase::Verified);
}

TEST(AfterJob, EndsWhereNothingIsToBeDone) {
    EXPECT_EQ(phase_after(CourseJob::Prefetch, done()), CoursePhase::NothingToDo);
}

TEST(AfterJob, DoesNotCallWhatIsHeldBackNothing) {
    JobEnd end = done();
    end.held_back = "curl: hold";

    const CourseStep step = after_job(at(CourseJob::Prefetch), end, {});

    EXPECT_EQ(step.course.phase, CoursePhase::PlanRefused);
    EXPECT_EQ(step.course.why, "held back: curl: hold");
}

TEST(AfterJob, NamesTheProblemOfARefusedPlan) {
    JobEnd end = failed(1);
    end.plan_problem = "removes nginx";

    const CourseStep step = after_job(at(CourseJob::Prefetch), end, {});

    EXPECT_EQ(step.course.phase, CoursePhase::PlanRefused);
    EXPECT_EQ(step.course.why, "removes nginx");
    EXPECT_EQ(step.next, std::nullopt);
}

TEST(AfterJob, AppliesNothingThatFailedItsRehearsal) {
    const CourseStep step = after_job(at(CourseJob::Rehearse), failed(1), {});

    EXPECT_EQ(step.course.phase, CoursePhase::RehearsalFailed);
    EXPECT_EQ(step.next, std::nullopt);
}

TEST(AfterJob, TellsTheEndsOfATransactionApart) {
    EXPECT_EQ(phase_after(CourseJob::Apply, applied("rolled_back", 1)), CoursePhase::RolledBack);
    EXPECT_EQ(phase_after(CourseJob::Apply, applied("skipped", 3)), CoursePhase::Skipped);
    EXPECT_EQ(phase_after(CourseJob::Apply, applied("", 3)), CoursePhase::Skipped);
    EXPECT_EQ(
        phase_after(CourseJob::Apply, applied("failed_health", 1)), CoursePhase::FailedHealth);
    EXPECT_EQ(phase_after(CourseJob::Apply, applied("rollback_failed", 1)), CoursePhase::Failed);
    EXPECT_EQ(phase_after(CourseJob::Apply, applied("unchanged", 1)), CoursePhase::Failed);
}

TEST(AfterJob, DoesNotBelieveAnAppliedThatTellsNoResult) {
    EXPECT_EQ(phase_after(CourseJob::Apply, done()), CoursePhase::Failed);
}

TEST(AfterJob, VerifiesWhatWasInterrupted) {
    const CourseStep step = after_job(at(CourseJob::Apply), {.ending = Ending::Interrupted}, {});

    EXPECT_EQ(step.next, CourseJob::Verify);
}

TEST(AfterJob, TellsTheEndsOfAVerificationApart) {
    EXPECT_EQ(
        phase_after(CourseJob::Verify, verified("installed_pending_restart", 1)),
        CoursePhase::PendingRestart);
    EXPECT_EQ(
        phase_after(CourseJob::Verify, verified("installed_pending_reboot", 1)),
        CoursePhase::PendingReboot);
    EXPECT_EQ(phase_after(CourseJob::Verify, verified("missing", 1)), CoursePhase::Failed);
    EXPECT_EQ(phase_after(CourseJob::Verify, verified("unknown", 2)), CoursePhase::Unknown);
    EXPECT_EQ(phase_after(CourseJob::Verify, failed(1)), CoursePhase::Unknown);
    EXPECT_EQ(phase_after(CourseJob::Verify, done()), CoursePhase::Unknown);
    EXPECT_EQ(phase_after(CourseJob::Verify, verified("verified", 1)), CoursePhase::Unknown);
}

TEST(AfterJob, RestartsServicesOnceAndOnlyWhenWanted) {
    const JobEnd pending = verified("installed_pending_restart", 1);

    const CourseStep step = after_job(at(CourseJob::Verify), pending, {.restart_services = true});

    EXPECT_EQ(step.next, CourseJob::RestartServices);
    EXPECT_EQ(step.course.phase, CoursePhase::Restarting);
    const CourseStep again = after_job(step.course, pending, {.restart_services = true});
    EXPECT_EQ(again.next, std::nullopt);
    EXPECT_EQ(again.course.phase, CoursePhase::PendingRestart);
}

TEST(AfterJob, TakesALateReportAfterALostOne) {
    const CourseStep lost =
        after_job(at(CourseJob::Rehearse), {.ending = Ending::Lost, .why = "silent"}, {});
    EXPECT_EQ(lost.course.phase, CoursePhase::Unknown);
    EXPECT_EQ(lost.next, std::nullopt);

    EXPECT_EQ(after_job(lost.course, done(), {}).next, CourseJob::Apply);
}

TEST(AfterJob, SaysWhyAJobWasRefused) {
    const CourseStep step =
        after_job(at(CourseJob::Apply), {.ending = Ending::Refused, .why = "expired"}, {});

    EXPECT_EQ(step.course.phase, CoursePhase::Failed);
    EXPECT_NE(step.course.why.find("expired"), std::string::npos);
}

TEST(AfterJob, TellsAHaltFromAFailure) {
    EXPECT_EQ(
        phase_after(CourseJob::Apply, {.ending = Ending::Refused, .why = "halted"}),
        CoursePhase::Halted);
}

TEST(Cancel, LetsNoJobFollow) {
    const HostCourse course = cancel(at(CourseJob::Rehearse), "not today");

    EXPECT_EQ(course.phase, CoursePhase::Cancelled);
    EXPECT_EQ(after_job(course, done(), {}).next, std::nullopt);
    EXPECT_EQ(
        cancel(after_job(at(CourseJob::Verify), verified("verified", 0), {}).course, "late").phase,
        CoursePhase::Verified);
}

TEST(Cancel, HidesNothingThatTheJobUnderWayBroke) {
    const HostCourse course = cancel(at(CourseJob::Apply), "not today");

    EXPECT_EQ(
        after_job(course, applied("failed_health", 1), {}).course.phase, CoursePhase::FailedHealth);
    EXPECT_EQ(
        after_job(course, applied("rolled_back", 1), {}).course.phase, CoursePhase::RolledBack);
    EXPECT_EQ(after_job(course, applied("applied", 0), {}).course.phase, CoursePhase::Cancelled);
}

TEST(AfterJob, CallsAHaltBeforeARestartPending) {
    HostCourse course = at(CourseJob::Verify);
    course = after_job(course, verified("installed_pending_restart", 1), {.restart_services = true})
                 .course;

    EXPECT_EQ(
        after_job(course, {.ending = Ending::Refused, .why = "halted"}, {}).course.phase,
        CoursePhase::PendingRestart);
}

TEST(BeginChange, IsForWhoWaitsForItsTurnAlone) {
    const CourseStep waits = after_job(at(CourseJob::Rehearse), done(), {.waits_for_turn = true});
    EXPECT_EQ(waits.course.phase, CoursePhase::Rehearsed);
    EXPECT_EQ(waits.next, std::nullopt);
    EXPECT_FALSE(has_ended(waits.course.phase));

    EXPECT_EQ(begin_change(waits.course).next, CourseJob::Apply);
    EXPECT_EQ(begin_change(at(CourseJob::Verify)).next, std::nullopt);
}

/// A host that was told to reboot, and has said that it does.
HostCourse rebooting() {
    const HostCourse pending =
        after_job(at(CourseJob::Verify), verified("installed_pending_reboot", 1), {}).course;
    const CourseStep told = begin_reboot(pending);
    EXPECT_EQ(told.next, CourseJob::Reboot);
    const CourseStep gone = after_job(told.course, {.ending = Ending::Interrupted}, {});
    EXPECT_EQ(gone.next, CourseJob::Verify);
    EXPECT_EQ(gone.course.phase, CoursePhase::Rebooting);
    return gone.course;
}

TEST(BeginReboot, EndsVerifiedWhenTheHostIsBackAsItShould) {
    EXPECT_EQ(
        after_job(rebooting(), verified("verified", 0), {}).course.phase, CoursePhase::Verified);
    EXPECT_EQ(begin_reboot(at(CourseJob::Verify)).next, std::nullopt);
}

TEST(BeginReboot, CallsAHostNotReturnedUntilItTells) {
    const CourseStep lost = after_job(rebooting(), {.ending = Ending::Lost, .why = "silent"}, {});
    EXPECT_EQ(lost.course.phase, CoursePhase::NotReturned);
    EXPECT_FALSE(has_ended(lost.course.phase));
    EXPECT_EQ(
        after_job(lost.course, verified("verified", 0), {}).course.phase, CoursePhase::Verified);

    const CourseStep old = after_job(rebooting(), verified("installed_pending_reboot", 1), {});
    EXPECT_EQ(old.course.phase, CoursePhase::NotReturned);
    EXPECT_EQ(old.next, std::nullopt);
}

TEST(BeginReboot, BelievesANewBootAlone) {
    const HostCourse told =
        begin_reboot(
            after_job(at(CourseJob::Verify), verified("installed_pending_reboot", 1), {}).course)
            .course;
    JobEnd end = done();
    end.boot_before = "one";
    for (const char* after : {"", "one"}) {
        end.boot_after = after;
        EXPECT_EQ(after_job(told, end, {}).course.phase, CoursePhase::PendingReboot) << after;
        EXPECT_TRUE(is_refused_reboot(told, end)) << after;
    }

    end.boot_after = "two";
    EXPECT_EQ(after_job(told, end, {}).next, CourseJob::Verify);
    EXPECT_FALSE(is_refused_reboot(told, end));
}

TEST(BeginReboot, CallsAHostNotReturnedThatIsUpAndNotWell) {
    for (const char* state : {"failed_health", "unknown", "", "missing"}) {
        const CourseStep up = after_job(rebooting(), verified(state, 1), {});
        EXPECT_EQ(up.course.phase, CoursePhase::NotReturned) << state;
        EXPECT_NE(up.course.why.find("because"), std::string::npos);
    }
}

TEST(BeginReboot, LeavesAHostPendingThatWasNotLetOrCouldNot) {
    const HostCourse told =
        begin_reboot(
            after_job(at(CourseJob::Verify), verified("installed_pending_reboot", 1), {}).course)
            .course;

    EXPECT_EQ(
        after_job(told, {.ending = Ending::Refused, .why = "halted"}, {}).course.phase,
        CoursePhase::PendingReboot);
    EXPECT_EQ(after_job(told, failed(1), {}).course.phase, CoursePhase::PendingReboot);
}

TEST(BeginVerification, IsForHostsOnWhichARunMayHaveInstalledSomething) {
    HostCourse course;
    course.plan_digest = "plan";
    course.run = "run";
    for (int at = 0; at < kCoursePhases; ++at) {
        course.phase = static_cast<CoursePhase>(at);
        const bool is_wanted = course.phase == CoursePhase::FailedHealth
            || course.phase == CoursePhase::HookFailed || course.phase == CoursePhase::NotReturned
            || course.phase == CoursePhase::PendingRestart || course.phase == CoursePhase::Unknown;
        EXPECT_EQ(is_to_be_verified(course), is_wanted) << course_phase_name(course.phase);
    }
    course.phase = CoursePhase::FailedHealth;
    course.run.clear();
    EXPECT_FALSE(is_to_be_verified(course)) << "it was never changed";
}

TEST(BeginVerification, CallsNothingWellThatIsNot) {
    HostCourse course;
    course.phase = CoursePhase::Waiting;
    course.plan_digest = "plan";
    course.run = "run";
    const CourseStep step = begin_verification(course);
    EXPECT_EQ(step.next, CourseJob::Verify);
    EXPECT_EQ(step.course.phase, CoursePhase::Verifying);

    JobEnd end;
    end.worst_state = "failed_health";
    EXPECT_EQ(after_job(step.course, end, {}).course.phase, CoursePhase::FailedHealth);
    end.worst_state = "installed_pending_reboot";
    EXPECT_EQ(after_job(step.course, end, {}).course.phase, CoursePhase::PendingReboot);
    end.worst_state = "verified";
    EXPECT_EQ(after_job(step.course, end, {}).course.phase, CoursePhase::Verified);
}

TEST(WaitAgain, RemembersWhatARunMayHaveInstalledAndNothingElse) {
    HostCourse course;
    course.plan_digest = "plan";
    course.run = "run";
    for (int at = 0; at < kCoursePhases; ++at) {
        course.phase = static_cast<CoursePhase>(at);
        const bool is_kept =
            course.phase == CoursePhase::WaitingToVerify || is_to_be_verified(course);
        const HostCourse again = wait_again(course, "busy");

        EXPECT_EQ(again.phase, is_kept ? CoursePhase::WaitingToVerify : CoursePhase::Waiting);
        EXPECT_EQ(again.run, is_kept ? "run" : "") << course_phase_name(course.phase);
        EXPECT_EQ(again.why, "busy");
        EXPECT_EQ(wait_again(again, "").phase, again.phase) << "however often it waits";
        EXPECT_EQ(begin_again(again).next, is_kept ? CourseJob::Verify : CourseJob::Prefetch);
        EXPECT_EQ(begin_again(course).next, begin_again(again).next);
        EXPECT_FALSE(has_ended(again.phase));
    }
    course.phase = CoursePhase::Skipped;
    EXPECT_EQ(wait_again(course, "").phase, CoursePhase::Waiting) << "it changed nothing";
}

TEST(CoursePhaseNames, AreReadBack) {
    for (int at = 0; at < kCoursePhases; ++at) {
        const auto phase = static_cast<CoursePhase>(at);
        EXPECT_EQ(course_phase_named(course_phase_name(phase)), phase);
    }
    EXPECT_EQ(course_phase_named("green"), std::nullopt);
}

/// Whatever the hosts say: applying follows a rehearsal that was done, verified follows a verification
/// that was done, and no job follows an end.
/// Every course of those that a change is under way in.
std::vector<HostCourse> courses_under_way() {
    std::vector<HostCourse> courses;
    for (const CourseJob job :
         {CourseJob::Prefetch,
          CourseJob::Rehearse,
          CourseJob::Apply,
          CourseJob::Verify,
          CourseJob::RestartServices,
          CourseJob::Reboot}) {
        for (const CoursePhase phase :
             {CoursePhase::Applying,
              CoursePhase::Verifying,
              CoursePhase::Restarting,
              CoursePhase::Rebooting,
              CoursePhase::NotReturned,
              CoursePhase::Cancelled}) {
            HostCourse course;
            course.job = job;
            course.phase = phase;
            courses.push_back(course);
        }
    }
    return courses;
}

/// Everything that a host may tell of a verification, or what claims to be one.
std::vector<JobEnd> ends_of_verifications() {
    std::vector<JobEnd> ends;
    for (const char* state :
         {"", "unknown", "verified", "missing", "installed_pending_restart", "not_applicable"}) {
        for (const Ending ending :
             {Ending::Done, Ending::Failed, Ending::Interrupted, Ending::Refused, Ending::Lost}) {
            for (int status = 0; status < 4; ++status) {
                ends.push_back({.ending = ending, .exit_status = status, .worst_state = state});
            }
        }
    }
    return ends;
}

TEST(AfterJob, CallsNothingVerifiedButWhatItsVerificationDoes) {
    for (const HostCourse& course : courses_under_way()) {
        for (const JobEnd& end : ends_of_verifications()) {
            const bool verifies =
                course.job == CourseJob::Verify || course.job == CourseJob::RestartServices;
            const bool is_well =
                verifies && end.ending == Ending::Done && end.worst_state == "verified";
            EXPECT_TRUE(is_well || after_job(course, end, {}).course.phase != CoursePhase::Verified)
                << end.worst_state << " with status " << end.exit_status;
        }
    }
}

TEST(AfterJob, NeverSkipsAStep) {
    EXPECT_TRUE(rc::check("courses keep their order", [] {
        CourseStep step = begin_course();
        bool rehearsed = false;
        while (step.next) {
            const auto end = JobEnd{
                .ending = static_cast<Ending>(*rc::gen::inRange(0, 5)),
                .exit_status = *rc::gen::inRange(0, 4),
                .plan_digest = *rc::gen::element<std::string>("", "abc"),
                .result = *rc::gen::element<std::string>("", "applied", "rolled_back", "skipped"),
                .worst_state = *rc::gen::element<std::string>(
                    "", "verified", "missing", "installed_pending_restart")};
            const CourseJob job = *step.next;
            rehearsed = rehearsed || (job == CourseJob::Rehearse && end.ending == Ending::Done);
            step = after_job(step.course, end, {.restart_services = *rc::gen::arbitrary<bool>()});
            RC_ASSERT(step.next != CourseJob::Apply || rehearsed);
            RC_ASSERT(
                step.course.phase != CoursePhase::Verified
                || (end.ending == Ending::Done && end.worst_state == "verified"
                    && (job == CourseJob::Verify || job == CourseJob::RestartServices)));
            RC_ASSERT(!step.next || !has_ended(step.course.phase));
        }
    }));
}

}  // namespace
}  // namespace thimble::rollout
