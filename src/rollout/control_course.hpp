#pragma once
/// @file Where a compensating control stands, on each of its hosts and as a whole: a table of states and events, and
/// what is due of it. Pure.

#include "thimble/base/instant.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace thimble::rollout {

/// Verified alone counts.
enum class ControlState : std::uint8_t {
    Proposed,  ///< somebody asks for it; nothing is put up
    Approved,  ///< it is to be put up
    Deployed,  ///< put up, not proven yet
    Verified,  ///< proven within its interval
    Lapsed,    ///< put up once; it does not hold, or nobody knows
    Retiring,  ///< it is to be taken away
    Retired,   ///< nothing of it is left
};
inline constexpr int kControlStates = static_cast<int>(ControlState::Retired) + 1;

/// "proposed", "approved", …, "retired".
std::string_view control_state_name(ControlState state);
std::optional<ControlState> control_state_named(std::string_view name);

enum class ControlEvent : std::uint8_t {
    WasApproved,
    WasDeployed,
    WasNotDeployed,  ///< or nobody knows
    Holds,
    DoesNotHold,
    IsOverdue,    ///< not proven within its interval
    HasExpired,   ///< by the retirement rule it is taken away or proposed for that
    PatchIsLive,  ///< nothing that it covers is open any more; likewise
    WasRetired,   ///< a person says so, or the host is no part of its scope any more
    WasRemoved,
};
inline constexpr int kControlEvents = static_cast<int>(ControlEvent::WasRemoved) + 1;

/// What happens when its reason has gone: a person decides, or it is taken away.
enum class RetirementRule : std::uint8_t { Propose, Remove };

/// "propose", "remove".
std::string_view retirement_rule_name(RetirementRule rule);
std::optional<RetirementRule> retirement_rule_named(std::string_view name);

/// The state after an event. What makes no sense in a state leaves it as it is; nothing leads out of Retiring but
/// the removal, and out of Retired but a deployment that is heard of late.
ControlState next_state(ControlState state, ControlEvent event, RetirementRule rule);

/// The state of a control by those of its hosts, of which some may have been retired before: the worst of those that
/// are left, where Lapsed is worse than what was never put up.
/// @param state  its own: before approval and once it is to be retired hosts decide nothing but the end
ControlState state_of_control(ControlState state, std::span<const ControlState> hosts);

/// The slack of what a host is asked for: it may be at something else.
std::chrono::seconds verification_slack(std::chrono::seconds interval);

enum class ControlJob : std::uint8_t { Deploy, Verify, Remove };

/// One host of a control, as far as it decides what is due.
struct ControlledHost {
    ControlState state = ControlState::Approved;
    bool has_job = false;     ///< one is under way
    bool is_current = false;  ///< what was put up last is what is wanted now
    std::uint32_t tries = 0;  ///< to deploy or to remove, in a row, without success
    Instant tried_at;         ///< when the last job ended; 0: never
    Instant proved_at;        ///< when it was last seen to hold, or put up
    // NOLINTNEXTLINE(readability-redundant-member-init): g++ warns of fields that are left out
    Instant attested_until = {};  ///< of what people attest
};

/// The control, likewise.
struct ControlTerms {
    std::chrono::seconds interval{3600};
    std::chrono::seconds slack{0};  ///< how long after its interval a proof is still waited for
    Instant expires_at;
    RetirementRule rule = RetirementRule::Propose;
    bool is_attested = false;  ///< by people, until an instant: no host can look
};

/// Whether what was seen last is still taken for proven.
bool is_proven(const ControlledHost& host, const ControlTerms& terms, Instant now);

/// What time alone has brought about: expiry before delay; none: nothing, or nothing that changes its state.
std::optional<ControlEvent> due_event(
    const ControlledHost& host, const ControlTerms& terms, Instant now);

/// The job that changes a host, to be given when its turn comes; none: it has one, or nothing is to be changed now.
///   Deploying is tried five times, removing for as long as it takes, with growing pauses; a lapsed control is
///   deployed again by a person only.
std::optional<ControlJob> due_change(
    const ControlledHost& host, const ControlTerms& terms, Instant now);

/// How soon a first proof that did not come is asked for again, at the least: other hosts wait for it. A quarter of
/// the interval, at most 15 minutes.
std::chrono::seconds first_proof_pause(std::chrono::seconds interval);

/// Whether a host is to verify it now, which changes nothing and waits for no turn: once it is put up, again after
/// pauses that grow until it has proven it, then each interval, also where it lapsed. Of what is attested: whether
/// somebody is to be reminded that its attestation has ended, once a day.
bool is_look_due(const ControlledHost& host, const ControlTerms& terms, Instant now);

/// The first instant from `now` on at which there is a due_event, or a look is due; none: never, as it stands.
std::optional<Instant> next_look(
    const ControlledHost& host, const ControlTerms& terms, Instant now);
/// The first instant from `now` on at which there is a due_change; likewise.
std::optional<Instant> next_change(
    const ControlledHost& host, const ControlTerms& terms, Instant now);

/// How far one document of a control has come, in hosts.
struct ControlProgress {
    std::int64_t up = 0;         ///< it is put up
    std::int64_t proven = 0;     ///< of these: verified
    std::int64_t unproven = 0;   ///< of these: did not hold even once
    std::int64_t lapsed = 0;     ///< of these: held once, and do not now
    std::int64_t failed = 0;     ///< it could not be put up
    std::int64_t deploying = 0;  ///< have a job to put it up
    std::int64_t removing = 0;   ///< have a job to take it away
};

/// How many more hosts may be changed now.
struct ControlTurns {
    std::int64_t deployments = 0;
    std::int64_t removals = 0;
    bool is_stopped = false;  ///< too many failed: a person must look
    bool operator==(const ControlTurns&) const = default;
};

/// Of a document the first host comes alone, and must prove it; then at most `at_once` are at it at the same time. Where
/// it lapsed on all that have proven it, the next one comes alone likewise. When it fails, or does not hold, on more
/// than one in twenty of those that tried, no further one begins.
/// @param at_once  at least 1
ControlTurns next_turns(const ControlProgress& progress, std::int64_t at_once);

}  // namespace thimble::rollout
