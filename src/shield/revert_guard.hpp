#pragma once
/// @file A process that undoes a change unless somebody says in time that it may stay.

#include "thimble/base/result.hpp"
#include "thimble/host/file_access.hpp"

#include <sys/types.h>

#include <chrono>
#include <functional>

namespace thimble::shield {

/// It outlives whoever started it: when that one dies, or says nothing for so long, the change is undone at once.
class RevertGuard {
public:
    /// To be called before the change. In a process with one thread only.
    /// @param undo  run by the guard's process
    /// @error Unavailable
    static Result<RevertGuard> start(
        std::chrono::seconds patience, const std::function<void()>& undo);

    RevertGuard(RevertGuard&& other) noexcept = default;
    RevertGuard& operator=(RevertGuard&& other) = delete;
    RevertGuard(const RevertGuard&) = delete;
    RevertGuard& operator=(const RevertGuard&) = delete;
    /// Undoes the change unless it was confirmed, and waits until that is done.
    ~RevertGuard();

    /// The change may stay.
    /// @error Conflict "shield.too_late"  it was undone meanwhile
    Result<void> confirm();

private:
    RevertGuard(pid_t child, host::Descriptor line) : child_(child), line_(std::move(line)) {}

    pid_t child_;
    host::Descriptor line_;  ///< closed: undo
};

}  // namespace thimble::shield
