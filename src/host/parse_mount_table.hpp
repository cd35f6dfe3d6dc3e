#pragma once
/// @file What is mounted where, and which of it belongs into an enclosure.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::host {

/// One line of /proc/<pid>/mountinfo.
struct MountPoint {
    std::uint32_t id = 0;
    std::uint32_t parent = 0;
    std::string point;  ///< absolute
    std::string type;   ///< "ext4"
    /// "/dev/sda1", "rpool/ROOT/debian"; whatever the file system says
    std::string source = {};  // NOLINT(readability-redundant-member-init): may be left out
    bool operator==(const MountPoint&) const = default;
};

/// The mounts that can be seen, by path: what another mount covers is left out, and so is every line
/// that cannot be read.
/// @source proc_pid_mountinfo(5)
std::vector<MountPoint> parse_mount_table(std::string_view table);

/// What of the file systems mounted below a root an enclosure shows.
struct MountSelection {
    std::vector<std::string> shown;  ///< paths within the root, a folder before what is in it
    std::vector<std::string>
        left_out;  ///< disks and network shares that hold no part of the system
    bool operator==(const MountSelection&) const = default;
};

/// Chooses by where they are mounted: what packages are installed to is shown, homes, data and images
/// of other machines are not. Interfaces of the kernel (/proc, /sys, tmpfs …) are in neither list.
/// @param root        absolute, without a trailing slash unless it is "/"
/// @param everything  shows all that is no interface of the kernel
MountSelection select_mounts(
    const std::vector<MountPoint>& mounts, std::string_view root, bool everything);

}  // namespace thimble::host
