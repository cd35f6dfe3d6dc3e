#pragma once
/// @file The ring engine: what a rollout does next. Pure; ties break on the ids of hosts.

#include "thimble/rollout/holds.hpp"
#include "thimble/rollout/rollout.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace thimble::rollout {

struct Approved {
    std::string person;
    std::string frozen;
};
/// What a person wants; `why` becomes that of the phase.
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
};
/// Failed, blocked and silent hosts of a ring are begun again.
struct RingRetried {
    std::size_t ring = 0;
};
/// The owner of a host, or who stands in for the owner, wants it left alone until then. Refused silently where
/// why_no_deferral says why.
struct Deferred {
    std::size_t host = 0;
    Instant until;
    std::string person;
    std::string why;
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
    RingRetried,
    Deferred>;

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

struct Step {
    Rollout rollout;
    std::vector<Command> commands;
};

/// Takes an event and decides. Where hosts stand, and what is frozen, is in the state: whoever hears of it puts it
/// there and lets a step follow. Nothing is begun, changed or rebooted unless the rollout runs.
/// @param openings   must reach past `now`
/// @param elsewhere  what other rollouts do to hosts of availability sets, at this instant
Step step(
    Rollout rollout,
    const Event& event,
    const Openings& openings,
    Instant now,
    std::span<const PeerElsewhere> elsewhere = {});

}  // namespace thimble::rollout
