#include "thimble/apply/configuration.hpp"

#include "thimble/apply/whole_file.hpp"
#include "thimble/base/digest.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/host/root_host.hpp"
#include "thimble/host/write_all.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <optional>
#include <utility>

namespace thimble::apply {
namespace {

constexpr std::size_t kMaxFile = std::size_t{16} << 20;
constexpr std::uint32_t kModeBits = 07777;

/// A path split at its last "/", the folder opened beneath a root.
struct Place {
    host::Descriptor folder;
    std::string name;
};

Result<Place> place_of(const host::Descriptor& root, const std::string& path) {
    const std::size_t slash = path.rfind('/');
    const std::string folder = slash == 0 ? "/" : path.substr(0, slash);
    Place place;
    place.name = path.substr(slash + 1);
    THIMBLE_TRY(place.folder, host::open_beneath(root, folder, O_RDONLY | O_DIRECTORY));
    return place;
}

Result<host::Descriptor> open_root(const std::string& root) {
    host::Descriptor opened(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (opened.number() < 0) {
        return host::system_error(errno, root);
    }
    return opened;
}

std::optional<std::string> contents_of(const Place& place, const struct stat& info) {
    if (S_ISLNK(info.st_mode)) {
        std::array<char, 4096> target{};
        const ssize_t length =
            ::readlinkat(place.folder.number(), place.name.c_str(), target.data(), target.size());
        if (length < 0) {
            return std::nullopt;
        }
        return std::string(target.data(), static_cast<std::size_t>(length));
    }
    const host::Descriptor file(::openat(
        place.folder.number(), place.name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!S_ISREG(info.st_mode) || file.number() < 0) {
        return std::nullopt;
    }
    auto bytes = host::read_descriptor(file, place.name, kMaxFile);
    return bytes ? std::optional{*std::move(bytes)} : std::nullopt;
}

struct Seen {
    KeptFile file;
    std::string contents;
};

/// @return nothing for what is neither absent, a file nor a link, or cannot be read
std::optional<Seen> see(const host::Descriptor& root, const std::string& path) {
    Seen seen;
    seen.file.path = path;
    const auto place = place_of(root, path);
    if (!place) {
        return place.error().kind == ErrorKind::NotFound ? std::optional{seen} : std::nullopt;
    }
    struct stat info{};
    if (::fstatat(place->folder.number(), place->name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
        return errno == ENOENT ? std::optional{seen} : std::nullopt;
    }
    auto contents = contents_of(*place, info);
    if (!contents) {
        return std::nullopt;
    }
    seen.contents = *std::move(contents);
    seen.file.kind = S_ISLNK(info.st_mode) ? KeptKind::Link : KeptKind::File;
    seen.file.sha256 = sha256_of(seen.contents);
    seen.file.mode = info.st_mode & kModeBits;
    seen.file.owner = info.st_uid;
    seen.file.group = info.st_gid;
    seen.file.modified_seconds = info.st_mtim.tv_sec;
    return seen;
}

Error cannot_restore(const std::string& path) {
    Error error = host::system_error(errno, path);
    error.code = "apply.not_restored";
    return error;
}

/// A power cut must not bring back what was there before.
Result<void> settle(const Place& place, const std::string& path) {
    if (::fsync(place.folder.number()) != 0) {
        return cannot_restore(path);
    }
    return {};
}

Result<void> put_file(const Place& place, const KeptFile& file, std::string_view contents) {
    const std::string beside = place.name + ".thimble-new";
    ::unlinkat(place.folder.number(), beside.c_str(), 0);
    constexpr mode_t kPrivate = 0600;
    const host::Descriptor made(::openat(
        place.folder.number(),
        beside.c_str(),
        O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
        kPrivate));
    if (made.number() < 0) {
        return cannot_restore(file.path);
    }
    if (!host::write_all(made.number(), contents)) {
        return cannot_restore(file.path);
    }
    const std::array<timespec, 2> times{
        timespec{.tv_sec = file.modified_seconds, .tv_nsec = 0},
        timespec{.tv_sec = file.modified_seconds, .tv_nsec = 0}};
    if (::fchown(made.number(), file.owner, file.group) != 0
        || ::fchmod(made.number(), file.mode) != 0 || ::futimens(made.number(), times.data()) != 0
        || ::fsync(made.number()) != 0
        || ::renameat(
               place.folder.number(), beside.c_str(), place.folder.number(), place.name.c_str())
            != 0) {
        return cannot_restore(file.path);
    }
    return settle(place, file.path);
}

/// A copy that is named by its digest: it is settled with the archives, and what a kill leaves of it is seen by its name.
Result<void> write_copy(const std::string& path, std::string_view contents) {
    if (const auto there = read_whole_file(path, kMaxFile); there && *there == contents) {
        return {};  // nothing that is kept is ever open to a kill again
    }
    constexpr mode_t kPrivate = 0600;
    const host::Descriptor file(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, kPrivate));
    if (file.number() < 0 || !host::write_all(file.number(), contents)) {
        Error error = host::system_error(errno, path);
        error.code = "apply.cannot_write";
        return error;
    }
    return {};
}

Result<void> put_link(const Place& place, const KeptFile& file, const std::string& target) {
    const std::string beside = place.name + ".thimble-new";
    ::unlinkat(place.folder.number(), beside.c_str(), 0);
    if (::symlinkat(target.c_str(), place.folder.number(), beside.c_str()) != 0
        || ::fchownat(
               place.folder.number(), beside.c_str(), file.owner, file.group, AT_SYMLINK_NOFOLLOW)
            != 0
        || ::renameat(
               place.folder.number(), beside.c_str(), place.folder.number(), place.name.c_str())
            != 0) {
        return cannot_restore(file.path);
    }
    return settle(place, file.path);
}

Result<void> restore_one(
    const host::Descriptor& root, const KeptFile& file, const std::string& folder) {
    THIMBLE_TRY(const Place place, place_of(root, file.path));
    if (file.kind == KeptKind::Absent) {
        if (::unlinkat(place.folder.number(), place.name.c_str(), 0) != 0 && errno != ENOENT) {
            return cannot_restore(file.path);
        }
        return settle(place, file.path);
    }
    THIMBLE_TRY(const std::string contents, read_whole_file(folder + "/" + file.sha256, kMaxFile));
    if (sha256_of(contents) != file.sha256) {
        return failure(
            ErrorKind::Corrupt,
            "apply.wrong_archive",
            "the kept copy of " + file.path + " is damaged");
    }
    return file.kind == KeptKind::Link ? put_link(place, file, contents)
                                       : put_file(place, file, contents);
}

}  // namespace

std::vector<KeptFile> look_at_configuration(
    const std::string& root, std::span<const std::string> paths) {
    std::vector<KeptFile> files;
    const auto opened = open_root(root);
    if (!opened) {
        return files;
    }
    for (const std::string& path : paths) {
        if (auto seen = see(*opened, path)) {
            files.push_back(std::move(seen->file));
        }
    }
    return files;
}

Result<std::vector<KeptFile>> keep_configuration(
    const std::string& root, std::span<const std::string> paths, const std::string& folder) {
    std::vector<KeptFile> files;
    THIMBLE_TRY(const host::Descriptor opened, open_root(root));
    for (const std::string& path : paths) {
        const auto seen = see(opened, path);
        if (!seen) {
            continue;
        }
        if (seen->file.kind != KeptKind::Absent) {
            THIMBLE_TRY(write_copy(folder + "/" + seen->file.sha256, seen->contents));
        }
        files.push_back(seen->file);
    }
    return files;
}

Result<std::vector<std::string>> restore_configuration(
    const std::string& root, std::span<const KeptFile> kept, const std::string& folder) {
    std::vector<std::string> restored;
    THIMBLE_TRY(const host::Descriptor opened, open_root(root));
    for (const KeptFile& file : kept) {
        const auto now = see(opened, file.path);
        if (!now || now->file == file) {
            continue;
        }
        THIMBLE_TRY(restore_one(opened, file, folder));
        restored.push_back(file.path);
    }
    return restored;
}

}  // namespace thimble::apply
