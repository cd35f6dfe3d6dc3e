#pragma once
/// @file The folder on disk that holds what an enclosure writes, and its end. Private to this folder.

#include "thimble/base/result.hpp"
#include "thimble/host/file_access.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace thimble::host {

/// `<work>/clone-XXXXXX`, ours as long as its `lock` is locked, removed when this is destroyed.
/// Layers are the folders that overlays write to: `layers/<n>/{upper,work}`.
class EnclosureFolder {
public:
    /// Removes what dead processes left in `work`, then makes a new folder there.
    /// @error Unavailable "host.no_space", "host.read_only"
    static Result<EnclosureFolder> make(const std::string& work);

    EnclosureFolder(EnclosureFolder&& other) noexcept;
    EnclosureFolder& operator=(EnclosureFolder&& other) noexcept;
    EnclosureFolder(const EnclosureFolder&) = delete;
    EnclosureFolder& operator=(const EnclosureFolder&) = delete;
    ~EnclosureFolder();

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] int lock() const { return lock_.number(); }

    /// Bytes on disk of all that is in it; a file with several names counts once.
    [[nodiscard]] Result<std::uint64_t> cost() const;
    /// Bytes that others than root may still write to its disk.
    [[nodiscard]] Result<std::uint64_t> free_bytes() const;
    /// Makes it stay after this is destroyed, under the returned path.
    Result<std::string> keep();

private:
    EnclosureFolder(std::string path, Descriptor lock)
        : path_(std::move(path)), lock_(std::move(lock)) {}
    void remove() noexcept;

    std::string path_;  // empty: nothing to remove
    Descriptor lock_;
};

/// Removes a folder and all in it without following a link; what is gone already is no error.
Result<void> remove_tree(const std::string& path);

}  // namespace thimble::host
