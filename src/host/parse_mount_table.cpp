#include "thimble/host/parse_mount_table.hpp"

#include "thimble/base/lines.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::host {
namespace {

constexpr std::size_t kMaxMounts = 100'000;

// Not files of anybody: the enclosure has its own, or none.
constexpr auto kInterfaces = std::to_array<std::string_view>(
    {"autofs",    "binder",  "binfmt_misc", "bpf",      "cgroup",  "cgroup2",    "configfs",
     "debugfs",   "devpts",  "devtmpfs",    "efivarfs", "fusectl", "hugetlbfs",  "mqueue",
     "nfsd",      "nsfs",    "proc",        "pstore",   "ramfs",   "rpc_pipefs", "securityfs",
     "selinuxfs", "smackfs", "sysfs",       "tmpfs",    "tracefs"});

// A share that does not answer would hang the rehearsal, and what it holds is not this host's alone.
constexpr auto kRemote = std::to_array<std::string_view>(
    {"9p",
     "afs",
     "ceph",
     "cifs",
     "gfs2",
     "glusterfs",
     "lustre",
     "ncpfs",
     "nfs",
     "nfs4",
     "ocfs2",
     "smb3",
     "smbfs"});

// Where packages put their files and their state.
constexpr auto kSystemFolders = std::to_array<std::string_view>(
    {"/bin",
     "/boot",
     "/efi",
     "/etc",
     "/lib",
     "/lib32",
     "/lib64",
     "/libx32",
     "/opt",
     "/root",
     "/sbin",
     "/usr",
     "/var"});

// Within those: images and layers of other systems.
constexpr auto kBulkFolders = std::to_array<std::string_view>(
    {"/var/lib/containerd",
     "/var/lib/containers",
     "/var/lib/docker",
     "/var/lib/kubelet",
     "/var/lib/libvirt",
     "/var/lib/lxc",
     "/var/lib/lxd",
     "/var/lib/machines",
     "/var/lib/rancher",
     "/var/snap"});

bool is_within(std::string_view path, std::string_view folder) {
    return folder == "/"
        || (path.starts_with(folder)
            && (path.size() == folder.size() || path[folder.size()] == '/'));
}

bool is_within_any(std::string_view path, auto&& folders) {
    return std::ranges::any_of(
        folders, [&](std::string_view folder) { return is_within(path, folder); });
}

/// The kernel writes space, tab, newline and backslash as three octal digits.
std::string without_escapes(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        unsigned value = 0;
        if (text.front() == '\\' && text.size() >= 4) {
            const char* const end = text.data() + 4;
            const auto [stop, error] = std::from_chars(text.data() + 1, end, value, 8);
            if (error == std::errc() && stop == end && value > 0 && value < 256) {
                out += static_cast<char>(value);
                text.remove_prefix(4);
                continue;
            }
        }
        out += text.front();
        text.remove_prefix(1);
    }
    return out;
}

std::optional<MountPoint> parse_line(std::string_view line) {
    const auto id = number_in<std::uint32_t>(take_word(line));
    const auto parent = number_in<std::uint32_t>(take_word(line));
    take_word(line);  // device
    take_word(line);  // which folder of its file system
    std::string point = without_escapes(take_word(line));
    take_word(line);  // options
    while (!line.empty() && take_word(line) != "-") {}
    const std::string_view type = take_word(line);
    std::string source = without_escapes(take_word(line));
    if (!id || !parent || type.empty() || !point.starts_with('/')) {
        return std::nullopt;
    }
    return MountPoint{
        .id = *id,
        .parent = *parent,
        .point = std::move(point),
        .type = std::string(type),
        .source = std::move(source)};
}

using ByPoint = std::map<std::string, MountPoint, std::less<>>;

/// The mount that `path` is on, of those that are higher up.
const MountPoint* container_of(const ByPoint& seen, std::string_view path) {
    while (path.size() > 1) {
        path = path.substr(0, std::max<std::size_t>(path.rfind('/'), 1));
        if (const auto found = seen.find(path); found != seen.end()) {
            return &found->second;
        }
    }
    return nullptr;
}

bool is_interface(const MountPoint& mount) {
    return std::ranges::find(kInterfaces, mount.type) != kInterfaces.end();
}

bool is_shown(const MountPoint& mount, std::string_view inside, bool everything) {
    const bool remote =
        std::ranges::find(kRemote, mount.type) != kRemote.end() || mount.type.starts_with("fuse");
    const bool system =
        is_within_any(inside, kSystemFolders) && !is_within_any(inside, kBulkFolders);
    return !is_interface(mount) && !remote && (system || everything);
}

}  // namespace

std::vector<MountPoint> parse_mount_table(std::string_view table) {
    std::vector<MountPoint> listed;
    Lines lines(table);
    for (std::string_view line; listed.size() < kMaxMounts && lines.next(line);) {
        if (auto mount = parse_line(line)) {
            listed.push_back(std::move(*mount));
        }
    }
    // A mount is seen when its parent is what is seen at that place; one on the same place covers it.
    std::ranges::stable_sort(
        listed, {}, [](const MountPoint& mount) { return mount.point.size(); });
    ByPoint seen;
    for (MountPoint& mount : listed) {
        const auto same = seen.find(mount.point);
        const MountPoint* const container = container_of(seen, mount.point);
        const bool covers = same != seen.end() && same->second.id == mount.parent;
        const bool lies_open = container == nullptr || container->id == mount.parent;
        if (covers || (same == seen.end() && lies_open)) {
            std::string point = mount.point;
            seen.insert_or_assign(std::move(point), std::move(mount));
        }
    }
    std::vector<MountPoint> mounts;
    for (auto& [point, mount] : seen) {
        mounts.push_back(std::move(mount));
    }
    return mounts;
}

MountSelection select_mounts(
    const std::vector<MountPoint>& mounts, std::string_view root, bool everything) {
    MountSelection selection;
    std::vector<std::string> hidden;
    for (const MountPoint& mount : mounts) {
        if (!is_within(mount.point, root) || mount.point == root) {
            continue;
        }
        std::string inside = mount.point.substr(root == "/" ? 0 : root.size());
        if (is_within_any(inside, hidden)) {
            continue;
        }
        if (is_shown(mount, inside, everything)) {
            selection.shown.push_back(std::move(inside));
            continue;
        }
        hidden.push_back(inside);  // and what is mounted within: /dev/shm
        if (!is_interface(mount)) {
            selection.left_out.push_back(std::move(inside));
        }
    }
    return selection;
}

}  // namespace thimble::host
