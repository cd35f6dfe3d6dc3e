#pragma once
/// @file Who holds the locks of rpm, dnf and zypper.

#include "thimble/apply/package_manager.hpp"
#include "thimble/base/result.hpp"

#include <optional>
#include <string>

namespace thimble::apply {

/// @param root  the directory of this machine that is the host's root
/// @return nothing: nobody
/// @error Denied "apply.lock_unknown": a lock may not be looked at
/// @source rpm's lib/rpmlock.c (fcntl); dnf's lock.py and libzypp's ZYppFactory.cc (files with a process id)
Result<std::optional<LockHolder>> find_rpm_lock_holder(const std::string& root);

}  // namespace thimble::apply
