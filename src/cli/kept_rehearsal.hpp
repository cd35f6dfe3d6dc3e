#pragma once
/// @file The rehearsal that a plan needs before it may be applied.

#include "thimble/base/result.hpp"

#include <filesystem>
#include <string>

namespace thimble::cli {

/// The document of the rehearsal of a plan, if it passed and the host is still the same.
/// @error Conflict "apply.not_rehearsed", "apply.rehearsal_failed", "apply.rehearsal_stale"
Result<std::string> passing_rehearsal(
    const std::filesystem::path& state,
    const std::string& plan_digest,
    const std::string& host_state);

}  // namespace thimble::cli
