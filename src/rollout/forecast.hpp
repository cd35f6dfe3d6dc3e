#pragma once
/// @file What a policy would do over the coming days with these hosts, if nothing fails. Pure.

#include "thimble/rollout/rollout.hpp"

#include <chrono>
#include <span>
#include <string>
#include <vector>

namespace thimble::rollout {

struct ForecastHost {
    HostFacts facts;
    bool misses = true;  ///< something that the policy selects
};

struct ForecastLine {
    std::string host_id;
    std::string ring;    ///< empty: of none
    Instant changed_at;  ///< 0: not within the time
    std::string why;     ///< why then, or why not
    bool operator==(const ForecastLine&) const = default;
};

struct Forecast {
    std::vector<ForecastLine>
        lines;                ///< one for each host, by time, those without last, then by id
    bool needs_word = false;  ///< people must approve; it was assumed that they do at once
    Instant done_at;          ///< 0: not within the time
    bool operator==(const Forecast&) const = default;
};

/// Plays the engine itself: every rehearsal and transaction succeeds, each transaction takes `typical`.
/// @param hosts  all hosts, also those that the policy is not about
/// @error Invalid as begin_rollout
Result<Forecast> forecast(
    const Policy& policy,
    std::span<const ForecastHost> hosts,
    calendar::Span time,
    std::chrono::seconds typical);

}  // namespace thimble::rollout
