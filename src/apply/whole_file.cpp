#include "thimble/apply/whole_file.hpp"

#include "thimble/host/file_access.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace thimble::apply {
namespace {

Error cannot(const char* what, const char* code, const std::string& path, int error) {
    ErrorKind kind = ErrorKind::Unavailable;
    if (error == ENOENT) {
        kind = ErrorKind::NotFound;
    } else if (error == EACCES || error == EROFS) {
        kind = ErrorKind::Denied;
    }
    return failure(kind, code, path + " cannot be " + what + ": " + std::strerror(error));
}

Error cannot_write(const std::string& path) {
    return cannot("written", "apply.cannot_write", path, errno);
}

bool write_all(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return ::fsync(descriptor) == 0;
}

}  // namespace

Result<std::string> read_whole_file(const std::string& path, std::size_t limit) {
    const host::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (file.number() < 0) {
        return cannot("read", "apply.cannot_read", path, errno);
    }
    auto bytes = host::read_descriptor(file, path, limit);
    if (!bytes && bytes.error().code == "host.too_big") {
        return failure(ErrorKind::Invalid, "apply.too_big", path + " is too large");
    }
    return bytes;
}

Result<void> write_whole_file(const std::string& path, std::string_view bytes) {
    const std::string beside = path + ".new";
    constexpr mode_t kPrivate = 0600;
    const host::Descriptor file(
        ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, kPrivate));
    if (file.number() < 0) {
        return cannot_write(beside);
    }
    if (!write_all(file.number(), bytes) || std::rename(beside.c_str(), path.c_str()) != 0) {
        const Error error = cannot_write(path);
        ::unlink(beside.c_str());
        return error;
    }
    const std::string parent = std::filesystem::path(path).parent_path().string();
    const host::Descriptor folder(
        ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.number() < 0 || ::fsync(folder.number()) != 0) {
        return cannot_write(parent);
    }
    return {};
}

Result<void> make_folder(const std::string& path) {
    std::error_code error;
    const std::filesystem::path folder(path);
    if (folder.has_parent_path()) {
        std::filesystem::create_directories(folder.parent_path(), error);
    }
    constexpr mode_t kPrivate = 0700;
    if (::mkdir(path.c_str(), kPrivate) != 0 && errno != EEXIST) {
        return cannot_write(path);
    }
    return {};
}

}  // namespace thimble::apply
