#include "thimble/server/data_folder.hpp"

#include "thimble/server/private_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <utility>

namespace thimble::server {

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
    const std::filesystem::path file = whole / ".lock";
    const int lock = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0) {
        return failure(
            ErrorKind::Unavailable, "server.cannot_write", file.string() + " cannot be opened");
    }
    if (use == Use::Alone && ::flock(lock, LOCK_EX | LOCK_NB) != 0) {
        ::close(lock);
        return failure(
            ErrorKind::Conflict,
            "server.already_running",
            "another server uses " + whole.string() + "; stop it first");
    }
    return DataFolder(whole, lock);
}

DataFolder::DataFolder(DataFolder&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}
DataFolder& DataFolder::operator=(DataFolder&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(lock_, other.lock_);
    return *this;
}
DataFolder::~DataFolder() {
    if (lock_ >= 0) {
        ::close(lock_);  // and the lock goes with it
    }
}

Result<store::DatabaseAddress> DataFolder::database(const std::string& option) const {
    return store::parse_database_address(
        option.empty() ? "sqlite:" + database_file().string() : option);
}

}  // namespace thimble::server
