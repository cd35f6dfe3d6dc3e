#pragma once
/// @file What a host takes back is kept from the other hosts of its group until somebody has looked. Within transactions.

#include "thimble/base/result.hpp"
#include "thimble/server/context.hpp"
#include "thimble/server/patch_tracking.hpp"
#include "thimble/store/connection.hpp"
#include "thimble/store/deployments.hpp"
#include "thimble/store/taken_back.hpp"

#include <string>

namespace thimble::server {

/// Whether a transaction ended with its patches taken back, or with a way back that failed. Patches that were taken back by what their host alone is to blame for may go on elsewhere.
bool takes_back(const rollout::JobEnd& end);

/// Keeps the patches of a step's plan from the group of its host, and tells of it, with the vulnerabilities that are open again, for
/// which controls can be proposed. Where all of the patches are kept back already, it is only told.
/// @source workflow 5.10: after a rollback the patch set is blocked for that group until reviewed, and a control is proposed
Result<void> keep_back(store::Connection& connection, Trail& trail, const TrackedStep& step);

/// Why patches may not be installed on a host, with what to do; empty: nothing keeps them back.
Result<std::string> why_kept_back(
    store::Connection& connection,
    const std::string& host_id,
    const store::PlannedPatches& patches);

/// Somebody has looked: the patches may go to the group again.
/// @error Conflict "server.reviewed"  also when there is none of that id
Result<void> review_taken_back(
    store::Connection& connection,
    Trail& trail,
    const store::TakenBackReview& review,
    const std::string& actor);

}  // namespace thimble::server
