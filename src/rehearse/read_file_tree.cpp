#include "thimble/rehearse/read_file_tree.hpp"

#include "thimble/base/error.hpp"
#include "thimble/base/hex.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/host/in_threads.hpp"
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
#include <atomic>
#include <cerrno>
#include <climits>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <ranges>
#include <set>
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
constexpr std::size_t kReaders = 8;
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

struct CloseFolder {
    void operator()(DIR* folder) const { ::closedir(folder); }
};

/// A folder that is still to be read. Its parent stays open for it: a path could lead elsewhere by then.
struct Folder {
    std::shared_ptr<const Descriptor> parent;  ///< null: it is the root, which is open already
    std::string path;
    int depth = 0;

    [[nodiscard]] std::string name() const { return path.substr(path.rfind('/') + 1); }
};

/// The folders that several threads have found and not yet read. The last that was found comes first, so that few parents
/// are open at a time.
class PendingFolders {
public:
    /// Where nobody waits for it.
    void put(Folder folder) { folders_.push_back(std::move(folder)); }

    /// Waits while others may still find some. What it gives must be followed by `add`.
    /// @return nothing: all have been read
    std::optional<Folder> next() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return !folders_.empty() || being_read_ == 0; });
        if (folders_.empty()) {
            return std::nullopt;
        }
        Folder folder = std::move(folders_.back());
        folders_.pop_back();
        ++being_read_;
        return folder;
    }

    /// What was found in the one that was given.
    void add(std::vector<Folder> found) {
        {
            const std::scoped_lock lock(mutex_);
            std::ranges::move(found, std::back_inserter(folders_));
            --being_read_;
        }
        changed_.notify_all();
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Folder> folders_;
    std::size_t being_read_ = 0;
};

/// What the threads have seen together.
struct Seen {
    std::atomic<std::uint64_t> files{0};
    std::atomic<std::size_t> elf{0};
};

/// What one thread reads of the tree.
class TreeWalk {
public:
    explicit TreeWalk(Seen& seen) : seen_(seen) {}

    /// @param root  what has no parent
    void walk(PendingFolders& pending, const std::shared_ptr<const Descriptor>& root) {
        while (const auto folder = pending.next()) {
            found_.clear();
            try {
                if (const auto opened = folder->parent ? open(*folder) : root) {
                    read(*folder, opened);
                }
            } catch (const std::bad_alloc&) {
                tree_.complete = false;  // the others wait for what is added
            }
            pending.add(std::move(found_));
        }
    }

    /// What is there now of one path, whose folder is open. @return the folder that it is, and that is still to be read
    std::optional<Folder> look_at(
        const std::shared_ptr<const Descriptor>& within, const std::string& path) {
        ++seen_.files;
        const auto depth = static_cast<int>(std::ranges::count(path, '/')) - 1;
        visit(Place{within, path.substr(path.rfind('/') + 1), path, DT_UNKNOWN, depth});
        if (found_.empty()) {
            return std::nullopt;
        }
        Folder folder = std::move(found_.back());
        found_.clear();
        return folder;
    }

    FileTree take() { return std::move(tree_); }

private:
    struct Place {
        const std::shared_ptr<const Descriptor>& within;
        const std::string& name;
        std::string path;
        unsigned char type;
        int depth;

        [[nodiscard]] int folder() const { return within->number(); }
    };

