#pragma once
/// @file Hardening that removes a package, and puts it back.

#include "thimble/shield/control_means.hpp"

#include <memory>
#include <string>

namespace thimble::shield {

/// @param folder  of the record of the control: what is needed to put the package back is kept there
std::unique_ptr<ControlMeans> package_means(
    const mitigate::RemovedPackage& settings, const std::string& folder);

/// Why this host would refuse the removal now; empty: it would not. Nothing is changed.
std::string removal_refusal(const mitigate::RemovedPackage& settings);

}  // namespace thimble::shield
