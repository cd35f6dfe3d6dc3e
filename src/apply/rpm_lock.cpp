#include "thimble/apply/rpm_lock.hpp"

#include "thimble/apply/lock_holder.hpp"
#include "thimble/apply/package_manager.hpp"
#include "thimble/base/lines.hpp"
#include "thimble/base/result.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace thimble::apply {
namespace {

constexpr std::array kFileLocks{"/usr/lib/sysimage/rpm/.rpm.lock", "/var/lib/rpm/.rpm.lock"};
constexpr std::array kPidFiles{
    "/run/zypp.pid", "/var/run/zypp.pid", "/var/lib/dnf/rpmdb_lock.pid", "/var/run/yum.pid"};
/// Who writes such a file; of anybody else the number is a leftover that was given out again.
constexpr std::array<std::string_view, 8> kWriters{
    "zypper", "dnf", "yum", "python", "platform-python", "packagekitd", "y2base", "ruby"};

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
