#include "thimble/apply/run_lock.hpp"

#include "thimble/apply/lock_holder.hpp"
#include "thimble/apply/whole_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace thimble::apply {
namespace {

constexpr std::size_t kMaxLocks = std::size_t{16} << 20;

Error unreadable(const std::string& path) {
    return failure(
        errno == ENOENT ? ErrorKind::NotFound : ErrorKind::Denied,
        "apply.cannot_read",
        path + " cannot be read: " + std::strerror(errno));
}

}  // namespace

Result<std::optional<LockHolder>> holder_of(const std::string& path) {
    struct stat file{};
    if (::stat(path.c_str(), &file) != 0) {
        return unreadable(path);
    }
    THIMBLE_TRY(const std::string text, read_whole_file("/proc/locks", kMaxLocks));
    for (const HeldLock& lock : parse_proc_locks(text)) {
        if (lock.inode == file.st_ino && lock.device_major == major(file.st_dev)
            && lock.device_minor == minor(file.st_dev)) {
            return std::optional{
                LockHolder{.pid = lock.pid, .command = command_of(lock.pid), .lock = path}};
        }
    }
    return std::optional<LockHolder>{};
}

RunLock::RunLock(RunLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

RunLock& RunLock::operator=(RunLock&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
}

RunLock::~RunLock() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

Result<RunLock> RunLock::take(const std::string& root) {
    const int descriptor = ::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) {
        return unreadable(root);
    }
    RunLock lock(descriptor);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        const auto asked = holder_of(root);
        const std::optional<LockHolder> holder = asked ? *asked : std::nullopt;
        const std::string who = holder
            ? "process " + std::to_string(holder->pid) + " (" + holder->command + ")"
            : std::string("another process");
        return failure(
            ErrorKind::Conflict,
            "apply.run_active",
            who + " is already at work on this host; wait until it has ended");
    }
    return lock;
}

}  // namespace thimble::apply
