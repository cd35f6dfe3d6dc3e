#pragma once
/// @file A rollout: one frozen patch set on its way through the rings of a policy. Values alone.

#include "thimble/base/instant.hpp"
#include "thimble/calendar/span.hpp"
#include "thimble/rollout/host_course.hpp"
#include "thimble/rollout/policy.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::rollout {

/// Where a host stands, as its ring counts it.
enum class HostStage : std::uint8_t {
    Waiting,    ///< nothing was begun, or a halt ended what was
    Preparing,  ///< planned and rehearsed; harmless
    Ready,      ///< its rehearsal passed
    Changing,   ///< transaction, verification, restarts
    Rebooting,
    Succeeded,    ///< live
    NothingToDo,  ///< it misses nothing of what is rolled out, and so shows nothing of it
    PendingRestart,
    PendingReboot,
    Blocked,  ///< its plan was refused: work for an administrator, no stop for the ring
    RehearsalFailed,
    Skipped,      ///< a pre-check refused; tried again
    Failed,       ///< failed, failed health, taken back, or lost while it was changed
    HookFailed,   ///< its owner's hook failed, and everything is to stop
    NotReturned,  ///< from its reboot
    Silent,       ///< lost before anything was changed
    Left,         ///< taken out by a person
};
inline constexpr int kHostStages = static_cast<int>(HostStage::Left) + 1;

std::string_view host_stage_name(HostStage stage);

/// How a ring counts the course of a host.
HostStage stage_of(const HostCourse& course);

struct RolloutHost {
    std::string id;
    std::uint32_t ring = 0;
    std::uint32_t set = 0;  ///< of hosts that are never changed at once, from 1; 0: of none
    HostStage stage = HostStage::Waiting;
    Instant since;
    std::uint32_t tries = 0;            ///< how often it was begun
    std::chrono::seconds expected{0};   ///< how long its transaction will take
    std::uint32_t order = 0;            ///< its step of the policy's order, from 1; 0: of none
    std::uint32_t refused_reboots = 0;  ///< since it was begun, or its ring retried
    Instant noticed_at;                 ///< since when its owner knows; 0: nobody was told
    Instant deferred_until;             ///< 0: it was never put off
    std::uint32_t deferrals = 0;        ///< how often it was
    Instant due_at;  ///< of the most urgent patch that it would get; 0: none is known
    std::string
        taken_back_on;  ///< a host of its group that took back what it would get, and nobody has looked after
                        ///< it; empty: none did
    bool operator==(const RolloutHost&) const = default;
};

enum class RingPhase : std::uint8_t { Waiting, Open, Soaking, Passed, Skipped };
std::string_view ring_phase_name(RingPhase phase);
std::optional<RingPhase> ring_phase_named(std::string_view name);

struct RingState {
    RingPhase phase = RingPhase::Waiting;
    Instant since;
    std::uint32_t forgiven = 0;  ///< failures before the last resumption, which do not halt again
    bool operator==(const RingState&) const = default;
};

enum class RolloutPhase : std::uint8_t { Running, Paused, Halted, Done, Cancelled };
std::string_view rollout_phase_name(RolloutPhase phase);
std::optional<RolloutPhase> rollout_phase_named(std::string_view name);

/// A person's word for one frozen set.
struct Approval {
    std::string person;
    std::string frozen;  ///< digest of the set
    Instant at;
    bool operator==(const Approval&) const = default;
};

struct Rollout {
    Policy policy;  ///< as it was when the rollout began; of an emergency, as in_emergency makes it
    std::string requester;
    Instant began;
    RolloutPhase phase = RolloutPhase::Running;
    Instant since;
    std::string why;     ///< of the phase; empty: none was given
    std::string frozen;  ///< digest of the patch set; empty: the first ring is still being planned
    std::vector<Approval> approvals;
    std::vector<RingState> rings;    ///< as many as the policy has
    std::vector<RolloutHost> hosts;  ///< ascending id
    std::vector<std::string>
        sets;  ///< names of the availability sets, by their numbers less 1: "ha=db"
    bool operator==(const Rollout&) const = default;
};

struct AssignedHosts {
    std::vector<RolloutHost> hosts;  ///< in ascending order of ids
    std::vector<std::string> sets;
};

/// Assigns hosts: the first ring that names one takes it; the others go by the hash of policy and id, so
/// that a host stays in its ring when others come and go.
/// @param hosts  those that the policy is about, ids unique
/// @return without hosts of no ring
/// @error Invalid "rollout.no_first_ring": the first ring that is not empty is not the first one
Result<AssignedHosts> assigned(const Policy& policy, std::span<const HostFacts> hosts);

/// A rollout at its beginning.
/// @error Invalid "rollout.no_first_ring", "rollout.no_hosts"
Result<Rollout> begin_rollout(
    Policy policy, std::span<const HostFacts> hosts, std::string requester, Instant now);

/// When a policy lets hosts be changed, freezes taken out; without windows, the whole time between.
struct Openings {
    std::vector<calendar::Span> install;
    std::vector<calendar::Span> reboot;
    bool operator==(const Openings&) const = default;
};
Result<Openings> openings_of(const Policy& policy, Instant from, Instant until);

}  // namespace thimble::rollout
