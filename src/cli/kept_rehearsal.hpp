#pragma once
/// @file The rehearsal that a plan needs before it may be applied.

#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"

#include <chrono>
#include <filesystem>
#include <string>

namespace thimble::cli {

/// For what a rehearsal is wanted.
struct RehearsalQuestion {
    std::string plan_digest;
    std::string host_state;
    std::string changes;  ///< what can be named of why that is not the plan's; may be empty
    std::string root;     ///< of the host, on this machine
    Instant now;
    std::chrono::seconds max_age{0};  ///< zero: any
};

/// The document of the rehearsal of a plan, if it passed and the host is still the same.
/// @error Conflict "apply.not_rehearsed", "apply.rehearsal_failed"; "apply.rehearsal_stale" names what changed
Result<std::string> passing_rehearsal(
    const std::filesystem::path& state, const RehearsalQuestion& question);

}  // namespace thimble::cli
