#pragma once
/// @file Who holds the locks of rpm, dnf and zypper.

#include "thimble/apply/package_manager.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/host.hpp"

#include <optional>

namespace thimble::apply {

/// @param host  on this machine
/// @return nothing: nobody
/// @error Denied "apply.lock_unknown": a lock may not be looked at
/// @source rpm's lib/rpmlock.c (fcntl); dnf's lock.py and libzypp's ZYppFactory.cc (files with a process id)
Result<std::optional<LockHolder>> find_rpm_lock_holder(host::Host& host);

}  // namespace thimble::apply
