#pragma once
/// @file The server's folder: what lies where in it, and that only one program uses it.

#include "thimble/base/result.hpp"
#include "thimble/store/connection.hpp"

#include <filesystem>
#include <string>

namespace thimble::server {

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

    DataFolder(DataFolder&& other) noexcept;
    DataFolder& operator=(DataFolder&& other) noexcept;
    DataFolder(const DataFolder&) = delete;
    DataFolder& operator=(const DataFolder&) = delete;
    ~DataFolder();

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] std::filesystem::path keys() const { return path_ / "keys"; }
    [[nodiscard]] std::filesystem::path database_file() const { return path_ / "thimble.db"; }

    /// The database of an option; empty: the SQLite file in the folder.
    /// @error Invalid "store.bad_address"
    [[nodiscard]] Result<store::DatabaseAddress> database(const std::string& option) const;

private:
    DataFolder(std::filesystem::path path, int lock) : path_(std::move(path)), lock_(lock) {}
    std::filesystem::path path_;
    int lock_ = -1;
};

}  // namespace thimble::server
