#pragma once
/// @file How a host differs from the one that a plan was made for, by name. Pure.

#include "thimble/apply/package_manager.hpp"
#include "thimble/model/plan.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace thimble::apply {

/// What is held, as a plan keeps it: names, sorted, each once.
std::vector<std::string> held_names(const PackageHealth& health);

/// What can be named of why the packages are not those that a plan was made for: its own packages that are at another version, and
/// what is held since or no longer. A plan knows the others by their digest alone.
/// @param installed, health  of the host now; none: not known
/// @return without a full stop: "curl is held since; libx1 is 1-3 now"; empty: nothing of it
std::string changes_since(
    const model::Plan& plan,
    const std::optional<std::vector<PackageVersion>>& installed,
    const std::optional<PackageHealth>& health);

}  // namespace thimble::apply
