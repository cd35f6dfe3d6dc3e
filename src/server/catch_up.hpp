#pragma once
/// @file What a server knows in memory, brought up to what the database says: at start, and after changes of
/// other servers.

#include "thimble/server/context.hpp"

namespace thimble::server {

/// Reads all of it: at start, and when the database was away, since a change whose end nobody heard of may be
/// in it. To be called while nothing else works with the database.
Result<void> read_memory(Context& context, store::Connection& connection, Instant now);

/// Reads what changed since the last time, this server's own changes as well, so that it ends with what the
/// database says whatever came in between. Wakes those whom it concerns.
/// @return what all servers have in common
/// @error Unavailable "store.unavailable"
Result<store::ServersState> catch_up(Context& context, Instant now);

}  // namespace thimble::server
