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
#include <chrono>
#include <csignal>
#include <cstring>
#include <string>
#include <thread>
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

// A process that was killed may leave a child between fork and exec, or one that dies with it: the lock
// goes with that, a moment later.
constexpr std::chrono::seconds kPatience{5};
constexpr std::chrono::milliseconds kPause{20};

bool is_alive(const std::optional<LockHolder>& holder) {
    return holder && holder->pid != 0
        && (::kill(static_cast<pid_t>(holder->pid), 0) == 0 || errno == EPERM);
}

Error run_active(const std::optional<LockHolder>& holder) {
    const std::string who = holder
        ? "process " + std::to_string(holder->pid) + " (" + holder->command + ")"
        : std::string("another process");
    return failure(
        ErrorKind::Conflict,
        "apply.run_active",
        who + " is already at work on this host; wait until it has ended");
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
    const auto give_up = std::chrono::steady_clock::now() + kPatience;
    while (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        const auto asked = holder_of(root);
        const std::optional<LockHolder> holder = asked ? *asked : std::nullopt;
        if (is_alive(holder) || std::chrono::steady_clock::now() >= give_up) {
            return run_active(holder);
        }
        std::this_thread::sleep_for(kPause);
    }
    return lock;
}

}  // namespace thimble::apply
