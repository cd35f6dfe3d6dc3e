#include "thimble/host/replace_file.hpp"

#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/host/write_all.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

namespace thimble::host {
namespace {

Error cannot_write(const std::string& path, int error_number) {
    return because("it cannot be written", system_error(error_number, path));
}

/// A rename is durable only when its folder is synced too.
Result<void> sync_folder_of(const std::string& path) {
    const std::string parent = std::filesystem::path(path).parent_path().string();
    const Descriptor folder(
        ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.number() < 0 || ::fsync(folder.number()) != 0) {
        return cannot_write(parent, errno);
    }
    return {};
}

}  // namespace

Result<void> replace_file(const std::string& path, std::string_view bytes, Readers readers) {
    std::error_code ignored;
    const auto there = std::filesystem::symlink_status(path, ignored).type();
    if (there != std::filesystem::file_type::not_found
        && there != std::filesystem::file_type::regular) {
        return failure(
            ErrorKind::Invalid, "host.not_a_file", path + " is there and is no regular file");
    }
    std::string beside = path + ".XXXXXX";
    const Descriptor file(::mkostemp(beside.data(), O_CLOEXEC));
    if (file.number() < 0) {
        return cannot_write(path, errno);
    }
    const mode_t mode = readers == Readers::Owner ? 0600 : 0644;
    if (!write_all(file.number(), bytes) || ::fchmod(file.number(), mode) != 0
        || ::fsync(file.number()) != 0 || std::rename(beside.c_str(), path.c_str()) != 0) {
        const Error error = cannot_write(path, errno);
        ::unlink(beside.c_str());
        return error;
    }
    return sync_folder_of(path);
}

}  // namespace thimble::host
