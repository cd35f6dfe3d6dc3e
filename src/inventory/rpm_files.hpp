#pragma once
/// @file The files of an rpm package, as rpm lists them by a query format of ours.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::inventory {

/// One entry of a package's file list.
struct RpmFile {
    std::string path;
    std::string digest;  ///< lower-case hex; empty: no regular file
    bool is_sha256 = false;
    bool is_config = false;
    bool is_noreplace = false;
    bool is_ghost = false;     ///< listed, but not brought by the package
    bool is_regular = false;   ///< not a folder, link or device
    bool is_left_out = false;  ///< of an installed package: never written, such as documentation
    bool operator==(const RpmFile&) const = default;
};

/// The query format whose output parse_rpm_files reads.
/// @source rpm(8) --queryformat; rpm's lib/rpmtag.h, lib/rpmfiles.h for the numbers
std::string rpm_files_format();

/// The entries in their order. A line that is not understood is left out: rpm does not quote paths, and
/// one with a line feed is none that can be looked at.
std::vector<RpmFile> parse_rpm_files(std::string_view text);

}  // namespace thimble::inventory
