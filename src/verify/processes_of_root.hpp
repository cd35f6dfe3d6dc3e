#pragma once
/// @file What runs from a directory: a container or a chroot.

#include "thimble/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace thimble::verify {

/// A process of this machine whose root a directory is. Paths are as in that root.
struct RootProcess {
    std::uint32_t pid = 0;
    std::string command;
    std::string program;
    std::vector<std::string> replaced;  ///< that it maps, and that are not what lies there now
    bool files_known = true;            ///< false: what it maps cannot be read
    bool operator==(const RootProcess&) const = default;
};

struct RootProcesses {
    std::vector<RootProcess> seen;  ///< by number
    std::size_t hidden = 0;         ///< may be such, and may not be looked at

    /// Whether anything runs from the directory, or may.
    [[nodiscard]] bool may_run() const { return !seen.empty() || hidden > 0; }
};

/// What runs from the directory, or may, each a sentence; of many processes the first twenty are named, the others counted.
std::vector<std::string> words_of(const RootProcesses& running);

/// A fresh look. Of a process that ends meanwhile nothing is told.
/// @error NotFound, Denied "verify.cannot_look"
Result<RootProcesses> processes_of_root(const std::string& directory);

}  // namespace thimble::verify
