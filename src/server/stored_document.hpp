#pragma once
/// @file A document that an agent sent, as the text that it is.

#include "thimble/base/result.hpp"
#include "thimble/store/connection.hpp"

#include <string>

namespace thimble::server {

/// @return at most kMaxExpandedBytes; what it says is the host's word
/// @error NotFound "store.no_document"  it has not come (yet)
/// @error Corrupt "server.bad_inventory"  it is damaged in the database
/// @error Unavailable "store.unavailable"
Result<std::string> stored_document(store::Connection& connection, const std::string& digest);

}  // namespace thimble::server
