#pragma once
/// @file apt's lists of a root directory, as that root itself would read them.

#include "temporary_folder.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/host/root_host.hpp"
#include "thimble/model/inventory.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::inventory::apt {

/// libapt-pkg follows links of a root on this machine. On the way to the lists, and among them, there may be some with a path of the
/// root: of an archive that is a folder (`file:`) the list may be a link to the archive's own. It gets what they lead to in the root.
class RootLists {
public:
    /// @error as TemporaryFolder::make, as host::RootHost::open_file: something is there and cannot be read
    static Result<std::unique_ptr<RootLists>> of(const std::string& root);

    /// Where apt is to look for its state, and for its lists: the root's own folders where no link leads elsewhere.
    [[nodiscard]] const std::string& state() const { return state_.path; }
    [[nodiscard]] const std::string& path() const { return lists_.path; }
    /// Likewise for what is installed, and for the marks of what was installed as a dependency.
    [[nodiscard]] const std::string& status() const { return status_.path; }
    [[nodiscard]] const std::string& marks() const { return marks_.path; }

    /// That lists lead nowhere in the root, if some do.
    [[nodiscard]] std::optional<model::Gap> gap() const;

private:
    struct Place {
        std::string path;
        host::Descriptor opened;  ///< invalid: the root has none
    };

    RootLists() = default;

    /// A path with nothing at it where the root has no such file or folder.
    Result<Place> open(host::RootHost& root, std::string_view path);
    Result<std::filesystem::path> our_folder();

    Result<void> lead_through(
        host::RootHost& root,
        const std::vector<std::string>& links,
        const std::vector<std::string>& others);

    std::unique_ptr<TemporaryFolder> ours_;  ///< none: apt can go by the root's own names
    Place state_;
    Place lists_;
    Place status_;
    Place marks_;
    std::vector<host::Descriptor> files_;  ///< what the links lead to
    std::vector<std::string> lost_;        ///< names of lists of packages and of archives
};

}  // namespace thimble::inventory::apt
