#pragma once
/// @file What hosts have: package lists that many of them share, and the inventory of each.

#include "thimble/base/result.hpp"
#include "thimble/model/inventory.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace thimble::loadgen {

struct Document {
    std::string digest;
    std::string compressed;  ///< one zstd frame
};

/// Packages that exist: a `Packages` index or a `status` file of Debian.
/// @error Unavailable
Result<std::vector<model::InstalledPackage>> read_packages(const std::filesystem::path& file);
/// Packages that do not exist.
std::vector<model::InstalledPackage> made_up_packages(std::size_t count);

class HostDocuments {
public:
    /// Every list is another choice of `length` of the packages.
    HostDocuments(
        const std::vector<model::InstalledPackage>& packages,
        std::size_t lists,
        std::size_t length);

    [[nodiscard]] const Document& package_list(std::size_t host) const {
        return lists_[host % lists_.size()];
    }
    /// Of one host; it refers to its package list.
    [[nodiscard]] Document inventory(std::size_t host, const std::string& name) const;

private:
    std::vector<Document> lists_;
};

}  // namespace thimble::loadgen
