#pragma once
/// @file A SQLite database for one test, in a folder of its own.

#include "thimble/store/connection.hpp"

#include <cstdlib>
#include <filesystem>
#include <string>

namespace thimble::store {

/// Removed at the end.
class ScratchDatabase {
public:
    ScratchDatabase() {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "thimble-store-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) {
            std::abort();
        }
        folder_ = pattern;
    }
    ScratchDatabase(const ScratchDatabase&) = delete;
    ScratchDatabase& operator=(const ScratchDatabase&) = delete;
    ScratchDatabase(ScratchDatabase&&) = delete;
    ScratchDatabase& operator=(ScratchDatabase&&) = delete;
    ~ScratchDatabase() {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }

    [[nodiscard]] DatabaseAddress address(const std::string& name = "test.db") const {
        return {DatabaseAddress::Kind::Sqlite, (folder_ / name).string()};
    }
    [[nodiscard]] std::filesystem::path folder() const { return folder_; }

private:
    std::filesystem::path folder_;
};

}  // namespace thimble::store
