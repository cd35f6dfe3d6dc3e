#pragma once
/// @file A folder that only we may enter and that goes when its owner goes.

#include "thimble/base/result.hpp"

#include <filesystem>
#include <memory>
#include <utility>

namespace thimble::inventory::apt {

class TemporaryFolder {
public:
    /// @error Unavailable and others: no room for it here
    static Result<std::unique_ptr<TemporaryFolder>> make();

    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    TemporaryFolder(TemporaryFolder&&) = delete;
    TemporaryFolder& operator=(TemporaryFolder&&) = delete;
    ~TemporaryFolder();

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    explicit TemporaryFolder(std::filesystem::path path) : path_(std::move(path)) {}

    std::filesystem::path path_;
};

}  // namespace thimble::inventory::apt
