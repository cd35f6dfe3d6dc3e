#include "thimble/apply/rpm_lock.hpp"

#include "thimble/apply/lock_holder.hpp"
#include "thimble/apply/package_manager.hpp"
#include "thimble/base/lines.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/host.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
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

/// Of the host, whose links do not lead out of it, and which may have anything there.
std::optional<LockHolder> holder_of_pid_file(host::Host& host, const char* name) {
    constexpr std::size_t kMostBytes = 4096;
    const auto text = host.read_file(name, kMostBytes);
    std::string_view line;
    Lines lines(text ? std::string_view(*text) : std::string_view());
    lines.next(line);
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

Result<std::optional<LockHolder>> find_rpm_lock_holder(host::Host& host) {
    std::optional<LockHolder> holder;
    for (const char* lock : kFileLocks) {
        THIMBLE_TRY(holder, holder_of_lock(host.local_root(), lock));
        if (holder) {
            return holder;
        }
    }
    for (const char* name : kPidFiles) {
        holder = holder_of_pid_file(host, name);
        if (holder) {
            return holder;
        }
    }
    return holder;
}

}  // namespace thimble::apply
