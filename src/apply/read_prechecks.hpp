#pragma once
/// @file Reads what the pre-checks judge.

#include "thimble/apply/package_manager.hpp"
#include "thimble/apply/prechecks.hpp"
#include "thimble/host/host.hpp"

namespace thimble::apply {

HostSigns read_signs(host::Host& host);

/// A fresh look at a host whose root is a directory of this machine. What cannot be read stays absent.
PrecheckFacts read_prechecks(host::Host& host, PackageManager& packages);

}  // namespace thimble::apply
