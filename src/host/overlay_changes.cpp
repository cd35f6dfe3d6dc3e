#include "thimble/host/overlay_changes.hpp"

#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/file_access.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/types.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::host {
namespace {

constexpr std::size_t kMaxChanges = 2'000'000;
constexpr int kMaxDepth = 200;  // two descriptors each
constexpr std::string_view kOverlayPrefix = "trusted.overlay.";

struct Entry {
    const Descriptor* folder = nullptr;  // null: there is none
    std::string name;

    [[nodiscard]] std::optional<struct stat> look() const {
        struct stat status{};
        if (folder == nullptr
            || ::fstatat(folder->number(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
            return std::nullopt;
        }
        return status;
    }
    [[nodiscard]] Descriptor open(int flags) const {
        return Descriptor(::openat(folder->number(), name.c_str(), flags | O_NOFOLLOW | O_CLOEXEC));
    }
    /// A path for calls that take no folder; the last component may be a link.
    [[nodiscard]] std::string path() const {
        return "/proc/self/fd/" + std::to_string(folder->number()) + "/" + name;
    }
};

/// Names and values, without the overlay's own.
std::map<std::string, std::string> attributes_of(const Entry& entry) {
    std::map<std::string, std::string> attributes;
    std::array<char, 4096> names{};
    const ssize_t length = ::llistxattr(entry.path().c_str(), names.data(), names.size());
    std::string_view rest(names.data(), static_cast<std::size_t>(std::max<ssize_t>(length, 0)));
    while (!rest.empty()) {
        const std::string name(rest.substr(0, rest.find('\0')));
        rest.remove_prefix(std::min(name.size() + 1, rest.size()));
        if (name.starts_with(kOverlayPrefix)) {
            continue;
        }
        std::array<char, 4096> value{};
        const ssize_t size =
            ::lgetxattr(entry.path().c_str(), name.c_str(), value.data(), value.size());
        attributes[name].assign(value.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    }
    return attributes;
}

bool has_overlay_attribute(const Entry& entry, const char* name) {
    const std::string full = std::string(kOverlayPrefix) + name;
    return ::lgetxattr(entry.path().c_str(), full.c_str(), nullptr, 0) >= 0;
}

bool has_same_bytes(const Entry& one, const Entry& other) {
    const Descriptor left = one.open(O_RDONLY | O_NONBLOCK);
    const Descriptor right = other.open(O_RDONLY | O_NONBLOCK);
    std::vector<char> left_bytes(std::size_t{1} << 18);
    std::vector<char> right_bytes(left_bytes.size());
    for (off_t at = 0;;) {
        const ssize_t got = ::pread(left.number(), left_bytes.data(), left_bytes.size(), at);
        const ssize_t want = ::pread(right.number(), right_bytes.data(), right_bytes.size(), at);
        if (got != want || got < 0) {
            return false;
        }
        if (got == 0) {
            return true;
        }
        if (!std::equal(left_bytes.begin(), left_bytes.begin() + got, right_bytes.begin())) {
            return false;
        }
        at += got;
    }
}

std::string target_of(const Entry& link) {
    std::array<char, PATH_MAX> target{};
    const ssize_t length =
        ::readlinkat(link.folder->number(), link.name.c_str(), target.data(), target.size());
    return {target.data(), static_cast<std::size_t>(std::max<ssize_t>(length, 0))};
}

/// Whether the bytes of a file of which only the rest was copied are those beneath it. One that was renamed or linked says whose
/// they are: a name in the same folder, or a path within the layer.
/// @param place  path of the file within its layer
bool has_own_bytes(const Entry& upper, std::string_view place) {
    const std::string full = std::string(kOverlayPrefix) + "redirect";
    std::array<char, PATH_MAX> value{};
    const ssize_t size =
        ::lgetxattr(upper.path().c_str(), full.c_str(), value.data(), value.size());
    if (size < 0) {
        return errno == ENODATA;
    }
    const std::string_view whose(value.data(), static_cast<std::size_t>(size));
    return whose == (whose.starts_with('/') ? place : std::string_view(upper.name));
}

/// @param place  path within the layer
bool is_same(
    const Entry& upper, const struct stat& now, const Entry& lower, std::string_view place) {
    const auto before = lower.look();
    if (!before || before->st_mode != now.st_mode || before->st_uid != now.st_uid
        || before->st_gid != now.st_gid || before->st_rdev != now.st_rdev) {
        return false;
    }
    if (S_ISLNK(now.st_mode)) {
        return target_of(upper) == target_of(lower);
    }
    if (attributes_of(upper) != attributes_of(lower)) {
        return false;
    }
    if (!S_ISREG(now.st_mode)) {
        return true;
    }
    if (has_overlay_attribute(upper, "metacopy")) {
        return has_own_bytes(upper, place);
    }
    return before->st_size == now.st_size && has_same_bytes(upper, lower);
}

std::string joined(std::string folder, const std::string& name) {
    return folder.append("/").append(name);
}

/// One folder of both layers.
struct Layers {
    const Descriptor& upper;
    const Descriptor* lower = nullptr;  ///< null: there is none
    const std::string& path;
    int depth = 0;
    bool opaque = false;  ///< it, or one above it: nothing of the lower one is seen through it
};

class Comparison {
public:
    /// @param layer  what the paths of a layer begin with
    Comparison(std::string_view layer, std::vector<std::string>& changes)
        : layer_(layer), changes_(changes) {}

    Result<void> compare_folder(const Layers& folder) {
        if (folder.depth > kMaxDepth || changes_.size() > kMaxChanges) {
            return failure(
                ErrorKind::Invalid,
                "host.too_big",
                "the clone has changed more than can be listed");
        }
        if (folder.opaque && folder.lower != nullptr) {
            THIMBLE_TRY(add_hidden(folder.upper, *folder.lower, folder.path));
        }
        THIMBLE_TRY(
            const std::vector<std::string> names,
            list_descriptor(copy_of(folder.upper), folder.path));
        for (const std::string& name : names) {
            THIMBLE_TRY(compare_entry(folder, name));
        }
        return {};
    }

private:
    /// What an opaque folder no longer shows of the one beneath it.
    Result<void> add_hidden(
        const Descriptor& upper, const Descriptor& lower, const std::string& prefix) {
        THIMBLE_TRY(const std::vector<std::string> names, list_descriptor(copy_of(lower), prefix));
        for (const std::string& name : names) {
            if (!Entry{.folder = &upper, .name = name}.look()) {
                changes_.push_back(joined(prefix, name));
            }
        }
        return {};
    }

    static Descriptor copy_of(const Descriptor& folder) {
        return Descriptor(::openat(folder.number(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    }

    Result<void> compare_entry(const Layers& folder, const std::string& name) {
        const Entry upper{.folder = &folder.upper, .name = name};
        const Entry lower{.folder = folder.lower, .name = name};
        const std::string path = joined(folder.path, name);
        const auto now = upper.look();
        if (!now) {
            return {};
        }
        const bool whiteout = S_ISCHR(now->st_mode) && now->st_rdev == makedev(0, 0);
        if (whiteout || !S_ISDIR(now->st_mode)) {
            const bool unchanged =
                whiteout ? !lower.look() : is_same(upper, *now, lower, within_layer(path));
            if (!unchanged) {
                changes_.push_back(path);
            }
            return {};
        }
        const bool moved = has_overlay_attribute(upper, "redirect");
        if (moved || !is_same(upper, *now, lower, within_layer(path))) {
            changes_.push_back(path);
        }
        return compare_subfolder(folder, upper, moved ? Entry{} : lower, path);
    }

    Result<void> compare_subfolder(
        const Layers& folder, const Entry& upper, const Entry& lower, const std::string& path) {
        const Descriptor upper_folder = upper.open(O_RDONLY | O_DIRECTORY);
        if (upper_folder.number() < 0) {
            return system_error(errno, path);
        }
        Descriptor lower_folder;
        if (lower.folder != nullptr) {
            lower_folder = lower.open(O_RDONLY | O_DIRECTORY);
        }
        return compare_folder(
            {.upper = upper_folder,
             .lower = lower_folder.number() >= 0 ? &lower_folder : nullptr,
             .path = path,
             .depth = folder.depth + 1,
             .opaque = folder.opaque || has_overlay_attribute(upper, "opaque")});
    }

    [[nodiscard]] std::string_view within_layer(std::string_view path) const {
        return path.substr(layer_.size());
    }

    std::string_view layer_;
    std::vector<std::string>& changes_;
};

}  // namespace

Result<void> add_overlay_changes(
    const std::string& upper,
    const std::string& lower,
    const std::string& prefix,
    std::vector<std::string>& changes) {
    const Descriptor upper_folder(::open(upper.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const Descriptor lower_folder(::open(lower.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (upper_folder.number() < 0 || lower_folder.number() < 0) {
        return system_error(errno, upper_folder.number() < 0 ? upper : lower);
    }
    return Comparison(prefix, changes)
        .compare_folder({.upper = upper_folder, .lower = &lower_folder, .path = prefix});
}

}  // namespace thimble::host
