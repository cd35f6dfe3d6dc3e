#include "thimble/catalog/builder.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace thimble::catalog {
namespace {

Error unwritable(const std::string& path, int error) {
    return failure(
        ErrorKind::Denied,
        "catalog.unwritable",
        "cannot write " + path + ": " + std::strerror(error));
}

bool write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

/// A rename is durable only when its directory is synced too.
void sync_directory(const std::string& path) {
    const std::string parent = std::filesystem::path(path).parent_path().string();
    const int fd =
        ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        ::fsync(fd);
        ::close(fd);
    }
}

}  // namespace

Result<void> replace_file(const std::string& path, std::string_view bytes) {
    std::error_code ignored;
    const auto there = std::filesystem::symlink_status(path, ignored).type();
    if (there != std::filesystem::file_type::not_found
        && there != std::filesystem::file_type::regular) {
        // A rename would put a file in the place of a device, a link or a directory.
        return failure(
            ErrorKind::Denied, "catalog.unwritable", path + " is there and is no regular file");
    }
    std::string temporary = path + ".XXXXXX";
    const int fd = ::mkstemp(temporary.data());
    if (fd < 0) {
        return unwritable(path, errno);
    }
    const bool written = write_all(fd, bytes) && ::fchmod(fd, 0644) == 0 && ::fsync(fd) == 0;
    const int write_error = errno;
    ::close(fd);
    if (!written || std::rename(temporary.c_str(), path.c_str()) != 0) {
        const int error = written ? errno : write_error;
        ::unlink(temporary.c_str());
        return unwritable(path, error);
    }
    sync_directory(path);
    return {};
}

}  // namespace thimble::catalog
