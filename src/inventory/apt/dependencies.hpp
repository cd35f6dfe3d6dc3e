#pragma once
/// @file Words for what stands between a package and its installation.

#include <apt-pkg/depcache.h>
#include <apt-pkg/pkgcache.h>

#include <string>
#include <vector>

namespace thimble::inventory::apt {

/// The first dependency of `package`, as it would be installed, that nothing satisfies: "libx 2:
/// Depends liby (>= 3)". Empty: none.
std::string unmet_dependency(pkgDepCache& dependencies, const pkgCache::PkgIterator& package);

/// The first dependency of `package`'s candidate that no candidate can satisfy: apt does not even
/// begin to install such a package.
std::string unsatisfiable_dependency(
    pkgDepCache& dependencies, const pkgCache::PkgIterator& package);

/// What could meet the dependencies that unsatisfiable_dependency speaks of; at most 1,000.
std::vector<pkgCache::PkgIterator> unsatisfiable_alternatives(
    pkgDepCache& dependencies, const pkgCache::PkgIterator& package);

}  // namespace thimble::inventory::apt
