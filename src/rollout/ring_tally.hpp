#pragma once
/// @file What the hosts of a ring have come to, and whether that suffices for the next ring. Pure.

#include "thimble/rollout/rollout.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace thimble::rollout {

/// How often and after which time a host is tried again that a pre-check refused.
inline constexpr std::uint32_t kMostTries = 5;
inline constexpr std::chrono::minutes kRetryAfter{30};

/// How often a host is told to reboot that refuses (something inhibits it, systemctl fails), and how long it is left alone
/// after the first refusal; twice as long after each further one.
inline constexpr std::uint32_t kMostRebootTries = 5;
inline constexpr std::chrono::minutes kRebootRetryAfter{10};

/// Whether a host that a pre-check refused is tried again.
bool is_retried(const RolloutHost& host);
/// Whether a host has refused its reboot so often that a person has to look.
bool refuses_reboot(const Policy& policy, const RolloutHost& host);
/// Whether the reboot that a host waits for happens by itself. Restarts that were wanted have been tried.
bool is_awaited(const Policy& policy, const RolloutHost& host);
/// From when on a host that refused its reboot is told again.
Instant reboot_again_at(const RolloutHost& host);

/// What a ring has come to.
struct RingTally {
    std::size_t hosts = 0;
    std::size_t waiting = 0;  ///< not begun, or to be tried again
    std::size_t preparing = 0;
    std::size_t ready = 0;
    std::size_t changing = 0;  ///< rebooting too
    std::size_t succeeded = 0;
    std::size_t unneeded = 0;       ///< there was nothing to do: no success, and none is expected
    std::size_t pending = 0;        ///< installed, and not live
    std::size_t awaited = 0;        ///< of these: the reboot happens by itself
    std::size_t left_to_owner = 0;  ///< of these: as live as the policy wants them
    std::size_t blocked = 0;
    std::size_t failed = 0;
    std::size_t rehearsals_failed = 0;
    std::size_t silent = 0;
    bool operator==(const RingTally&) const = default;
};
std::vector<RingTally> tallies_of(const Rollout& rollout);

/// Whether a ring has shown what it must; if not, what lacks, in words.
/// @return empty: it has
std::string what_lacks(const Rollout& rollout, std::size_t ring, const RingTally& tally);

}  // namespace thimble::rollout
