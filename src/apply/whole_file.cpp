#include "thimble/apply/whole_file.hpp"

#include "thimble/host/file_access.hpp"
#include "thimble/host/replace_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
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
    return host::replace_file(path, bytes, host::Readers::Owner);
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
