#pragma once
/// @file Who holds dpkg's locks.

#include "thimble/apply/package_manager.hpp"
#include "thimble/base/result.hpp"

#include <optional>
#include <string>

namespace thimble::apply {

/// @param root  the directory of this machine that is the host's root
/// @return the holder of the frontend's lock, else of dpkg's own; nothing: nobody
/// @error Denied: the lock may not be looked at
/// @source apt's doc/dpkg locking: /var/lib/dpkg/lock-frontend, then /var/lib/dpkg/lock; fcntl(2) F_GETLK
Result<std::optional<LockHolder>> find_lock_holder(const std::string& root);

}  // namespace thimble::apply
