#pragma once
/// @file Makes two runs on one host impossible, and names who holds a lock.

#include "thimble/apply/package_manager.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/file_access.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::apply {

/// Where the locks of the runs of this machine are: a folder that only root can open.
inline constexpr const char* kRunLocks = "/run/thimble-patch";

/// What a host is kept for.
enum class LockPurpose : std::uint8_t {
    Runs,   ///< to carry runs out, and those to their end first that a dead process has left
    Other,  ///< something that no run may happen beside
};

/// Held for as long as it lives, and by whoever inherits it. Two locks: a file in a folder of ours, named
/// by the host's root folder, so that it is the same one whatever state directory another run uses; and
/// the root folder itself, so that a run within a container and one on its root from without exclude each
/// other. The latter anybody can hold who may read it: held by another than root, it is passed by; held by
/// somebody who cannot be seen from here, it is held.
class RunLock {
public:
    /// Waits, at most five seconds, for what a process that is gone left behind.
    /// @param locks  the folder of the locks; made when it is not there
    /// @error Conflict "apply.run_active" names the process that holds it, where it can be seen; Denied, Unavailable
    /// "apply.no_run_lock": the folder cannot be used, or is not safe from others
    static Result<RunLock> take(
        const std::string& root, LockPurpose purpose, const std::string& locks = kRunLocks);

    /// Who holds it now, and lives; none: nobody, or what is left of a process that is gone. In the instant after it was taken, its
    /// purpose may be the one of who held it before.
    /// @error NotFound, Denied: the folders cannot be looked at
    static Result<std::optional<LockHolder>> holder(
        const std::string& root, const std::string& locks = kRunLocks);

    /// Of those, who carries runs out.
    static std::optional<LockHolder> carrier(
        const std::string& root, const std::string& locks = kRunLocks);

private:
    RunLock(host::Descriptor file, host::Descriptor root)
        : file_(std::move(file)), root_(std::move(root)) {}
    host::Descriptor file_;
    host::Descriptor root_;
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
