#include "thimble/apply/run_lock.hpp"

#include "thimble/apply/lock_holder.hpp"
#include "thimble/apply/whole_file.hpp"
#include "thimble/base/lines.hpp"
#include "thimble/host/local_host.hpp"

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

constexpr mode_t kOursOnly = 0600;
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

Error no_lock(const std::string& path, const std::string& why) {
    return failure(
        errno == EACCES || errno == EPERM ? ErrorKind::Denied : ErrorKind::Unavailable,
        "apply.no_run_lock",
        path + " cannot be used to keep other runs out: " + why
            + (::geteuid() == 0 ? "" : "; run this as root"));
}

/// The folder of the locks. What another user could open there he could lock, and what he could rename
/// would let two runs in.
Result<host::Descriptor> open_locks(const std::string& path) {
    constexpr mode_t kPrivate = 0700;
    if (::mkdir(path.c_str(), kPrivate) != 0 && errno != EEXIST) {
        return no_lock(path, std::strerror(errno));
    }
    host::Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
    struct stat status{};
    if (folder.number() < 0 || ::fstat(folder.number(), &status) != 0) {
        return no_lock(path, std::strerror(errno));
    }
    constexpr mode_t kOthers = 0077;
    if (status.st_uid != ::geteuid() || (status.st_mode & kOthers) != 0) {
        errno = EPERM;
        return no_lock(path, "it is open to others; remove it");
    }
    return folder;
}

/// One name for one root folder, however its path is written.
std::string name_of(const struct stat& root) {
    return std::to_string(major(root.st_dev)) + "-" + std::to_string(minor(root.st_dev)) + "-"
        + std::to_string(root.st_ino);
}

/// Whether a process is root through and through, and has the folder open itself. The kernel names who
/// took a lock; that process may have ended and its number be another's by now, or it may have become a
/// program that has root's rights on behalf of somebody else.
bool is_of_root(std::uint32_t pid, const struct stat& folder) {
    const std::string process = "/proc/" + std::to_string(pid);
    constexpr std::size_t kMaxStatus = std::size_t{64} << 10;
    const auto text = read_whole_file(process + "/status", kMaxStatus);
    if (!text || !text->contains("\nUid:\t0\t0\t0\t0\n")) {
        return false;
    }
    const auto files = host::LocalHost().list(process + "/fd");
    return files && std::ranges::any_of(*files, [&](const std::string& number) {
               struct stat open{};
               return ::stat((process + "/fd/" + number).c_str(), &open) == 0
                   && open.st_dev == folder.st_dev && open.st_ino == folder.st_ino;
           });
}

/// Who of those that we see has a lock on the folder by what each has open. /proc/locks leaves a lock out whose taker is gone, where
/// we are in a container, and tells it by another device on some file systems.
std::vector<std::uint32_t> lockers_in_sight(const struct stat& folder) {
    constexpr std::size_t kMaxInfo = std::size_t{64} << 10;
    host::LocalHost here;
    std::vector<std::uint32_t> lockers;
    const auto locks_it = [&](const std::string& process, const std::string& number) {
        struct stat open{};
        if (::stat((process + "/fd/" + number).c_str(), &open) != 0 || open.st_dev != folder.st_dev
            || open.st_ino != folder.st_ino) {
            return false;
        }
        const auto info = here.read_file(process + "/fdinfo/" + number, kMaxInfo);
        return info && info->contains("\nlock:") && info->contains("FLOCK");
    };
    for (const std::string& name : here.list("/proc").value_or(std::vector<std::string>())) {
        const auto pid = number_in<std::uint32_t>(name);
        const std::string process = "/proc/" + name;
        const auto files = here.list(process + "/fd");
        if (pid && files && std::ranges::any_of(*files, [&](const std::string& number) {
                return locks_it(process, number);
            })) {
            lockers.push_back(*pid);
        }
    }
    return lockers;
}

/// What is written into the lock of who carries runs out. Nothing can be told by the name of the process: on a host that is entered
/// its program is started by a loader.
constexpr std::string_view kRuns = "runs\n";