    /// @return null: it cannot be read
    std::shared_ptr<const Descriptor> open(const Folder& folder) {
        Descriptor opened(::openat(
            folder.parent->number(),
            folder.name().c_str(),
            O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (opened.number() < 0) {
            tree_.complete = tree_.complete && errno != EMFILE && errno != ENFILE;
            return nullptr;
        }
        return std::make_shared<const Descriptor>(std::move(opened));
    }

    void read(const Folder& folder, const std::shared_ptr<const Descriptor>& opened) {
        const int number = ::fcntl(opened->number(), F_DUPFD_CLOEXEC, 0);
        const std::unique_ptr<DIR, CloseFolder> entries(number < 0 ? nullptr : ::fdopendir(number));
        if (!entries || folder.depth > kMaxDepth) {
            tree_.complete = false;
            return;
        }
        for (;;) {
            errno = 0;  // that alone tells the end from an error
            const dirent* const entry = ::readdir(entries.get());
            if (entry == nullptr) {
                tree_.complete = tree_.complete && errno == 0;
                return;
            }
            const std::string name = static_cast<const char*>(entry->d_name);
            if (name == "." || name == "..") {
                continue;
            }
            if (++seen_.files > kMaxFiles) {
                tree_.complete = false;
                return;
            }
            visit(Place{opened, name, folder.path + "/" + name, entry->d_type, folder.depth});
        }
    }

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
            && ::fstatat(place.folder(), place.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
            return;
        }
        if (place.type == DT_DIR || S_ISDIR(status.st_mode)) {
            enter(std::move(place));
        } else if (S_ISLNK(status.st_mode)) {
            add_link(place);
        } else if (S_ISREG(status.st_mode)) {
            add_file(std::move(place), status);
        }
    }

    void enter(Place place) {
        if (std::ranges::find(kNotLookedInto, place.path) == kNotLookedInto.end()) {
            found_.push_back(
                {.parent = place.within, .path = std::move(place.path), .depth = place.depth + 1});
        }
    }

    void add_link(const Place& place) {
        std::array<char, PATH_MAX> target{};
        const ssize_t length =
            ::readlinkat(place.folder(), place.name.c_str(), target.data(), target.size());
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
        if (executable || (status.st_mode & S_IWOTH) != 0) {
            add_privileges(place, status);
        }
        if (place.path.starts_with("/etc/")) {
            tree_.etc_modes.emplace(place.path, status.st_mode & 07777U);
        }
        if (may_be_elf(place.name, status)) {
            if (seen_.elf >= kMaxElf) {
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
        if ((file.mode & (S_ISUID | S_ISGID | S_IWOTH)) != 0 || !file.capabilities.empty()) {
            tree_.privileged.emplace(place.path, std::move(file));
        }
    }

    static std::string capabilities_of(const Place& place) {
        const std::string path =
            "/proc/self/fd/" + std::to_string(place.folder()) + "/" + place.name;
        std::array<unsigned char, 64> value{};
        const ssize_t size =
            ::lgetxattr(path.c_str(), "security.capability", value.data(), value.size());
        return hex_of(std::span(value).first(static_cast<std::size_t>(std::max<ssize_t>(size, 0))));
    }

    void add_elf(Place place, const struct stat& status) {
        // Descriptors and pread, not a map: a file that shrinks under a map is our death.
        const Descriptor file(
            ::openat(place.folder(), place.name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
        if (file.number() < 0) {
            tree_.complete = tree_.complete && errno == ENOENT;
            return;
        }
        const ReadAt read = [&](std::uint64_t offset, std::span<std::byte> into) -> std::size_t {
            if (offset > static_cast<std::uint64_t>(status.st_size)) {
                return 0;
            }
            const ssize_t got =
                ::pread(file.number(), into.data(), into.size(), static_cast<off_t>(offset));
            return static_cast<std::size_t>(std::max<ssize_t>(got, 0));
        };
        if (auto object = parse_elf(read)) {
            ++seen_.elf;
            tree_.elf.emplace(
                std::move(place.path), std::make_shared<const ElfObject>(*std::move(object)));
        }
    }

    Seen& seen_;
    FileTree tree_;
    std::vector<Folder> found_;  // in the folder that is being read
};

/// Each path is of one of them.
void add_part(FileTree part, FileTree& tree) {
    tree.elf.merge(part.elf);
    tree.links.merge(part.links);
    tree.privileged.merge(part.privileged);
    tree.etc_modes.merge(part.etc_modes);
    std::ranges::move(part.schedules, std::back_inserter(tree.schedules));
    tree.complete = tree.complete && part.complete;
}

/// The walk waits for the disk more than it works: threads wait beside each other.
FileTree walk_in_threads(const std::shared_ptr<const Descriptor>& root, Seen& seen) {
    PendingFolders pending;
    pending.put(Folder{});
    FileTree tree;
    std::mutex mutex;
    host::in_threads(kReaders, [&] {
        TreeWalk walk(seen);
        walk.walk(pending, root);
        const std::scoped_lock lock(mutex);
        add_part(walk.take(), tree);
    });
    return tree;
}

/// Opens the folders of paths within a root, of which many in a row have the same.
class ParentFolder {
public:
    explicit ParentFolder(std::shared_ptr<const Descriptor> root) : root_(std::move(root)) {}

    /// Follows no link. @return null, with errno: there is none
    std::shared_ptr<const Descriptor> open(std::string_view path) {
        const std::string_view folder = folder_of(path);
        if (folder_ == nullptr || folder != path_) {
            path_ = folder;
            folder_ = root_;
            for (const auto name : std::views::split(folder, '/')) {
                if (folder_ != nullptr && !name.empty()) {
                    folder_ = step(std::string(name.begin(), name.end()));
                }
            }
        }
        return folder_;
    }

private:
    std::shared_ptr<const Descriptor> step(const std::string& name) {
        Descriptor next(::openat(
            folder_->number(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        return next.number() < 0 ? nullptr : std::make_shared<const Descriptor>(std::move(next));
    }

    std::shared_ptr<const Descriptor> root_;
    std::shared_ptr<const Descriptor> folder_;
    std::string path_;
};

/// Whether one of the folders is the path itself, or above it.
bool is_within_any(std::string_view path, const std::set<std::string_view>& folders) {
    while (!path.empty() && !folders.contains(path)) {
        path = path.substr(0, path.rfind('/'));
    }
    return !path.empty();
}

/// Forgets a path and all beneath it.
void erase_from(auto& by_path, const std::string& path) {
    by_path.erase(path);
    constexpr char kAfterSlash = '/' + 1;
    by_path.erase(by_path.lower_bound(path + "/"), by_path.lower_bound(path + kAfterSlash));
}

void forget_changed(FileTree& tree, const std::vector<std::string>& changed) {
    for (const std::string& path : changed) {
        erase_from(tree.elf, path);
        erase_from(tree.links, path);
        erase_from(tree.privileged, path);
        erase_from(tree.etc_modes, path);
    }
    const std::set<std::string_view> all(changed.begin(), changed.end());
    std::erase_if(
        tree.schedules, [&](const std::string& path) { return is_within_any(path, all); });
}

/// What is there now of the changed paths.
FileTree look_at_changed(
    const std::shared_ptr<const Descriptor>& root,
    const std::vector<std::string>& changed,
    Seen& seen) {
    TreeWalk walk(seen);
    ParentFolder parent(root);
    // Those that are read whole or not at all.
    std::set<std::string_view> folders(kNotLookedInto.begin(), kNotLookedInto.end());
    PendingFolders pending;
    bool complete = true;
    for (const std::string& path : changed) {
        if (is_within_any(folder_of(path), folders)) {
            continue;
        }
        const auto within = parent.open(path);
        if (within == nullptr) {
            complete = complete && (errno == ENOENT || errno == ENOTDIR);
        } else if (auto folder = walk.look_at(within, path)) {
            folders.insert(path);
            pending.put(*std::move(folder));
            walk.walk(pending, root);  // at once: its parent stays open until then
        }
    }
    FileTree tree = walk.take();
    tree.complete = tree.complete && complete;
    return tree;
}

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

Result<std::shared_ptr<const Descriptor>> open_root(const std::string& root) {
    Descriptor opened(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (opened.number() < 0) {
        return host::system_error(errno, root);
    }
    return std::make_shared<const Descriptor>(std::move(opened));
}

Result<FileTree> finish(FileTree tree, const Seen& seen, const std::string& root) {
    THIMBLE_TRY(const std::unique_ptr<host::RootHost> files, host::RootHost::open(root));
    tree.files_seen = seen.files;
    std::ranges::sort(tree.schedules);
    tree.loader_folders.clear();
    add_loader_file(*files, "/etc/ld.so.conf", 0, tree.loader_folders);
    for (const std::string_view folder : kDefaultFolders) {
        add_folder(tree.loader_folders, std::string(folder));
    }
    return tree;
}

}  // namespace

Result<FileTree> read_file_tree(const std::string& root) {
    THIMBLE_TRY(const auto opened, open_root(root));
    Seen seen;
    FileTree tree = walk_in_threads(opened, seen);
    return finish(std::move(tree), seen, root);
}

Result<FileTree> read_changed_files(
    const std::string& root, FileTree before, const std::vector<std::string>& changed) {
    THIMBLE_TRY(const auto opened, open_root(root));
    forget_changed(before, changed);
    Seen seen;
    seen.elf = before.elf.size();
    add_part(look_at_changed(opened, changed, seen), before);
    return finish(std::move(before), seen, root);
}

}  // namespace thimble::rehearse
