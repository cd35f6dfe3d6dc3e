#pragma once
/// @file What a rollout as a whole waits for: words of people, the next window, the next step. Pure.

#include "thimble/calendar/span.hpp"
#include "thimble/rollout/holds.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace thimble::rollout {

/// A word that was given.
struct GivenWord {
    std::string person;
    Instant at;
    Instant good_until;
    bool counts = false;  ///< now, for the set that is frozen
    bool operator==(const GivenWord&) const = default;
};

/// What waits, if anything does.
struct NextStep {
    HoldReason reason =
        HoldReason::None;   ///< of the host that goes on first; None: with the next step
    Instant not_before;     ///< 0: unknown
    std::size_t hosts = 0;  ///< how many wait
    std::string sentence;
    bool operator==(const NextStep&) const = default;
};

struct Outlook {
    std::vector<GivenWord> words;
    std::size_t words_needed = 0;      ///< of different people
    std::size_t words_given = 0;       ///< likewise, those that count
    std::chrono::seconds good_for{0};  ///< a word that is given now
    std::string before_ring;           ///< the ring that needs them; empty: none does
    std::optional<calendar::Span>
        window;                    ///< in which hosts are changed: the open one, or the next
    std::optional<NextStep> next;  ///< none: no host waits
    bool operator==(const Outlook&) const = default;
};

/// @param openings   of the rollout's policy, past `now`
/// @param elsewhere  as step
Outlook outlook_of(
    const Rollout& rollout,
    const Openings& openings,
    Instant now,
    std::span<const PeerElsewhere> elsewhere = {});

}  // namespace thimble::rollout
