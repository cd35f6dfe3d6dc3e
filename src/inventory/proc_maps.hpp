#pragma once
/// @file /proc/PID/maps, /proc/PID/cgroup and /proc/PID/stat.

#include "thimble/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::inventory {

/// A file that a process has mapped for execution.
struct Mapping {
    std::string range;  ///< "7f0c5e000000-7f0c5e200000", its name in /proc/PID/map_files
    std::uint32_t device_major = 0;
    std::uint32_t device_minor = 0;
    std::uint64_t inode = 0;  ///< never 0
    std::string path;         ///< as the process sees it, without " (deleted)"
    bool deleted = false;
    bool operator==(const Mapping&) const = default;
};

/// So many are looked at in one process.
inline constexpr std::size_t kMaxMappings = 20'000;

/// The executable mappings of files, one for each (inode, path), in the order of addresses.
/// @error Unsupported "inventory.too_many_mappings": more than kMaxMappings, of which none is told
/// @source proc_pid_maps(5)
Result<std::vector<Mapping>> parse_executable_mappings(std::string_view maps);

/// Whether a mapping never counts as a replaced file: memfd, devices, SysV shared memory, graphics
/// buffers, and what begins with one of `ignored`.
bool is_ignored_mapping(std::string_view path, std::span<const std::string> ignored);

/// Whether the device number that maps shows cannot be compared with stat's: virtual devices, and
/// btrfs, whose subvolumes have numbers of their own.
bool is_device_unreliable(std::uint32_t major);

/// The systemd unit a process belongs to, and what restarting it means.
struct UnitMembership {
    std::string unit;  ///< empty: none
    std::string kind;  ///< "service", "session", "user", "init", "container", "vm", ""
    bool operator==(const UnitMembership&) const = default;
};

/// @source systemd's cgroup layout; cgroups(7)
UnitMembership unit_of(std::string_view cgroup);

/// The fields of /proc/PID/stat that matter.
struct ProcessStat {
    std::string command;  ///< between the parentheses
    bool kernel_thread = false;
    std::uint64_t start_ticks = 0;  ///< after boot, 1/100 s
};

/// @source proc_pid_stat(5)
std::optional<ProcessStat> parse_process_stat(std::string_view text);

/// The script that an interpreter was started with, as written on its command line.
/// @param executable  the interpreter's path
/// @param arguments   /proc/PID/cmdline, each argument ended by NUL
/// @return empty when the program is no interpreter or was given none
std::string interpreted_script(std::string_view executable, std::string_view arguments);

}  // namespace thimble::inventory
