#pragma once
/// @file The index of the hosts, filled from what the database holds: at the start of the server.

#include "thimble/server/context.hpp"

#include <stop_token>

namespace thimble::server {

/// Reads the inventory of every host, and each list of packages once. Hosts whose inventory cannot be
/// read are left out. Ends early, without an index, when a stop is asked for.
/// @error Unavailable "store.unavailable"
Result<void> fill_fleet(Context& context, const std::stop_token& stop);

}  // namespace thimble::server
