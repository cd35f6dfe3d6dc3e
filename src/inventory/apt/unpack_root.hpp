#pragma once
/// @file A host's apt files, that came as an archive, as a root directory of ours for a while.

#include "temporary_folder.hpp"
#include "thimble/base/result.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace thimble::inventory::apt {

/// Its folder goes when this goes.
class UnpackedRoot {
public:
    /// Reads a tar archive, compressed with gzip or not, from a descriptor. Only folders and regular
    /// files with names that were asked for are made; links, devices and settings that include other
    /// files are left out.
    /// @error Corrupt "inventory.bad_archive"; Invalid "inventory.archive_too_big"; Unavailable:
    ///        no room for it here
    static Result<std::unique_ptr<UnpackedRoot>> from(int descriptor);

    [[nodiscard]] std::string path() const { return folder_->path().string(); }
    [[nodiscard]] std::size_t left_out() const { return left_out_; }

private:
    explicit UnpackedRoot(std::unique_ptr<TemporaryFolder> folder) : folder_(std::move(folder)) {}

    std::unique_ptr<TemporaryFolder> folder_;
    std::size_t left_out_ = 0;
};

}  // namespace thimble::inventory::apt
