#pragma once
/// @file Fetches packages through apt, which checks them against its signed index.

#include "thimble/base/result.hpp"

#include <apt-pkg/pkgcache.h>

#include <chrono>
#include <string>
#include <vector>

class pkgCacheFile;  // NOLINT(readability-identifier-naming): the name is apt's

namespace thimble::inventory::apt {

/// One package that was asked for, in the order of asking.
struct Fetched {
    std::string path;      ///< the .deb; empty: it could not be had
    std::string why;       ///< then, the reason
    bool is_copy = false;  ///< ours to remove; else it is the file of a local repository
};

/// Fetches all `versions` at once into `folder`/archives, ending at `deadline`.
/// Files with a wrong hash never appear. Progress goes to standard error when that is a terminal.
std::vector<Fetched> fetch(
    pkgCacheFile& cache,
    const std::vector<pkgCache::VerIterator>& versions,
    const std::string& folder,
    std::chrono::steady_clock::time_point deadline);

}  // namespace thimble::inventory::apt
