#pragma once
/// @file What a simulation plays: a policy, a fleet, and how often what goes wrong.

#include "chance.hpp"
#include "thimble/rollout/rollout.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace thimble::sim {

/// Of a day, in hours of UTC; the last may be after midnight.
struct DailyHours {
    int from = 0;
    int hours = 24;
};

/// Another rollout changes a host of a set for a time, or of nobody of ours ("elsewhere").
struct BusyTime {
    std::string set;
    std::string host;
    std::int64_t begin = 0;  // seconds
    std::int64_t end = 0;
    bool is_broken = false;
};

/// Thousandths.
struct Faults {
    std::int64_t plan_refused = 0;
    std::int64_t rehearsal_fails = 0;
    std::int64_t transaction_fails = 0;
    std::int64_t dies_in_transaction = 0;
    std::int64_t unreachable = 0;
    std::int64_t skipped = 0;
    std::int64_t needs_reboot = 0;
    std::int64_t does_not_return = 0;
    std::int64_t refuses_reboot = 0;
    std::int64_t hook_fails = 0;
    std::int64_t message_lost = 0;
    std::int64_t message_doubled = 0;
    std::int64_t server_crashes = 0;
    std::int64_t other_version = 0;
    std::int64_t clock_jumps = 0;
    std::int64_t person_acts = 0;
    std::int64_t agent_lies = 0;
    std::int64_t misses_nothing = 0;
};

struct Scenario {
    std::uint64_t seed = 0;
    rollout::Policy policy;
    std::vector<rollout::HostFacts> hosts;
    // The windows and limits again, in the checker's own words.
    std::optional<DailyHours> install_hours;
    std::optional<DailyHours> reboot_hours;
    std::vector<std::pair<std::int64_t, std::int64_t>> freezes;  // seconds
    std::size_t steps = 0;  // of the order: tags "step=1" to that
    std::vector<BusyTime> busy;
    std::int64_t notice = 0;  // seconds; 0: none is given
    std::size_t deferrals = 0;
    std::int64_t longest_deferral = 0;
    std::vector<std::int64_t> due;  // by host; 0: no date
    Faults faults;
};

inline constexpr std::int64_t kBegin = 1'800'057'600;  // 2027-01-16, midnight UTC
inline constexpr std::int64_t kDay = 86'400;
/// Of hosts, by their numbers in turn: what one of a group takes back is kept from the others.
inline constexpr std::size_t kGroups = 3;
/// From this day on nothing goes wrong any more, so that what does not end is stuck.
inline constexpr std::int64_t kCalmAfter = 20;
inline constexpr std::int64_t kDays = 80;
/// So many days without a move of any host are too many.
inline constexpr std::int64_t kStuckAfter = 5;

Scenario scenario_of(std::uint64_t seed);
/// For people: what is played.
std::string describe(const Scenario& scenario);

}  // namespace thimble::sim
