#pragma once
/// @file A tar archive of files in memory (POSIX.1-1988, "ustar"): pure. The same files give the same bytes.

#include "thimble/base/result.hpp"

#include <span>
#include <string>

namespace thimble::agent {

struct TarMember {
    std::string path;  ///< relative, at most 100 bytes
    std::string bytes;
    bool is_program = false;  ///< mode 0755, else 0644
    bool operator==(const TarMember&) const = default;
};

/// @error Invalid "agent.bad_member": a path that does not fit
Result<std::string> tar_of(std::span<const TarMember> members);

}  // namespace thimble::agent
