#pragma once
/// @file Documents of agents and people in the database, as the texts that they are.

#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"
#include "thimble/store/connection.hpp"

#include <string>

namespace thimble::server {

/// @return at most kMaxExpandedBytes; what it says is the host's word
/// @error NotFound "store.no_document"  it has not come (yet)
/// @error Corrupt "server.bad_inventory"  it is damaged in the database
/// @error Unavailable "store.unavailable"
Result<std::string> stored_document(store::Connection& connection, const std::string& digest);

/// Keeps a text that a person sent, as documents of agents are kept.
/// @return its digest
Result<std::string> keep_document(
    store::Connection& connection, const std::string& text, Instant now);

}  // namespace thimble::server
