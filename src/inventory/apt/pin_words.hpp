#pragma once
/// @file Why apt's policy keeps a package from a version.

#include <apt-pkg/pkgcache.h>

#include <string>

class pkgPolicy;  // NOLINT(readability-identifier-naming): the name is apt's

namespace thimble::inventory::apt {

/// Which version apt prefers to an offered one, or that it never takes that one, with the priorities of these and of the installed one
/// as `apt-cache policy` has them: "apt prefers 1 (installed, pinned to priority 1001) to 2 (priority 500)".
/// @param offered  not the policy's candidate
std::string pin_words(
    pkgPolicy& policy, const pkgCache::PkgIterator& package, const pkgCache::VerIterator& offered);

}  // namespace thimble::inventory::apt
