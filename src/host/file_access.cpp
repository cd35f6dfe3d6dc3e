#include "thimble/host/file_access.hpp"

#include "thimble/base/error.hpp"
#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/host.hpp"

#include <dirent.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace thimble::host {
namespace {

constexpr std::size_t kMaxNames = 1'000'000;
constexpr std::size_t kChunk = std::size_t{64} << 10;

Error too_big(std::string_view path, std::size_t limit) {
    return failure(
        ErrorKind::Invalid,
        "host.too_big",
        std::string(path) + " is larger than " + std::to_string(limit) + " bytes");
}

Result<std::size_t> read_some(int file, char* into, std::size_t count, std::string_view path) {
    for (;;) {
        const ssize_t got = ::read(file, into, count);
        if (got >= 0) {
            return static_cast<std::size_t>(got);
        }
        if (errno != EINTR) {
            return system_error(errno, path);
        }
    }
}

ErrorKind kind_of(int error_number) {
    switch (error_number) {
        case ENOENT:
        case ENOTDIR:
        case ESRCH: return ErrorKind::NotFound;
        case EACCES:
        case EPERM:
        case EROFS: return ErrorKind::Denied;
        case ELOOP:
        case EXDEV:
        case EINVAL:
        case ENAMETOOLONG: return ErrorKind::Invalid;
        default: return ErrorKind::Unavailable;
    }
}

FileType type_of(mode_t mode) {
    if (S_ISREG(mode)) {
        return FileType::Regular;
    }
    if (S_ISDIR(mode)) {
        return FileType::Directory;
    }
    return S_ISLNK(mode) ? FileType::Symlink : FileType::Other;
}

struct CloseFolder {
    void operator()(DIR* folder) const { ::closedir(folder); }
};

}  // namespace

Result<void> Host::prepare(std::span<const Question> /*questions*/) {
    return {};
}

Descriptor::~Descriptor() {
    close();
}

void Descriptor::close() {
    if (number_ >= 0) {
        ::close(number_);
        number_ = -1;
    }
}

Error system_error(int error_number, std::string_view path) {
    return failure(
        kind_of(error_number),
        "host.system",
        std::string(path) + ": " + std::generic_category().message(error_number));
}

Result<void> check_path(std::string_view path) {
    if (path.empty() || path.front() != '/' || path.contains('\0')) {
        return failure(ErrorKind::Invalid, "host.bad_path", "the path is not absolute");
    }
    return {};
}

Result<std::string> read_descriptor(
    const Descriptor& file, std::string_view path, std::size_t limit) {
    struct stat status{};
    if (::fstat(file.number(), &status) != 0) {
        return system_error(errno, path);
    }
    if (!S_ISREG(status.st_mode)) {
        return failure(
            ErrorKind::Invalid, "host.not_a_file", std::string(path) + " is not a regular file");
    }
    if (static_cast<std::uint64_t>(status.st_size) > limit) {
        return too_big(path, limit);
    }
    // One byte more than the size, so that the read after the last tells the end; files in /proc
    // have no size, and a file may grow meanwhile.
    std::string text;
    std::size_t used = 0;
    std::size_t capacity =
        status.st_size > 0 ? static_cast<std::size_t>(status.st_size) + 1 : kChunk;
    for (;;) {
        Result<std::size_t> got = std::size_t{0};
        text.resize_and_overwrite(capacity, [&](char* data, std::size_t size) {
            got = read_some(file.number(), data + used, size - used, path);
            return used + got.value_or(0);
        });
        THIMBLE_TRY(const std::size_t count, std::move(got));
        used += count;
        if (count == 0) {
            return text;
        }
        if (used > limit) {
            return too_big(path, limit);
        }
        if (used == capacity) {
            capacity *= 2;
        }
    }
}

Result<std::vector<std::string>> list_descriptor(Descriptor folder, std::string_view path) {
    const int number = ::dup(folder.number());
    const std::unique_ptr<DIR, CloseFolder> entries(number < 0 ? nullptr : ::fdopendir(number));
    if (!entries) {
        const int error_number = errno;
        if (number >= 0) {
            ::close(number);
        }
        return system_error(error_number, path);
    }
    std::vector<std::string> names;
    for (;;) {
        errno = 0;  // that alone tells the end from an error
        const dirent* const entry = ::readdir(entries.get());
        if (entry == nullptr) {
            break;
        }
        const std::string_view name = static_cast<const char*>(entry->d_name);
        if (name == "." || name == "..") {
            continue;
        }
        if (names.size() == kMaxNames) {
            return too_big(path, kMaxNames);
        }
        names.emplace_back(name);
    }
    if (errno != 0) {
        return system_error(errno, path);
    }
    std::ranges::sort(names);
    return names;
}

Result<FileInfo> look_at_descriptor(const Descriptor& file, std::string_view path) {
    struct stat status{};
    if (::fstat(file.number(), &status) != 0) {
        return system_error(errno, path);
    }
    return FileInfo{
        .type = type_of(status.st_mode),
        .size = static_cast<std::uint64_t>(status.st_size),
        .inode = status.st_ino,
        .device_major = major(status.st_dev),
        .device_minor = minor(status.st_dev),
        .modified_at = Instant(std::chrono::seconds(status.st_mtim.tv_sec)),
        .changed_at = Instant(std::chrono::seconds(status.st_ctim.tv_sec)),
    };
}

Result<std::string> read_link_descriptor(const Descriptor& link, std::string_view path) {
    std::array<char, PATH_MAX> target{};
    const ssize_t length = ::readlinkat(link.number(), "", target.data(), target.size());
    if (length < 0) {
        return system_error(errno == ENOENT ? EINVAL : errno, path);
    }
    return std::string(target.data(), static_cast<std::size_t>(length));
}

}  // namespace thimble::host
