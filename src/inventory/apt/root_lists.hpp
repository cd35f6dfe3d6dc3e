#pragma once
/// @file apt's lists of a root directory, as that root itself would read them.

#include "temporary_folder.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/model/inventory.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace thimble::inventory::apt {

/// Of an archive that is a folder (`file:`) the list may be a link to the archive's own, with a path of the root. libapt-pkg would
/// follow it on this machine: it gets a folder of ours instead, whose entries lead to the files themselves.
class RootLists {
public:
    /// @error as TemporaryFolder::make, as host::RootHost::open
    static Result<std::unique_ptr<RootLists>> of(const std::string& root);

    /// What apt is to read: the root's own folder where it has no links.
    [[nodiscard]] std::string path() const;

    /// That lists lead nowhere in the root, if some do.
    [[nodiscard]] std::optional<model::Gap> gap() const;

private:
    explicit RootLists(std::filesystem::path lists) : lists_(std::move(lists)) {}

    Result<void> lead_through(
        const std::string& root,
        const std::vector<std::string>& links,
        const std::vector<std::string>& others);

    std::filesystem::path lists_;
    std::unique_ptr<TemporaryFolder> folder_;  ///< none: there are no links
    std::vector<host::Descriptor> files_;      ///< what the links lead to
    std::vector<std::string> lost_;            ///< names of lists of packages and of archives
};

}  // namespace thimble::inventory::apt
