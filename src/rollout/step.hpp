#pragma once
/// @file The ring engine: what a rollout does next. Pure; ties break on the ids of hosts.

#include "thimble/rollout/ring_tally.hpp"
#include "thimble/rollout/rollout.hpp"

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

namespace thimble::rollout {

struct Approved {
    std::string person;
    std::string frozen;
};
/// What a person wants; `why` is kept.
struct Paused {
    std::string why;
};
struct HaltedByPerson {
    std::string why;
};
/// Ends a pause or a halt. Failures so far do not halt again.
struct Resumed {
    std::string why;
};
struct CancelledByPerson {
    std::string why;
};
/// The next ring begins although this one has not shown what it must.
struct RingSkipped {
    std::size_t ring = 0;
    std::string why;
};
/// Failed, blocked and silent hosts of a ring are begun again.
struct RingRetried {
    std::size_t ring = 0;
};
struct Ticked {};
using Event = std::variant<
    Ticked,
    Approved,
    Paused,
    HaltedByPerson,
    Resumed,
    CancelledByPerson,
    RingSkipped,
    RingRetried>;

/// What is to be done once the state is durable. Giving the same command again changes nothing.
struct Command {
    enum class Kind : std::uint8_t {
        Begin,   ///< plan and rehearse
        Change,  ///< the transaction and what follows
        Reboot,
        Withdraw,  ///< of the host: what was given and not begun
    };
    Kind kind = Kind::Begin;
    std::size_t host = 0;
    bool operator==(const Command&) const = default;
};

/// Why a host does not move on now.
enum class HoldReason : std::uint8_t {
    None,
    RolloutEnded,
    RolloutPaused,
    RolloutHalted,
    RingAhead,  ///< a ring before it has not passed
    Deferral,   ///< so long since the beginning has not passed
    Freeze,
    Window,
    TooLong,    ///< what is left of the window is too short for it
    NotFrozen,  ///< the first ring is still being planned
    Approval,
    AtOnce,           ///< as many as are allowed are being changed
    Peer,             ///< one of its set is being changed
    BrokenPeer,       ///< one of its set failed
    Retry,            ///< a pre-check refused; it is tried again later
    Preparations,     ///< as many as are allowed are being prepared
    RestartIsOwners,  ///< the policy leaves services alone, or their restart did not help
    RebootIsOwners,   ///< the policy never reboots
};
struct Hold {
    HoldReason reason = HoldReason::None;
    Instant until;          ///< when it ends at the earliest; 0: unknown
    std::size_t other = 0;  ///< the peer, or the ring
    bool operator==(const Hold&) const = default;
};

struct Step {
    Rollout rollout;
    std::vector<Command> commands;
};

/// Takes an event and decides. Where hosts stand, and what is frozen, is in the state: whoever hears of it puts it
/// there and lets a step follow. Nothing is begun, changed or rebooted unless the rollout runs.
/// @param openings  must reach past `now`
Step step(Rollout rollout, const Event& event, const Openings& openings, Instant now);

/// Why a host does not move on; None: it does with the next step, or has nothing before it.
Hold hold_of(const Rollout& rollout, std::size_t host, const Openings& openings, Instant now);

/// Why what a host was told may not begin any more, asked at the moment at which it would. Hosts are not counted:
/// whoever was told has its place.
/// @param rollout  its hosts may be left out
/// @param host     its ring and how long it takes
Hold lease_hold(
    const Rollout& rollout,
    const RolloutHost& host,
    bool is_reboot,
    const Openings& openings,
    Instant now);

/// How many hosts are planned and rehearsed at the same time, at most.
inline constexpr std::size_t kMostPreparing = 10'000;

}  // namespace thimble::rollout
