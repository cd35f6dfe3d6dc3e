#pragma once
/// @file Whether the controls that an exception names shield what it leaves open. Within a transaction.

#include "thimble/model/patch_exception.hpp"
#include "thimble/store/connection.hpp"
#include "thimble/store/exceptions.hpp"

#include <span>

namespace thimble::server {

/// Every control that it names is there, agreed to and not over; together they are on every host that it names or leaves open,
/// and cover every vulnerability that it names, or leaves open there, in its package. O(hosts of the controls).
/// @param patches  what it would leave open now
/// @error Invalid "model.bad_exception"  names the hosts without any of them, and what none of them covers
Result<void> check_controls(
    store::Connection& connection,
    const model::PatchException& exception,
    std::span<const store::MissedPatch> patches,
    Instant now);

}  // namespace thimble::server
