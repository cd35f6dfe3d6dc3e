#pragma once
/// @file Makes two runs on one host impossible, and names who holds a lock.

#include "thimble/apply/package_manager.hpp"
#include "thimble/base/result.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::apply {

/// Held for as long as it lives, on the host's root folder itself: nothing is written, and whatever
/// state directory another run uses, it is the same lock. Gone with the process, however that ends.
class RunLock {
public:
    /// Waits, at most five seconds, for what a process that is gone left behind.
    /// @error Conflict "apply.run_active" names the process that holds it
    static Result<RunLock> take(const std::string& root);

    RunLock(RunLock&& other) noexcept;
    RunLock& operator=(RunLock&& other) noexcept;
    RunLock(const RunLock&) = delete;
    RunLock& operator=(const RunLock&) = delete;
    ~RunLock();

private:
    explicit RunLock(int descriptor) : descriptor_(descriptor) {}
    int descriptor_;
};

/// One line of /proc/locks that names a file.
struct HeldLock {
    std::uint32_t pid = 0;
    std::uint32_t device_major = 0;
    std::uint32_t device_minor = 0;
    std::uint64_t inode = 0;
    bool operator==(const HeldLock&) const = default;
};

/// The locks that are held, without those that wait for them. Damaged lines are skipped.
/// @source proc(5), /proc/locks
std::vector<HeldLock> parse_proc_locks(std::string_view text);

/// Who of this machine holds a lock (flock or fcntl) on a file; none: nobody.
/// @error NotFound, Denied: the file cannot be looked at
Result<std::optional<LockHolder>> holder_of(const std::string& path);

}  // namespace thimble::apply
