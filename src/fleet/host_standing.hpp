#pragma once
/// @file Whether what is known of a host can be relied on. Pure.

#include "thimble/base/instant.hpp"
#include "thimble/fleet/judge_host.hpp"

#include <chrono>
#include <string>

namespace thimble::fleet {

/// A host that was told to be heard of within this interval is silent after the second one that it misses.
constexpr Instant silent_from(Instant heard, std::chrono::seconds interval) {
    return heard + 2 * interval;
}

/// Whether a patch may be missing that the judgement does not show.
bool hides_patches(const HostJudgement& judgement);

/// Why a host counts as unknown, in one sentence; empty when it does not. A gap counts where it
/// also keeps a scan from ending with "nothing due".
std::string why_unknown(const HostJudgement& judgement);

/// The same for a host that was not heard of since `last_seen`.
std::string why_silent(Instant last_seen);

}  // namespace thimble::fleet
