#pragma once
/// @file The server's folder: what lies where in it, and that only one program uses it.

#include "thimble/base/result.hpp"
#include "thimble/store/connection.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <utility>

namespace thimble::server {

/// A file that one program at a time has locked; the lock goes with the program.
class FileLock {
public:
    /// @error Unavailable "server.cannot_write"
    static Result<FileLock> open(const std::filesystem::path& path);

    FileLock(FileLock&& other) noexcept;
    FileLock& operator=(FileLock&& other) noexcept;
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;
    ~FileLock();

    /// @return whether nobody else has it
    [[nodiscard]] bool take() const;

private:
    explicit FileLock(int file) : file_(file) {}
    int file_ = -1;
};

/// Keeps a SQLite database for one server, whatever its folder is. PostgreSQL is for several.
/// @error Conflict "server.already_running"
Result<std::optional<FileLock>> lock_database(const store::DatabaseAddress& address);

/// The folder of a server, closed to others. While it lives, no other program may have it for itself.
class DataFolder {
public:
    enum class Use : std::uint8_t {
        Alone,    ///< to serve or to restore
        Looking,  ///< to check or to back up, beside a server that runs
    };

    /// Makes the folder where there is none and `use` is Alone.
    /// @error NotFound "server.no_data"; Denied "server.folder_exposed"
    /// @error Conflict "server.already_running"
    static Result<DataFolder> open(const std::filesystem::path& path, Use use);

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] std::filesystem::path keys() const { return path_ / "keys"; }
    [[nodiscard]] std::filesystem::path database_file() const { return path_ / "thimble.db"; }

    /// The database of an option; empty: the SQLite file in the folder.
    /// @error Invalid "store.bad_address"
    [[nodiscard]] Result<store::DatabaseAddress> database(const std::string& option) const;

private:
    DataFolder(std::filesystem::path path, FileLock lock)
        : path_(std::move(path)), lock_(std::move(lock)) {}
    std::filesystem::path path_;
    FileLock lock_;
};

}  // namespace thimble::server
