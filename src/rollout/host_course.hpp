#pragma once
/// @file The course of one host through a deployment, as a pure step from the end of one job to the next.

#include "thimble/base/instant.hpp"
#include "thimble/model/owner_hook.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace thimble::rollout {

/// What a host is asked to do, in this order.
enum class CourseJob : std::uint8_t { Prefetch, Rehearse, Apply, Verify, RestartServices, Reboot };

/// Where a host stands. Those before Verified have not ended.
enum class CoursePhase : std::uint8_t {
    Planning,         ///< the patch set is frozen, archives are fetched
    Rehearsing,       ///< in a clone
    Applying,         ///< the transaction
    Verifying,        ///< is it live
    Restarting,       ///< services that still map what was replaced
    Rehearsed,        ///< passed; its transaction waits for its turn
    Rebooting,        ///< until it is back and verified
    WaitingToVerify,  ///< as Waiting; what a run of it may have installed is verified first then
    Waiting,          ///< its ring or its turn has not come; it was given nothing
    Verified,         ///< ended: live, as verify saw it
    NothingToDo,      ///< ended: the host misses nothing of what was selected
    PlanRefused,      ///< ended: the plan has problems, which are named
    RehearsalFailed,  ///< ended: the clone broke; the host is as it was
    Skipped,          ///< ended: a pre-check refused; the host is as it was
    RolledBack,       ///< ended: applied, found bad, taken back
    PendingRestart,   ///< ended: installed, services are still to be restarted
    PendingReboot,    ///< ended: installed, the running kernel is the old one
    FailedHealth,     ///< ended: installed, and something that worked does not
    HookFailed,       ///< ended: a hook failed for which everything is to stop
    Failed,           ///< ended: a person has to look
    Halted,           ///< ended: a halt came before its transaction; the host is as it was
    Cancelled,    ///< ended: by a person, or since another has the host now, before the next job
    NotReturned,  ///< not heard of since its reboot, or not as it should be; a late end still counts
    Unknown,      ///< the end of a job was not heard; a late one still counts
};

/// "planning", "rehearsing", …, "nothing-to-do", "unknown".
std::string_view course_phase_name(CoursePhase phase);
std::optional<CoursePhase> course_phase_named(std::string_view name);
inline constexpr int kCoursePhases = static_cast<int>(CoursePhase::Unknown) + 1;

/// Whether it was given nothing and has not ended.
bool is_waiting(CoursePhase phase);
/// Whether no job follows, whatever is heard.
bool has_ended(CoursePhase phase);

/// What is known of one host of a deployment.
struct HostCourse {
    CoursePhase phase = CoursePhase::Planning;
    CourseJob job = CourseJob::Prefetch;  ///< the one that was given last
    // NOLINTBEGIN(readability-redundant-member-init): g++ warns of fields that are left out
    std::string plan_digest = {};  ///< empty until the plan is frozen
    std::string run = {};          ///< of the transaction; empty before
    std::string why = {};          ///< one sentence for people; empty: nothing to say
    // NOLINTEND(readability-redundant-member-init)
    bool operator==(const HostCourse&) const = default;
};

/// How a job ended, as the host reported it.
struct JobEnd {
    enum class Ending : std::uint8_t {
        Done,         ///< exit status 0
        Failed,       ///< any other, see below
        Refused,      ///< the root helper did not take it: `why` says for what reason
        Interrupted,  ///< the helper was killed; what it had begun has been brought into order
        Lost,         ///< nothing was heard of it in time
    };
    Ending ending = Ending::Done;
    int exit_status = 0;
    // NOLINTBEGIN(readability-redundant-member-init): g++ warns of fields that are left out
    std::string plan_digest = {};   ///< of Prefetch; empty: nothing was to be planned
    std::string plan_problem = {};  ///< of Prefetch: the first that refuses the plan
    std::string run = {};           ///< of Apply
    std::string result = {};        ///< of Apply: a word of docs/formats/run.md; empty: not told
    bool is_of_surroundings =
        false;  ///< of Apply: the host itself was in the way, as a full disk is, and no patch
    /// Of Prefetch: why what was selected is not in a plan; empty: nothing is held back.
    std::string held_back = {};
    /// Of Verify: a state of docs/formats/verification.md; empty: not told.
    std::string worst_state = {};
    std::string boot_before = {};  ///< of Reboot: ids of the boots, as the host read them
    std::string boot_after = {};
    std::string why = {};  ///< what the host says of it, for people
    /// Of the hook that failed first and is not ignored; none: none did.
    std::optional<model::HookFailure> hook_failure = {};
    std::string hook_why = {};  ///< which, and how
    // NOLINTEND(readability-redundant-member-init)
    bool operator==(const JobEnd&) const = default;
};

/// Why a job was Refused that expired before its host asked for the lease: nothing was changed.
inline constexpr std::string_view kNotBegun = "not begun";

/// What the owner wants beyond the four jobs.
struct CourseWish {
    bool restart_services = false;  ///< those that are safe to restart, when the patch waits for it
    bool waits_for_turn = false;    ///< the transaction begins by begin_change alone
    bool operator==(const CourseWish&) const = default;
};

/// A step: where the host stands now, and the job that it is given next; none: nothing more.
struct CourseStep {
    HostCourse course;
    std::optional<CourseJob> next;
    bool operator==(const CourseStep&) const = default;
};

/// The first step.
CourseStep begin_course();

/// Whether a host that somebody has looked after is verified first when it is begun again: what a run of it installed may be
/// there, and a plan would find nothing to do and call it well. What failed or was taken back is planned anew.
bool is_to_be_verified(const HostCourse& course);
/// The first step of such a host.
CourseStep begin_verification(HostCourse course);

/// It waits for its turn again; what a run may have installed is not forgotten.
/// @param why  for people; may be empty
HostCourse wait_again(const HostCourse& before, std::string why);
/// The first step of a host that waits, or is tried again.
CourseStep begin_again(const HostCourse& before);

/// The step after the job of `course` has ended.
/// @source exit statuses: thimble-patch(1); workflow: plan, rehearse, apply, verify, in this order only
CourseStep after_job(HostCourse course, const JobEnd& end, const CourseWish& wish);

/// Its turn has come: the transaction of a host that is Rehearsed; any other stays as it is.
CourseStep begin_change(HostCourse course);

/// The reboot of a host that is PendingReboot; any other stays as it is. Its verification follows by itself.
CourseStep begin_reboot(HostCourse course);

/// Whether a host that was told to reboot did not: it said so, or is up since before.
bool is_refused_reboot(const HostCourse& before, const JobEnd& end);

/// The owner wants no further job. What a host has begun it ends, and its end is still heard.
HostCourse cancel(HostCourse course, std::string why);

/// The host is no part of the fleet any more: unless it is done, nothing is expected of it and nothing waits for it.
HostCourse take_out(HostCourse course, std::string why);

}  // namespace thimble::rollout
