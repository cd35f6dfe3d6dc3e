#pragma once
/// @file Archives that a root directory has itself: its sources name a folder of it, as in "deb file:/srv/mirror". apt's methods know no
/// root, and would look for that folder on this machine.

#include "thimble/apply/apt_request.hpp"

#include <filesystem>
#include <string>

namespace thimble::inventory::apt {

/// The path of an address that is a file of the host itself ("file:", "copy:"); empty: apt has to fetch it.
std::string own_path(const std::string& uri);

/// Keeps apt from whatever names a file of the host: of a root it would take this machine's.
void fetch_nothing_of_this_machine();

/// Copies such an archive as the root would read it, no link leading out of it, and only if it is what the index tells.
/// @param path    as of own_path
/// @param told    size and SHA-256
/// @param folder  exists, and "partial" in it
/// @return `told` with how it ended
apply::FetchedArchive copy_own_archive(
    const std::string& root,
    const std::string& path,
    apply::FetchedArchive told,
    const std::filesystem::path& folder);

}  // namespace thimble::inventory::apt
