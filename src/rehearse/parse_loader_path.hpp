#pragma once
/// @file Where the dynamic linker is told to look: ld.so.conf.

#include <string>
#include <string_view>
#include <vector>

namespace thimble::rehearse {

/// One ld.so.conf file, in its order.
struct LoaderPathLine {
    bool include = false;  ///< `text` is a pattern of further files, else a folder
    std::string text;
    bool operator==(const LoaderPathLine&) const = default;
};

/// @return at most 10,000 lines; comments, "hwcap" lines and relative folders are left out
/// @source ldconfig(8)
std::vector<LoaderPathLine> parse_loader_path(std::string_view text);

}  // namespace thimble::rehearse
