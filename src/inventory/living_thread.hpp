#pragma once
/// @file Where /proc shows what a process runs.

#include "thimble/base/result.hpp"
#include "thimble/host/host.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace thimble::inventory {

/// A thread that has not ended, by which the program and the maps of its process are read.
struct LivingThread {
    std::string folder;      ///< "/proc/7"
    std::string executable;  ///< what its link `exe` leads to
    bool operator==(const LivingThread&) const = default;
};

/// The first thread of a process, else another: a first thread that has ended shows neither program nor maps, and the others run on.
/// @return nothing when all have ended, or it is the kernel's
/// @error Denied: it may not be looked at
/// @source proc(5): /proc/TID is not listed, and can be opened
Result<std::optional<LivingThread>> find_living_thread(host::Host& host, std::uint32_t pid);

}  // namespace thimble::inventory
