#pragma once
/// @file apt's sources, preferences and settings of a root directory, as that root itself would read them.

#include "temporary_folder.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/host/root_host.hpp"
#include "thimble/model/inventory.hpp"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace thimble::inventory::apt {

/// libapt-pkg would follow their links on this machine, and so the files that settings include. It gets a folder of ours, with links
/// to what they lead to in the root, and settings that include the root's files.
class RootSettings {
public:
    /// @error Unsupported "inventory.odd_root": something is neither a regular file nor a folder, nor /dev/null; a folder leads to what
    ///        is not there in the root; or settings include what cannot be told, or is not there
    /// @error as TemporaryFolder::make, as host::RootHost::open_file
    static Result<std::unique_ptr<RootSettings>> of(const std::string& root);

    /// What stands for the root's /etc/apt. What is in it is for this process alone.
    [[nodiscard]] std::string path() const { return ours_->path().string(); }

    /// Links that lead to nothing in the root.
    [[nodiscard]] std::vector<model::Gap> gaps() const;

private:
    explicit RootSettings(std::unique_ptr<TemporaryFolder> ours) : ours_(std::move(ours)) {}

    Result<void> take_folder(
        host::RootHost& root, const std::string& path, const std::filesystem::path& place);
    /// @param depth  how many files have included it
    Result<void> take(
        host::RootHost& root,
        const std::string& path,
        const std::filesystem::path& place,
        std::size_t depth);
    Result<void> take_settings(
        host::RootHost& root,
        const std::string& path,
        const std::filesystem::path& place,
        std::size_t depth);
    /// @return where what is included is in our folder
    Result<std::string> include(host::RootHost& root, const std::string& path, std::size_t depth);

    std::unique_ptr<TemporaryFolder> ours_;
    std::vector<host::Descriptor> files_;
    std::vector<std::string> lost_;
    std::size_t included_ = 0;
};

}  // namespace thimble::inventory::apt
