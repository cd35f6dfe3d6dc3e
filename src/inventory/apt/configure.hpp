#pragma once
/// @file apt's configuration for a look that changes nothing.

#include "options.hpp"
#include "thimble/base/result.hpp"

namespace thimble::inventory::apt {

/// Loads apt's configuration for this host or for a root directory.
///
/// Of a root only sources, preferences, index and the settings that decide about upgrades are taken:
/// its configuration can name programs (methods, solvers, hooks, compressors), and none of them runs.
/// @error Unavailable "inventory.apt_configuration"
Result<void> configure(const Options& options);

/// apt's pending errors as one line; its notices and warnings are dropped.
std::string take_apt_errors();

}  // namespace thimble::inventory::apt
