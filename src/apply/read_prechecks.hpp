#pragma once
/// @file Reads what the pre-checks judge.

#include "thimble/apply/package_manager.hpp"
#include "thimble/apply/prechecks.hpp"
#include "thimble/host/host.hpp"
#include "thimble/model/plan.hpp"

#include <span>
#include <vector>

namespace thimble::apply {

HostSigns read_signs(host::Host& host);

/// Of "/", "/usr", "/boot" and "/var", as far as they can be asked.
/// @param steps  of the plan: the files in /boot are looked at only where one of them writes such
std::vector<FreeSpace> read_space(host::Host& host, std::span<const model::PlannedStep> steps);

/// A fresh look at a host whose root is a directory of this machine. What cannot be read stays absent.
PrecheckFacts read_prechecks(
    host::Host& host, PackageManager& packages, std::span<const model::PlannedStep> steps);

}  // namespace thimble::apply
