#include "thimble/server/data_folder.hpp"

#include "thimble/server/private_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <utility>

namespace thimble::server {
namespace {

Error already_running(const std::filesystem::path& place) {
    return failure(
        ErrorKind::Conflict,
        "server.already_running",
        "another server uses " + place.string() + "; stop it first");
}

}  // namespace

Result<FileLock> FileLock::open(const std::filesystem::path& path) {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) {
        return failure(
            ErrorKind::Unavailable, "server.cannot_write", path.string() + " cannot be opened");
    }
    return FileLock(file);
}

FileLock::FileLock(FileLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
FileLock& FileLock::operator=(FileLock&& other) noexcept {
    std::swap(file_, other.file_);
    return *this;
}
FileLock::~FileLock() {
    if (file_ >= 0) {
        ::close(file_);  // and the lock goes with it
    }
}

bool FileLock::take() const {
    return ::flock(file_, LOCK_EX | LOCK_NB) == 0;
}

Result<std::optional<FileLock>> lock_database(const store::DatabaseAddress& address) {
    if (address.kind != store::DatabaseAddress::Kind::Sqlite) {
        return std::optional<FileLock>();
    }
    // Not the database itself: closing a file of it would take SQLite's own locks away.
    THIMBLE_TRY(FileLock lock, FileLock::open(address.place + ".server"));
    if (!lock.take()) {
        return already_running(address.place);
    }
    return std::optional(std::move(lock));
}

Result<DataFolder> DataFolder::open(const std::filesystem::path& path, Use use) {
    std::error_code ignored;
    if (use == Use::Looking && !std::filesystem::is_directory(path, ignored)) {
        return failure(
            ErrorKind::NotFound,
            "server.no_data",
            path.string() + " holds no server: run `thimble serve`");
    }
    const std::filesystem::path whole = std::filesystem::absolute(path, ignored);
    THIMBLE_TRY(make_private_folder(whole));
    THIMBLE_TRY(FileLock lock, FileLock::open(whole / ".lock"));
    if (use == Use::Alone && !lock.take()) {
        return already_running(whole);
    }
    return DataFolder(whole, std::move(lock));
}

Result<store::DatabaseAddress> DataFolder::database(const std::string& option) const {
    return store::parse_database_address(
        option.empty() ? "sqlite:" + database_file().string() : option);
}

}  // namespace thimble::server
