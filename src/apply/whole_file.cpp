#include "thimble/apply/whole_file.hpp"

#include "thimble/host/file_access.hpp"
#include "thimble/host/replace_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
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

Result<std::vector<std::string>> names_in(const std::string& folder) {
    std::vector<std::string> names;
    std::error_code error;
    for (auto entry = std::filesystem::directory_iterator(folder, error);
         !error && entry != std::filesystem::directory_iterator();
         entry.increment(error)) {
        if (entry->symlink_status(error).type() == std::filesystem::file_type::regular) {
            names.push_back(entry->path().filename().string());
        }
    }
    if (error && error != std::errc::no_such_file_or_directory) {
        return cannot("read", "apply.cannot_read", folder, error.value());
    }
    std::ranges::sort(names);
    return names;
}

Result<void> settle_files(const std::string& folder, std::span<const std::string> names) {
    const auto settle = [](const std::string& path, int kind) -> Result<void> {
        const host::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | kind));
        if (file.number() < 0 && errno == ENOENT) {
            return {};
        }
        if (file.number() < 0 || ::fsync(file.number()) != 0) {
            return cannot_write(path);
        }
        return {};
    };
    for (const std::string& name : names) {
        THIMBLE_TRY(settle(std::string(folder).append("/").append(name), O_NOFOLLOW));
    }
    return settle(folder, O_DIRECTORY);
}

}  // namespace thimble::apply
