#pragma once
/// @file The whole transaction that apt would make of what is wanted.

#include "thimble/apply/package_manager.hpp"

class pkgCacheFile;  // NOLINT(readability-identifier-naming): the name is apt's

namespace thimble::inventory::apt {

/// Brings the wanted versions about with apt's own resolver, without recommended packages. With
/// nothing wanted: apt's upgrade of everything, as far as the level goes; at SecurityOnly nothing, so
/// that only the dependencies that are broken now are told.
///
/// Problems are told as they are found: what is allowed is for others to decide. Codes:
/// "apply.version_gone", "apply.held", "apply.excluded", "apply.phased", "apply.pinned",
/// "apply.dependency_conflict", "apply.untrusted_origin", "apply.no_digest", and at the level Upgrade
/// "apply.needs_new_packages".
apply::Resolution resolve(pkgCacheFile& cache, const apply::Resolving& wanted);

}  // namespace thimble::inventory::apt
