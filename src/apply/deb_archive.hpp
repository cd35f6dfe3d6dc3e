#pragma once
/// @file Reads a .deb without unpacking it: its control files, and single files of its data.

#include "thimble/base/result.hpp"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::apply {

/// What stands in control.tar.
struct DebControl {
    std::string name;
    std::string version;          ///< as dpkg writes it
    std::string written_version;  ///< as it stands: it may have an epoch of 0
    std::string architecture;
    /// Whether its scripts or triggers make the initial file systems in /boot anew.
    bool remakes_initial_files = false;
    std::string md5sums;                 ///< as it stands; empty: none
    std::vector<std::string> conffiles;  ///< absolute paths, in the order of the file
};

/// @error Corrupt "apply.bad_deb": no .deb, damaged, or beyond 16 MiB per control file
/// @source deb(5), deb-control(5), deb-conffiles(5)
Result<DebControl> read_deb_control(const std::string& path);

/// A regular file of data.tar.
struct DebFile {
    std::string md5;      ///< lower-case hex
    std::string content;  ///< empty when it is longer than the limit that was asked for
    bool operator==(const DebFile&) const = default;
};

/// The files at `paths` (absolute); what is not there or no regular file is left out. Reading ends
/// with the last of them.
/// @param content_limit  bytes of a file that are worth keeping
/// @error Corrupt "apply.bad_deb": damaged, or beyond 32 GiB or 2,000,000 entries unpacked
Result<std::map<std::string, DebFile>> read_deb_files(
    const std::string& path, const std::set<std::string>& paths, std::size_t content_limit);

}  // namespace thimble::apply
