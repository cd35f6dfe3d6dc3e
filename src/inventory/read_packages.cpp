#include "thimble/inventory/read_packages.hpp"

#include "thimble/base/error.hpp"
#include "thimble/host/host.hpp"
#include "thimble/inventory/apk_database.hpp"
#include "thimble/inventory/dpkg_status.hpp"
#include "thimble/inventory/package_list.hpp"
#include "thimble/inventory/rpm_call.hpp"
#include "thimble/inventory/rpm_list.hpp"
#include "thimble/model/inventory.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
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

bool read_apk(host::Host& host, model::Inventory& inventory) {
    for (const std::string_view path : {"/lib/apk/db/installed", "/usr/lib/apk/db/installed"}) {
        std::string text;
        if (read_database(host, path, inventory, text)) {
            take(inventory, parse_apk_database(text));
            return true;
        }
    }
    return false;
}

/// rpm's own database is read by rpm alone: the host's, or this machine's for a root directory.
bool read_rpm(host::Host& host, model::Inventory& inventory) {
    if (find_rpm_database(host).empty()) {
        return false;
    }
    const auto outcome = run_rpm(host, host::Command{.argv = rpm_command()});
    if (outcome && outcome->exit_status == 0) {
        take(inventory, parse_rpm_list(outcome->output));
        return true;
    }
    inventory.gaps.push_back({
        .code = "inventory.rpm_not_read",
        .detail = "There is an rpm database that could not be read, so its packages are not known.",
        .next = "Run the scan on the host itself, or install rpm on this machine.",
    });
    return true;
}

}  // namespace

bool read_packages(host::Host& host, model::Inventory& inventory) {
    const bool has_dpkg = read_dpkg(host, inventory);
    const bool has_apk = read_apk(host, inventory);
    const bool has_rpm = read_rpm(host, inventory);
    return has_dpkg || has_apk || has_rpm;
}

}  // namespace thimble::inventory
