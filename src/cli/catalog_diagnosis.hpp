#pragma once
/// @file Whether the catalog of advisories is there, whole, and as new as its feeds have to be.

#include "thimble/base/instant.hpp"
#include "thimble/cli/diagnosis.hpp"

#include <string>

namespace thimble::cli {

/// Missing where it cannot be read, limited where there is none, or where what it was made of is stale.
Diagnosis diagnose_catalog(const std::string& path, Instant now);

}  // namespace thimble::cli
