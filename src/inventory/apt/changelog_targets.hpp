#pragma once
/// @file Which source packages need evidence, and which binary packages may hold it.

#include "thimble/model/inventory.hpp"

#include <apt-pkg/pkgcache.h>

#include <string>
#include <vector>

class pkgCacheFile;  // NOLINT(readability-identifier-naming): the name is apt's

namespace thimble::inventory::apt {

/// One source package's way from what is installed to what is offered.
struct ChangelogTarget {
    std::string source_name;
    std::string from_version;  ///< the lowest installed one
    std::string to_version;
    std::vector<pkgCache::VerIterator> binaries;  ///< of to_version
};

/// The targets of the pending security updates, by source name; the best binary to ask
/// stands last: the smallest that is no metapackage.
std::vector<ChangelogTarget> find_changelog_targets(
    pkgCacheFile& cache, const std::vector<model::Offer>& offers);

}  // namespace thimble::inventory::apt
