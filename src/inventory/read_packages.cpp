#include "thimble/inventory/read_packages.hpp"

#include "thimble/inventory/dpkg_status.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

namespace thimble::inventory {
namespace {

constexpr std::size_t kMaxDatabase = std::size_t{256} << 20;
constexpr std::size_t kMaxStatusPart = std::size_t{1} << 20;

void take(model::Inventory& inventory, PackageList list) {
    if (inventory.packages.empty()) {
        inventory.packages = std::move(list.packages);
    } else {
        std::ranges::move(list.packages, std::back_inserter(inventory.packages));
    }
    std::ranges::move(list.gaps, std::back_inserter(inventory.gaps));
}

/// The text of a database, or a Gap when it is there and cannot be read.
/// @return whether it is there
bool read_database(
    host::Host& host, std::string_view path, model::Inventory& inventory, std::string& text) {
    auto read = host.read_file(path, kMaxDatabase);
    if (read) {
        text = std::move(*read);
        return true;
    }
    if (read.error().kind == ErrorKind::NotFound) {
        return false;
    }
    inventory.gaps.push_back({
        .code = "inventory.unreadable_packages",
        .detail = "The package database cannot be read (" + read.error().text() + ").",
        .next = "Run the scan as a user who may read it.",
    });
    return true;
}

bool read_dpkg(host::Host& host, model::Inventory& inventory) {
    std::string text;
    bool found = read_database(host, "/var/lib/dpkg/status", inventory, text);
    take(inventory, parse_dpkg_status(text));
    const auto parts = host.list("/var/lib/dpkg/status.d");
    if (!parts) {
        return found;
    }
    for (const std::string& name : *parts) {
        if (name.ends_with(".md5sums")) {
            continue;
        }
        if (const auto part = host.read_file("/var/lib/dpkg/status.d/" + name, kMaxStatusPart)) {
            take(inventory, parse_dpkg_status(*part, StatusField::Implied));
            found = true;
        }
    }
    return found;
}

}  // namespace

bool read_packages(host::Host& host, model::Inventory& inventory) {
    const bool dpkg = read_dpkg(host, inventory);
    return dpkg;
}

}  // namespace thimble::inventory
