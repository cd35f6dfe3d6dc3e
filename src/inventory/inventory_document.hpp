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

constexpr std::size_t kMaxToldVulnerabilities = 50'000;  ///< of all changelogs of a host

/// Leaves of the changelogs what a server asks for: which vulnerabilities each names, not their NEWS. Evidence with
/// which there would be too many is left out as a whole. Why one could not be read differs with each reading, which
/// would make each another document, so it is left out too: the offers tell which evidence is missing.
void trim_changelogs(model::Inventory& inventory);

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
