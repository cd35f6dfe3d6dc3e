#include "thimble/feeds/state_files.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>
#include <utility>

namespace thimble::feeds {
namespace {

namespace fs = std::filesystem;

/// A descriptor that closes itself.
class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    Descriptor(Descriptor&&) = delete;
    Descriptor& operator=(Descriptor&&) = delete;
    ~Descriptor() {
        if (number_ >= 0) {
            ::close(number_);
        }
    }
    [[nodiscard]] int number() const { return number_; }

private:
    int number_;
};

Result<void> flush(const fs::path& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.number() < 0 || ::fsync(file.number()) != 0) {
        return cannot_write(path, errno);
    }
    return {};
}

Result<void> write_all(const Descriptor& file, std::string_view content, const fs::path& path) {
    while (!content.empty()) {
        const ssize_t written = ::write(file.number(), content.data(), content.size());
        if (written < 0 && errno != EINTR) {
            return cannot_write(path, errno);
        }
        content.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
    }
    return {};
}

}  // namespace

Error cannot_write(const fs::path& path, int error_number) {
    return failure(
        ErrorKind::Unavailable,
        kCannotWrite,
        path.string() + " cannot be written: " + std::system_category().message(error_number));
}

Result<std::string> read_small_file(const fs::path& file, std::uint64_t limit) {
    std::ifstream stream(file, std::ios::binary);
    std::error_code status;
    const std::uint64_t size = fs::file_size(file, status);
    if (!stream || status) {
        return failure(ErrorKind::NotFound, "feeds.no_file", file.string() + " cannot be opened");
    }
    if (size > limit) {
        return failure(
            ErrorKind::Unavailable,
            "feeds.cannot_read",
            file.string() + " has more than " + std::to_string(limit) + " bytes");
    }
    std::string content(size, '\0');
    stream.read(content.data(), static_cast<std::streamsize>(content.size()));
    if (static_cast<std::uint64_t>(stream.gcount()) != size) {
        return failure(
            ErrorKind::Unavailable, "feeds.cannot_read", file.string() + " cannot be read");
    }
    return content;
}

Result<void> write_atomically(const fs::path& file, std::string_view content, unsigned mode) {
    fs::path temporary = file;
    temporary += ".new";
    {
        const Descriptor out(
            ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode));
        if (out.number() < 0) {
            return cannot_write(temporary, errno);
        }
        THIMBLE_TRY(write_all(out, content, temporary));
    }
    return move_into_place(temporary, file);
}

Result<void> move_into_place(const fs::path& from, const fs::path& to) {
    THIMBLE_TRY(flush(from));
    if (std::rename(from.c_str(), to.c_str()) != 0) {
        return cannot_write(to, errno);
    }
    return flush(to.has_parent_path() ? to.parent_path() : fs::path("."));
}

Result<void> make_folder(const fs::path& folder) {
    std::error_code status;
    fs::create_directories(folder, status);
    if (status) {
        return cannot_write(folder, status.value());
    }
    return {};
}

Result<FileLock> FileLock::take(const fs::path& file) {
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor < 0) {
        return cannot_write(file, errno);
    }
    FileLock lock(descriptor);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        return failure(
            ErrorKind::Conflict,
            "feeds.locked",
            "another process is changing the feeds (it holds " + file.string() + ")");
    }
    return lock;
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock::~FileLock() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

}  // namespace thimble::feeds
