#pragma once
/// @file A system in a directory: an image, a chroot, a mounted disk. Nothing in it is executed.

#include "thimble/host/file_access.hpp"
#include "thimble/host/host.hpp"

#include <memory>

namespace thimble::host {

/// Every path resolves beneath the directory, as if it were "/": links in it, absolute or with
/// "..", cannot lead out of it, whoever made them.
class RootHost final : public Host {
public:
    /// @error NotFound, Denied, Invalid: `directory` cannot be opened as a folder
    static Result<std::unique_ptr<RootHost>> open(const std::string& directory);

    [[nodiscard]] std::string name() const override { return directory_; }
    [[nodiscard]] std::string local_root() const override { return absolute_; }
    /// What is at `path`, for reading; the caller looks what it is before it reads.
    Result<Descriptor> open_file(std::string_view path);
    Result<std::string> read_file(std::string_view path, std::size_t limit) override;
    Result<std::vector<std::string>> list(std::string_view path) override;
    Result<FileInfo> look(std::string_view path, Follow follow) override;
    Result<std::string> read_link(std::string_view path) override;
    /// Always Unsupported "host.runs_nothing".
    Result<Outcome> run(const Command& command) override;

private:
    RootHost(std::string directory, std::string absolute, Descriptor root)
        : directory_(std::move(directory)),
          absolute_(std::move(absolute)),
          root_(std::move(root)) {}

    std::string directory_;  ///< as it was given; for people
    std::string absolute_;   ///< for programs, which may work elsewhere
    Descriptor root_;
};

/// Opens `path` as if `root` were "/": no link, absolute or with "..", leads out of it.
/// @param flags  of open(2), without O_CREAT
Result<Descriptor> open_beneath(const Descriptor& root, std::string_view path, int flags);

/// The same, component by component: what open_beneath falls back to on kernels and
/// sandboxes without openat2(2). @error Invalid beyond 40 links
Result<Descriptor> walk_beneath(const Descriptor& root, std::string_view path, int flags);

}  // namespace thimble::host
