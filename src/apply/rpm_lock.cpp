#include "thimble/apply/rpm_lock.hpp"

#include "thimble/base/error.hpp"
#include "thimble/base/lines.hpp"
#include "thimble/base/utf8.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <string_view>

namespace thimble::apply {
namespace {

constexpr std::array kFileLocks{"/usr/lib/sysimage/rpm/.rpm.lock", "/var/lib/rpm/.rpm.lock"};
constexpr std::array kPidFiles{
    "/run/zypp.pid", "/var/run/zypp.pid", "/var/lib/dnf/rpmdb_lock.pid", "/var/run/yum.pid"};
/// Who writes such a file; of anybody else the number is a leftover that was given out again.
constexpr std::array<std::string_view, 8> kWriters{
    "zypper", "dnf", "yum", "python", "platform-python", "packagekitd", "y2base", "ruby"};

std::string command_of(std::uint32_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/comm");
    std::string name;
    std::getline(file, name);
    return printable(name, 100);
}

std::string path_in(const std::string& root, const char* path) {
    return root == "/" ? std::string(path) : root + path;
}

Result<std::optional<LockHolder>> holder_of_lock(const std::string& root, const char* lock) {
    std::optional<LockHolder> holder;
    const std::string path = path_in(root, lock);
    const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file < 0) {
        if (errno == ENOENT || errno == ENOTDIR) {
            return holder;
        }
        return failure(
            ErrorKind::Denied,
            "apply.lock_unknown",
            path + " cannot be looked at: " + std::strerror(errno));
    }
    struct flock wanted{};
    wanted.l_type = F_WRLCK;
    wanted.l_whence = SEEK_SET;
    const int asked = ::fcntl(file, F_GETLK, &wanted);
    ::close(file);
    if (asked != 0 || wanted.l_type == F_UNLCK) {
        return holder;
    }
    const auto pid = static_cast<std::uint32_t>(std::max<pid_t>(wanted.l_pid, 0));
    const std::string command = command_of(pid);
    holder =
        LockHolder{.pid = pid, .command = command.empty() ? "a process" : command, .lock = lock};
    return holder;
}

std::optional<LockHolder> holder_of_pid_file(const std::string& root, const char* name) {
    std::ifstream file(path_in(root, name));
    std::string line;
    std::getline(file, line);
    const auto pid = number_in<std::uint32_t>(trimmed(line));
    if (!pid || *pid == static_cast<std::uint32_t>(::getpid())) {
        return std::nullopt;
    }
    std::string command = command_of(*pid);
    const bool known = std::ranges::any_of(
        kWriters, [&](std::string_view writer) { return command.starts_with(writer); });
    if (!known) {
        return std::nullopt;
    }
    return LockHolder{.pid = *pid, .command = std::move(command), .lock = name};
}

}  // namespace

Result<std::optional<LockHolder>> find_rpm_lock_holder(const std::string& root) {
    std::optional<LockHolder> holder;
    for (const char* lock : kFileLocks) {
        THIMBLE_TRY(holder, holder_of_lock(root, lock));
        if (holder) {
            return holder;
        }
    }
    for (const char* name : kPidFiles) {
        holder = holder_of_pid_file(root, name);
        if (holder) {
            return holder;
        }
    }
    return holder;
}

}  // namespace thimble::apply
