#pragma once
/// @file When the set of a rollout is frozen, and who goes first in an emergency. Within transactions; the decisions are
/// those of the rollout.

#include "thimble/server/context.hpp"
#include "thimble/server/rollout_state.hpp"
#include "thimble/store/connection.hpp"

namespace thimble::server {

/// Freezes the set of a rollout once its first ring is planned, as far as it is waited for. Of an emergency by rule whose first
/// ring turns out to have the patch already, the first hosts of later rings are put into it instead, and its set waits for
/// theirs. Both is kept.
Result<void> freeze_when_planned(store::Connection& connection, Trail& trail, LiveRollout& live);

/// What is said of an emergency in which hosts of later rings go first: "none of the first ring …".
std::string words_of_first(std::size_t moved);

}  // namespace thimble::server
