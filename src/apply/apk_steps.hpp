#pragma once
/// @file What apk would be told. Pure, and called by nothing yet: no apk ran where this was written, and what
/// it would do is told in words for people only (`apk upgrade --simulate`), which cannot be held against a plan.

#include "thimble/base/result.hpp"
#include "thimble/model/plan.hpp"

#include <chrono>
#include <span>
#include <string>
#include <vector>

namespace thimble::apply {

/// Fetches the archives of the versions after into a folder.
/// @error Invalid "apply.bad_package_name": a name or version that could be an option, or means something else
/// @source apk(8), apk-fetch(8)
Result<std::vector<std::string>> apk_fetch(
    std::span<const model::PlannedStep> steps, const std::string& folder);

/// The whole transaction as one: each package at exactly its version after, or absent. apk writes each of these
/// words into /etc/apk/world, so that the packages stay pinned until that file is put back.
/// @param lock_wait  how long it waits for whoever holds its database
/// @error as apk_fetch
/// @source apk-add(8); apk-world(5): "=" and "!"
Result<std::vector<std::string>> apk_change(
    std::span<const model::PlannedStep> steps, std::chrono::seconds lock_wait);

/// Finishes what was interrupted, without a network.
/// @source apk-fix(8)
std::vector<std::string> apk_repair();

}  // namespace thimble::apply
