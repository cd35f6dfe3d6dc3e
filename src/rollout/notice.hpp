#pragma once
/// @file The notice that the owner of a host has before it is changed, and how it is put off. Pure.

#include "thimble/rollout/holds.hpp"

#include <cstddef>
#include <string>

namespace thimble::rollout {

/// The owner of a host that is ready hears of it, once in a rollout.
void give_notice(Rollout& rollout, Instant now);

/// Why a host is left alone for its owner's sake; None: it is not (any more). A deferral ends at the due date, also at
/// one that was set after it was granted.
Hold notice_hold(const Policy& policy, const RolloutHost& host, Instant now);

/// Whether a host is ready, and its owner alone keeps it from its change.
bool is_put_off(const Policy& policy, const RolloutHost& host, Instant now);

/// Why a host is not put off until then, with the rule that says so; empty: it may be.
/// @param host   index in rollout.hosts
std::string why_no_deferral(const Rollout& rollout, std::size_t host, Instant until, Instant now);

}  // namespace thimble::rollout
