#include "thimble/verify/processes_of_root.hpp"

#include "thimble/base/counted.hpp"
#include "thimble/base/lines.hpp"
#include "thimble/host/local_host.hpp"
#include "thimble/inventory/proc_maps.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

namespace thimble::verify {
namespace {

constexpr std::size_t kMaxMaps = std::size_t{64} << 20;
constexpr std::size_t kMaxStat = std::size_t{4} << 10;
constexpr std::string_view kDeleted = " (deleted)";

bool lies_below(std::string_view path, std::string_view folder) {
    return path.starts_with(folder) && path.substr(folder.size()).starts_with('/');
}

/// Looks at one process through its own folder of /proc.
class ProcessLook {
public:
    ProcessLook(host::LocalHost& host, std::uint32_t pid)
        : host_(host), folder_("/proc/" + std::to_string(pid)), pid_(pid) {}

    /// @return none: it is the kernel's own, or has ended
    std::optional<RootProcess> look() {
        const auto stat = host_.read_file(folder_ + "/stat", kMaxStat);
        const auto known = stat ? inventory::parse_process_stat(*stat) : std::nullopt;
        const auto program = host_.read_link(folder_ + "/exe");
        const auto root = host_.read_link(folder_ + "/root");
        if (!known || !program || !root) {
            return std::nullopt;
        }
        // One with mounts of its own names files as they lie there; a chroot among ours as they lie for us.
        chroot_ = *root == "/" ? std::string() : *root;
        RootProcess process;
        process.pid = pid_;
        process.command = known->command;
        process.program = in_root(*program);
        const auto maps = host_.read_file(folder_ + "/maps", kMaxMaps);
        const Result<std::vector<inventory::Mapping>> mappings =
            maps ? inventory::parse_executable_mappings(*maps) : maps.error();
        process.files_known = mappings.has_value();
        if (process.program.ends_with(kDeleted)) {
            process.program.resize(process.program.size() - kDeleted.size());
            process.replaced.push_back(process.program);
        }
        if (mappings) {
            add_replaced(*mappings, process.replaced);
        }
        return process;
    }

private:
    [[nodiscard]] std::string in_root(const std::string& path) const {
        return lies_below(path, chroot_) ? path.substr(chroot_.size()) : path;
    }

    void add_replaced(
        const std::vector<inventory::Mapping>& mappings, std::vector<std::string>& replaced) {
        for (const inventory::Mapping& mapping : mappings) {
            const bool is_other = inventory::is_ignored_mapping(mapping.path, {})
                || !lies_below(mapping.path, chroot_);
            const std::string path = in_root(mapping.path);
            if (!is_other && std::ranges::find(replaced, path) == replaced.end()
                && (mapping.deleted || differs(mapping, path))) {
                replaced.push_back(path);
            }
        }
    }

    /// What is not there under that name any more was deleted, which its mapping tells.
    bool differs(const inventory::Mapping& mapping, const std::string& path) {
        const auto on_disk = host_.look(folder_ + "/root" + path, host::Follow::Yes);
        if (!on_disk) {
            return false;
        }
        const auto mapped = host_.look(folder_ + "/map_files/" + mapping.range, host::Follow::Yes);
        const std::uint64_t inode = mapped ? mapped->inode : mapping.inode;
        return inode != on_disk->inode && !is_of_machine(mapping.path, inode);
    }

    /// One that came into the root with mounts of its own, as our own do, has the machine's files mapped under their names there.
    bool is_of_machine(const std::string& path, std::uint64_t inode) {
        const auto own = host_.look(path, host::Follow::Yes);
        return chroot_.empty() && own && own->inode == inode;
    }

    host::LocalHost& host_;
    std::string folder_;
    std::uint32_t pid_;
    std::string chroot_;
};

/// "served (42) runs from the directory: /usr/sbin/served; it maps what was replaced: /usr/lib/libx.so.1"
std::string words_of(const RootProcess& process) {
    constexpr std::size_t kMostFiles = 10;
    std::string words = process.command + " (" + std::to_string(process.pid)
        + ") runs from the directory: " + process.program;
    if (!process.files_known) {
        return words + "; what it maps cannot be read";
    }
    for (std::size_t at = 0; at < std::min(process.replaced.size(), kMostFiles); ++at) {
        words += (at == 0 ? "; it maps what was replaced: " : ", ") + process.replaced[at];
    }
    if (process.replaced.size() > kMostFiles) {
        words += " and " + std::to_string(process.replaced.size() - kMostFiles) + " more";
    }
    return process.replaced.empty() ? words + "; it maps nothing that was replaced" : words;
}

}  // namespace

std::vector<std::string> words_of(const RootProcesses& running) {
    constexpr std::size_t kMostNamed = 20;
    std::vector<std::string> words;
    for (const RootProcess& process : running.seen) {
        if (words.size() == kMostNamed) {
            words.push_back(
                "and " + counted(running.seen.size() - kMostNamed, "more runs", "more run")
                + " from the directory");
            break;
        }
        words.push_back(words_of(process));
    }
    if (running.hidden > 0) {
        words.push_back(
            counted(running.hidden, "process", "processes")
            + " may run from the directory, and only root may look at them");
    }
    return words;
}

Result<RootProcesses> processes_of_root(const std::string& directory) {
    struct stat wanted{};
    if (::stat(directory.c_str(), &wanted) != 0) {
        return failure(
            errno == ENOENT ? ErrorKind::NotFound : ErrorKind::Denied,
            "verify.cannot_look",
            directory + ": " + std::strerror(errno));
    }
    host::LocalHost host;
    THIMBLE_TRY(const auto names, host.list("/proc"));
    // What root may not look at is a container's, which keeps it from its own directories, too.
    const bool is_root = ::geteuid() == 0;
    RootProcesses found;
    for (const std::string& name : names) {
        const auto pid = number_in<std::uint32_t>(name);
        if (!pid) {
            continue;
        }
        struct stat root{};
        if (::stat(("/proc/" + name + "/root").c_str(), &root) != 0) {
            // A process may end while we look; so it does not count.
            found.hidden += !is_root && (errno == EACCES || errno == EPERM) ? 1 : 0;
            continue;
        }
        if (root.st_ino != wanted.st_ino || root.st_dev != wanted.st_dev) {
            continue;
        }
        if (auto process = ProcessLook(host, *pid).look()) {
            found.seen.push_back(*std::move(process));
        }
    }
    std::ranges::sort(found.seen, {}, &RootProcess::pid);
    return found;
}

}  // namespace thimble::verify
