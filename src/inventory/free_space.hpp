#pragma once
/// @file Whether there is room for what is offered. Private to this folder.

#include "thimble/host/host.hpp"
#include "thimble/model/inventory.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::inventory {

/// A mounted file system.
struct FileSystem {
    std::string device;
    std::string mounted_on;
    std::uint64_t free_bytes = 0;  ///< for users without privileges
    bool operator==(const FileSystem&) const = default;
};

/// What `df -P -k` printed, in its order; lines that are not understood are left out.
/// @source POSIX.1-2017, df: the format of option -P
std::vector<FileSystem> parse_free_space(std::string_view text);

/// Blocks the offers of each source package whose download and growth do not fit.
/// @param installed  where files are installed
/// @param cache      where archives are downloaded to
void block_what_does_not_fit(
    const FileSystem& installed, const FileSystem& cache, std::vector<model::Offer>& offers);

/// The same on a host where programs run: df is asked there. A root directory is on a disk of ours,
/// which says nothing about its own; so nothing is blocked there.
void read_free_space(host::Host& host, model::Inventory& inventory);

}  // namespace thimble::inventory
