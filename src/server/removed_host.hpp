#pragma once
/// @file A host that is no part of the fleet any more leaves its deployments and rollouts.

#include "thimble/server/context.hpp"
#include "thimble/store/connection.hpp"

#include <string>

namespace thimble::server {

/// What is said of such a host in a deployment.
inline constexpr const char* kRemoved = "removed";

/// Takes a host out of every deployment that it has not ended in, and of every rollout that goes on unless it is done
/// there: the others go on without it. Its job is withdrawn. Within the transaction that revokes it.
Result<void> leave_deployments(
    store::Connection& connection, Trail& trail, const std::string& host_id);

}  // namespace thimble::server
