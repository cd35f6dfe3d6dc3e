#pragma once
/// @file A host's apt files, that came as an archive, as a root directory of ours for a while.

#include "thimble/base/result.hpp"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>

namespace thimble::inventory::apt {

/// A folder that only we may enter and that goes when this goes.
class UnpackedRoot {
public:
    /// Reads a tar archive, compressed with gzip or not, from a descriptor. Only folders and regular
    /// files with names that were asked for are made; links, devices and settings that include other
    /// files are left out.
    /// @error Corrupt "inventory.bad_archive"; Invalid "inventory.archive_too_big"; Unavailable:
    ///        no room for it here
    static Result<std::unique_ptr<UnpackedRoot>> from(int descriptor);

    UnpackedRoot(const UnpackedRoot&) = delete;
    UnpackedRoot& operator=(const UnpackedRoot&) = delete;
    UnpackedRoot(UnpackedRoot&&) = delete;
    UnpackedRoot& operator=(UnpackedRoot&&) = delete;
    ~UnpackedRoot();

    [[nodiscard]] std::string path() const { return folder_.string(); }
    [[nodiscard]] std::size_t left_out() const { return left_out_; }

private:
    explicit UnpackedRoot(std::filesystem::path folder) : folder_(std::move(folder)) {}

    std::filesystem::path folder_;
    std::size_t left_out_ = 0;
};

}  // namespace thimble::inventory::apt
