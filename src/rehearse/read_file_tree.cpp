#include "thimble/rehearse/read_file_tree.hpp"

#include "thimble/base/error.hpp"
#include "thimble/base/hex.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/host/root_host.hpp"
#include "thimble/rehearse/elf_object.hpp"
#include "thimble/rehearse/file_tree.hpp"
#include "thimble/rehearse/parse_loader_path.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::rehearse {
namespace {

using host::Descriptor;

constexpr std::uint64_t kMaxFiles = 5'000'000;
constexpr std::size_t kMaxElf = 200'000;
constexpr int kMaxDepth = 200;
constexpr int kMaxIncludes = 8;
constexpr std::size_t kConfLimit = std::size_t{1} << 20;

constexpr auto kNotLookedInto =
    std::to_array<std::string_view>({"/proc", "/sys", "/dev", "/run", "/tmp"});

// Where systemd and cron look for what is to be run by time.
constexpr auto kScheduleFolders = std::to_array<std::string_view>(
    {"/etc/cron.d/",
     "/etc/cron.hourly/",
     "/etc/cron.daily/",
     "/etc/cron.weekly/",
     "/etc/cron.monthly/",
     "/var/spool/cron/"});
constexpr auto kUnitFolders =
    std::to_array<std::string_view>({"/etc/systemd/", "/usr/lib/systemd/", "/lib/systemd/"});

/// @source ld.so(8): what is looked into after the cache
constexpr auto kDefaultFolders = std::to_array<std::string_view>(
    {"/lib64", "/usr/lib64", "/lib", "/usr/lib", "/lib32", "/usr/lib32"});

bool starts_with_any(std::string_view path, auto&& prefixes) {
    return std::ranges::any_of(
        prefixes, [&](std::string_view prefix) { return path.starts_with(prefix); });
}

bool is_schedule(std::string_view path) {
    return starts_with_any(path, kScheduleFolders) || path == "/etc/crontab"
        || path == "/etc/anacrontab"
        || (path.ends_with(".timer") && starts_with_any(path, kUnitFolders));
}

/// Libraries need not be executable, programs are; .node is node's, .bundle and .so ruby's.
bool may_be_elf(const std::string& name, const struct stat& status) {
    constexpr std::size_t kLeastElf = 52;
    return status.st_size >= static_cast<off_t>(kLeastElf)
        && ((status.st_mode & 0111U) != 0 || name.contains(".so") || name.ends_with(".node"));
}

std::int64_t nanoseconds(const timespec& time) {
    return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

FileIdentity identity_of(const struct stat& status) {
    return {
        .device = status.st_dev,
        .inode = status.st_ino,
        .size = static_cast<std::uint64_t>(status.st_size),
        .modified_ns = nanoseconds(status.st_mtim),
        .changed_ns = nanoseconds(status.st_ctim)};
}

struct CloseFolder {
    void operator()(DIR* folder) const { ::closedir(folder); }
};

class TreeWalk {
public:
    explicit TreeWalk(const TreeReading& reading) : reading_(reading) {}

    void walk(Descriptor folder, const std::string& prefix, int depth) {
        const int number = ::dup(folder.number());
        const std::unique_ptr<DIR, CloseFolder> entries(number < 0 ? nullptr : ::fdopendir(number));
        if (!entries || depth > kMaxDepth) {
            tree_.complete = false;
            return;
        }
        while (const dirent* entry = ::readdir(entries.get())) {
            const std::string name = static_cast<const char*>(entry->d_name);
            if (name == "." || name == "..") {
                continue;
            }
            if (++tree_.files_seen > kMaxFiles) {
                tree_.complete = false;
                return;
            }
            std::string path = prefix;
            path.append("/").append(name);
            visit(Place{folder, name, std::move(path), entry->d_type, depth});
        }
    }

    FileTree take() {
        std::ranges::sort(tree_.schedules);
        return std::move(tree_);
    }

private:
    struct Place {
        const Descriptor& folder;
        const std::string& name;
        std::string path;
        unsigned char type;
        int depth;
    };

    void visit(Place place) {
        struct stat status{};
        if (place.type == DT_LNK) {
            add_link(place);
            return;
        }
        if (place.type != DT_DIR && place.type != DT_REG && place.type != DT_UNKNOWN) {
            return;
        }
        if (place.type != DT_DIR
            && ::fstatat(place.folder.number(), place.name.c_str(), &status, AT_SYMLINK_NOFOLLOW)
                != 0) {
            return;
        }
        if (place.type == DT_DIR || S_ISDIR(status.st_mode)) {
            enter(place);
        } else if (S_ISLNK(status.st_mode)) {
            add_link(place);
        } else if (S_ISREG(status.st_mode)) {
            add_file(std::move(place), status);
        }
    }

    void enter(const Place& place) {
        if (std::ranges::find(kNotLookedInto, place.path) != kNotLookedInto.end()
            || std::ranges::find(reading_.skipped, place.path) != reading_.skipped.end()) {
            return;
        }
        Descriptor inner(::openat(
            place.folder.number(),
            place.name.c_str(),
            O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (inner.number() >= 0) {
            walk(std::move(inner), place.path, place.depth + 1);
        }
    }

    void add_link(const Place& place) {
        std::array<char, PATH_MAX> target{};
        const ssize_t length =
            ::readlinkat(place.folder.number(), place.name.c_str(), target.data(), target.size());
        if (length > 0) {
            tree_.links.emplace(
                place.path, std::string(target.data(), static_cast<std::size_t>(length)));
        }
    }

    void add_file(Place place, const struct stat& status) {
        if (is_schedule(place.path)) {
            tree_.schedules.push_back(place.path);
        }
        const bool executable = (status.st_mode & 0111U) != 0;
        if (executable) {
            add_privileges(place, status);
        }
        if (may_be_elf(place.name, status)) {
            if (tree_.elf.size() >= kMaxElf) {
                tree_.complete = false;
                return;
            }
            add_elf(std::move(place), status);
        }
    }

    void add_privileges(const Place& place, const struct stat& status) {
        PrivilegedFile file{
            .mode = status.st_mode & 07777U,
            .uid = status.st_uid,
            .gid = status.st_gid,
            .capabilities = capabilities_of(place)};
        if ((file.mode & (S_ISUID | S_ISGID)) != 0 || !file.capabilities.empty()) {
            tree_.privileged.emplace(place.path, std::move(file));
        }
    }

    static std::string capabilities_of(const Place& place) {
        const std::string path =
            "/proc/self/fd/" + std::to_string(place.folder.number()) + "/" + place.name;
        std::array<unsigned char, 64> value{};
        const ssize_t size =
            ::lgetxattr(path.c_str(), "security.capability", value.data(), value.size());
        return hex_of(std::span(value).first(static_cast<std::size_t>(std::max<ssize_t>(size, 0))));
    }

    void add_elf(Place place, const struct stat& status) {
        const FileIdentity identity = identity_of(status);
        if (reading_.earlier != nullptr) {
            const auto known = reading_.earlier->elf.find(place.path);
            if (known != reading_.earlier->elf.end() && known->second.identity == identity) {
                tree_.elf.emplace(std::move(place.path), known->second);
                return;
            }
        }
        // Descriptors and pread, not a map: a file that shrinks under a map is our death.
        const Descriptor file(
            ::openat(place.folder.number(), place.name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
        const ReadAt read = [&](std::uint64_t offset, std::span<std::byte> into) -> std::size_t {
            if (offset > static_cast<std::uint64_t>(status.st_size)) {
                return 0;
            }
            const ssize_t got =
                ::pread(file.number(), into.data(), into.size(), static_cast<off_t>(offset));
            return static_cast<std::size_t>(std::max<ssize_t>(got, 0));
        };
        if (auto object = parse_elf(read)) {
            tree_.elf.emplace(
                std::move(place.path),
                ElfFile{
                    .identity = identity,
                    .object = std::make_shared<const ElfObject>(*std::move(object))});
        }
    }

    const TreeReading& reading_;
    FileTree tree_;
};

void add_folder(std::vector<std::string>& folders, std::string folder) {
    if (std::ranges::find(folders, folder) == folders.end()) {
        folders.push_back(std::move(folder));
    }
}

/// Follows "include" lines; a pattern may only stand in the last component, as it does everywhere.
void add_loader_file(
    host::RootHost& files, const std::string& path, int depth, std::vector<std::string>& folders) {
    const auto text = files.read_file(path, kConfLimit);
    if (!text || depth > kMaxIncludes) {
        return;
    }
    for (const LoaderPathLine& line : parse_loader_path(*text)) {
        if (!line.include) {
            add_folder(folders, line.text);
            continue;
        }
        const std::string pattern =
            line.text.starts_with('/') ? line.text : std::string(folder_of(path)) + "/" + line.text;
        const std::string folder(folder_of(pattern));
        const std::string last = pattern.substr(pattern.rfind('/') + 1);
        const auto names = files.list(folder);
        for (const std::string& name : names ? *names : std::vector<std::string>()) {
            if (::fnmatch(last.c_str(), name.c_str(), FNM_PERIOD) == 0) {
                add_loader_file(
                    files, std::string(folder).append("/").append(name), depth + 1, folders);
            }
        }
    }
}

}  // namespace

Result<FileTree> read_file_tree(const TreeReading& reading) {
    THIMBLE_TRY(const std::unique_ptr<host::RootHost> files, host::RootHost::open(reading.root));
    Descriptor root(::open(reading.root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (root.number() < 0) {
        return host::system_error(errno, reading.root);
    }
    TreeWalk walk(reading);
    walk.walk(std::move(root), "", 0);
    FileTree tree = walk.take();
    add_loader_file(*files, "/etc/ld.so.conf", 0, tree.loader_folders);
    for (const std::string_view folder : kDefaultFolders) {
        add_folder(tree.loader_folders, std::string(folder));
    }
    return tree;
}

}  // namespace thimble::rehearse
