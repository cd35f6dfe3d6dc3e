#pragma once
/// @file Who holds the lock of a package manager.

#include "thimble/apply/package_manager.hpp"
#include "thimble/base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace thimble::apply {

/// What the process calls itself, printable; "a process" when that cannot be told.
std::string command_of(std::uint32_t pid);

/// `path` of a root directory as this machine sees it.
std::string path_in(const std::string& root, const std::string& path);

/// Who holds the fcntl(2) lock of a file below `root`; none: nobody, or there is no such file.
/// @error Denied "apply.lock_unknown"
Result<std::optional<LockHolder>> holder_of_lock(const std::string& root, const std::string& lock);

}  // namespace thimble::apply
