#pragma once
/// @file What check-ins said, written to the database in one go; and the date of a response.

#include "thimble/server/context.hpp"

#include <string>

namespace thimble::server {

/// Writes what is pending; when that fails, it stays pending.
Result<void> write_sightings(Context& context);

/// `Tue, 24 Nov 2026 15:00:00 GMT` (RFC 9110, section 5.6.7).
std::string http_date(Instant instant);

}  // namespace thimble::server
