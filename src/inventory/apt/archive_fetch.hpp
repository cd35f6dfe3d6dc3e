#pragma once
/// @file Fetches the archives of a plan through apt, which checks them against its signed index.

#include "thimble/apply/apt_request.hpp"

#include <chrono>
#include <string>
#include <vector>

class pkgCacheFile;  // NOLINT(readability-identifier-naming): the name is apt's

namespace thimble::inventory::apt {

/// Where to, and until when.
struct FetchPlace {
    std::string folder;  ///< exists
    std::chrono::steady_clock::time_point deadline;
    /// With sources of its own, whose folders are its own; empty: this host.
    std::string root = {};       // NOLINT(readability-redundant-member-init): g++ warns else
    int status_descriptor = -1;  ///< hears "<per mille>\t<what>\n"; -1: nobody
};

/// Fetches what the index vouches for into the folder; files with a wrong hash never appear there
/// under their name. What no trusted key vouches for is fetched only by the digest that is asked for.
/// No lock of the package manager is taken.
/// @return one answer for each of `wanted`, in that order
std::vector<apply::FetchedArchive> fetch_archives(
    pkgCacheFile& cache, const std::vector<apply::WantedArchive>& wanted, const FetchPlace& place);

}  // namespace thimble::inventory::apt
