#include "thimble/server/private_file.hpp"

#include "thimble/server/open_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace thimble::server {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{1} << 20U;
constexpr unsigned kOthers = 077;

Error unavailable(const char* code, const std::filesystem::path& path) {
    return failure(
        errno == ENOENT ? ErrorKind::NotFound : ErrorKind::Unavailable,
        code,
        path.string() + ": " + std::strerror(errno));
}

bool write_all(int file, std::string_view content) {
    while (!content.empty()) {
        const ssize_t written = ::write(file, content.data(), content.size());
        if (written < 0 && errno != EINTR) {
            return false;
        }
        content.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
    }
    return ::fsync(file) == 0;
}

}  // namespace

Result<void> make_private_folder(const std::filesystem::path& folder) {
    std::error_code ignored;
    std::filesystem::create_directories(folder.parent_path(), ignored);
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
        return unavailable("server.cannot_write", folder);
    }
    struct stat info{};
    if (::stat(folder.c_str(), &info) != 0) {
        return unavailable("server.cannot_write", folder);
    }
    if (!S_ISDIR(info.st_mode) || info.st_uid != ::geteuid() || (info.st_mode & kOthers) != 0) {
        return failure(
            ErrorKind::Denied,
            "server.folder_exposed",
            folder.string()
                + " must be a folder of its own, mode 0700, of the user that runs the server");
    }
    return {};
}

Result<void> write_private_file(const std::filesystem::path& file, std::string_view content) {
    const std::string beside = file.string() + ".new";
    ::unlink(beside.c_str());
    {
        const OpenFile out(::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        if (out.number() < 0 || !write_all(out.number(), content)) {
            return unavailable("server.cannot_write", beside);
        }
    }
    if (::rename(beside.c_str(), file.c_str()) != 0) {
        return unavailable("server.cannot_write", file);
    }
    const OpenFile folder(::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.number() < 0 || ::fsync(folder.number()) != 0) {
        return unavailable("server.cannot_write", file);
    }
    return {};
}

Result<std::string> read_private_file(const std::filesystem::path& file) {
    const OpenFile in(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    struct stat info{};
    if (in.number() < 0 || ::fstat(in.number(), &info) != 0) {
        return unavailable("server.cannot_read", file);
    }
    if ((info.st_mode & kOthers) != 0) {
        return failure(
            ErrorKind::Denied,
            "server.file_exposed",
            file.string() + " can be read by others: chmod 600");
    }
    std::string content;
    std::string block(std::size_t{1} << 16U, '\0');
    for (;;) {
        const ssize_t got = ::read(in.number(), block.data(), block.size());
        if (got < 0 || content.size() > kMaxBytes) {
            return unavailable("server.cannot_read", file);
        }
        if (got == 0) {
            return content;
        }
        content.append(block, 0, static_cast<std::size_t>(got));
    }
}

}  // namespace thimble::server
