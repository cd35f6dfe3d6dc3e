#pragma once
/// @file The changelog and the news out of a .deb, without unpacking it.

#include "thimble/base/result.hpp"

#include <string>
#include <string_view>

namespace thimble::inventory::apt {

/// What a package's documentation folder holds.
struct DebDocs {
    std::string changelog;  ///< changelog.Debian, or changelog of a native package; empty: none
    std::string news;       ///< NEWS.Debian; empty: none
    std::string link;       ///< the package whose folder is used instead; empty: its own
};

/// Reads /usr/share/doc/`package` of the archive at `path`. Reading ends once the folder is past;
/// texts are bounded to 32 MiB each, the archive to 2 GiB unpacked.
/// @error Corrupt "apply.bad_deb"
/// @source deb(5)
Result<DebDocs> read_deb_docs(const std::string& path, std::string_view package);

}  // namespace thimble::inventory::apt
