#pragma once
/// @file An inventory as two documents: the package list, which thousands of hosts share, and the rest,
/// which refers to it by its digest. Pure; the same inventory gives the same bytes.

#include "thimble/base/result.hpp"
#include "thimble/model/inventory.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::inventory {

constexpr std::size_t kMaxInventoryBytes = std::size_t{32} << 20;  ///< of either document
constexpr std::size_t kMaxListedPackages = 100'000;
constexpr std::size_t kMaxPackageTextBytes = 512;  ///< of a name, a version, an origin …

/// The package list, in the order of type, name, architecture, version.
/// @source docs/formats/inventory.md
std::string format_package_list(std::span<const model::InstalledPackage> packages);

/// @error Corrupt "inventory.bad_document" names what is wrong
Result<std::vector<model::InstalledPackage>> parse_package_list(std::string_view text);

/// Everything else but the instant it was taken at, which would make each reading another document.
/// @param package_list  SHA-256 of the package list, lower-case hexadecimal
std::string format_inventory(const model::Inventory& inventory, std::string_view package_list);

/// An inventory without its packages, and where they are.
struct InventoryDocument {
    model::Inventory inventory;  ///< packages empty, taken_at 0
    std::string package_list;    ///< SHA-256 of the package list
    bool operator==(const InventoryDocument&) const = default;
};

/// @error Corrupt "inventory.bad_document" names what is wrong
Result<InventoryDocument> parse_inventory(std::string_view text);

}  // namespace thimble::inventory
