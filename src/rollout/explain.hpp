#pragma once
/// @file Why a host of a rollout stands where it stands, in words. Pure.

#include "thimble/rollout/holds.hpp"

#include <string>
#include <string_view>

namespace thimble::rollout {

/// "none", "ring-ahead", "window", …: stable words for programs.
std::string_view hold_reason_name(HoldReason reason);

struct Explanation {
    HostStage stage = HostStage::Waiting;
    Hold hold;  ///< None for a host that has ended or has something under way
    std::string
        sentence;  ///< why, by which rule of the policy, and when it goes on if that is known
};

/// @param host   index in rollout.hosts
/// @param holds  of that rollout, at `now`
Explanation explain(const Rollout& rollout, std::size_t host, const Holds& holds, Instant now);

}  // namespace thimble::rollout