/// A purpose that cannot be written is not told, and no worse: the lock is held.
void write_purpose(const host::Descriptor& file, LockPurpose purpose) {
    const std::string_view text = purpose == LockPurpose::Runs ? kRuns : std::string_view();
    if (::ftruncate(file.number(), 0) != 0
        || ::pwrite(file.number(), text.data(), text.size(), 0) < 0) {
        return;
    }
}

bool is_for_runs(const std::string& path) {
    const auto text = read_whole_file(path, kRuns.size());
    return text && *text == kRuns;
}

/// @param path  of the file, to be asked who holds it
Result<void> take_file(const host::Descriptor& file, const std::string& path) {
    const auto give_up = std::chrono::steady_clock::now() + kPatience;
    while (::flock(file.number(), LOCK_EX | LOCK_NB) != 0) {
        const auto asked = holder_of(path);
        const std::optional<LockHolder> holder = asked ? *asked : std::nullopt;
        if (is_alive(holder) || std::chrono::steady_clock::now() >= give_up) {
            return run_active(holder);
        }
        std::this_thread::sleep_for(kPause);
    }
    return {};
}

Error run_active_elsewhere(const std::string& root) {
    return failure(
        ErrorKind::Conflict,
        "apply.run_active",
        "a process that cannot be seen from here, such as one outside of this container, is "
        "already at work on "
            + root + ", which it has locked; wait until it has ended");
}

/// The lock of another than root is passed by. A locker that is not to be seen counts as a run: it is outside of our container, or
/// on another machine.
Result<void> take_folder(
    const host::Descriptor& folder, const struct stat& status, const std::string& root) {
    const auto give_up = std::chrono::steady_clock::now() + kPatience;
    while (::flock(folder.number(), LOCK_EX | LOCK_NB) != 0) {
        const auto asked = holder_of(root);
        if (asked && *asked) {
            return is_of_root((*asked)->pid, status) ? Result<void>(run_active(*asked))
                                                     : Result<void>();
        }
        const std::vector<std::uint32_t> lockers = lockers_in_sight(status);
        const bool are_root = std::ranges::all_of(
            lockers, [&](std::uint32_t pid) { return is_of_root(pid, status); });
        if (!lockers.empty() && !are_root) {
            return {};
        }
        if (!lockers.empty()) {
            const std::uint32_t pid = lockers.front();
            return run_active(LockHolder{.pid = pid, .command = command_of(pid), .lock = root});
        }
        if (std::chrono::steady_clock::now() >= give_up) {
            return run_active_elsewhere(root);
        }
        std::this_thread::sleep_for(kPause);
    }
    return {};
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

Result<std::optional<LockHolder>> RunLock::holder(
    const std::string& root, const std::string& locks) {
    struct stat status{};
    if (::stat(root.c_str(), &status) != 0) {
        return unreadable(root);
    }
    auto holder = holder_of(locks + "/" + name_of(status));
    if (!holder && holder.error().kind == ErrorKind::NotFound) {
        return std::optional<LockHolder>();
    }
    if (holder && !is_alive(*holder)) {
        return std::optional<LockHolder>();
    }
    if (holder && *holder) {
        (*holder)->carries_runs = is_for_runs((*holder)->lock);
    }
    return holder;
}

std::optional<LockHolder> RunLock::carrier(const std::string& root, const std::string& locks) {
    auto found = holder(root, locks);
    return found && *found && (*found)->carries_runs ? *std::move(found) : std::nullopt;
}

Result<RunLock> RunLock::take(
    const std::string& root, LockPurpose purpose, const std::string& locks) {
    host::Descriptor folder(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    struct stat status{};
    if (folder.number() < 0 || ::fstat(folder.number(), &status) != 0) {
        return unreadable(root);
    }
    THIMBLE_TRY(const host::Descriptor place, open_locks(locks));
    const std::string name = name_of(status);
    constexpr int kFlags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    host::Descriptor file(::openat(place.number(), name.c_str(), kFlags, kOursOnly));
    if (file.number() < 0) {
        return no_lock(locks + "/" + name, std::strerror(errno));
    }
    THIMBLE_TRY(take_file(file, locks + "/" + name));
    THIMBLE_TRY(take_folder(folder, status, root));
    write_purpose(file, purpose);
    return RunLock(std::move(file), std::move(folder));
}

}  // namespace thimble::apply
