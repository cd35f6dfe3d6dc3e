#include "thimble/inventory/read_inventory.hpp"

#include "thimble/base/error.hpp"
#include "thimble/base/instant.hpp"
#include "thimble/base/lines.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/host.hpp"
#include "thimble/inventory/listeners.hpp"
#include "thimble/inventory/os_release.hpp"
#include "thimble/inventory/read_kernel.hpp"
#include "thimble/inventory/read_offers.hpp"
#include "thimble/inventory/read_packages.hpp"
#include "thimble/inventory/stale_processes.hpp"
#include "thimble/model/inventory.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::inventory {
namespace {

constexpr std::size_t kMaxSmallFile = std::size_t{64} << 10;

bool read_os_release(host::Host& host, model::Inventory& inventory) {
    for (const std::string_view path : {"/etc/os-release", "/usr/lib/os-release"}) {
        if (const auto text = host.read_file(path, kMaxSmallFile)) {
            inventory.os = parse_os_release(*text);
            return true;
        }
    }
    inventory.gaps.push_back({
        .code = "inventory.no_os_release",
        .detail = "There is no readable os-release, so the distribution is not known.",
        .next = "",
    });
    return false;
}

/// dpkg's own package is of the native architecture.
std::string native_architecture(const model::Inventory& inventory) {
    for (const std::string_view name : {"dpkg", "base-files", "libc6"}) {
        const auto package =
            std::ranges::find(inventory.packages, name, &model::InstalledPackage::name);
        if (package != inventory.packages.end() && package->architecture != "all") {
            return package->architecture;
        }
    }
    return {};
}

bool is_journal_entry(const std::string& name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; });
}

/// dpkg leaves numbered files in updates/ when it is stopped midway.
bool is_dpkg_interrupted(host::Host& host) {
    const auto names = host.list("/var/lib/dpkg/updates");
    return names && std::ranges::any_of(*names, is_journal_entry);
}

/// What only a running system has.
void read_live(host::Host& host, const InventoryOptions& options, model::Inventory& inventory) {
    if (!options.processes && !options.listeners) {
        return;
    }
    if (!host.local_root().empty() && host.local_root() != "/") {
        inventory.gaps.push_back({
            .code = "inventory.not_live",
            .detail = "Processes and listening sockets are read of a running host only.",
            .next = "Run the scan there.",
        });
        return;
    }
    if (options.processes) {
        read_stale_processes(host, options.ignored_mappings, inventory);
    }
    if (options.listeners) {
        read_listeners(host, inventory);
    }
}

}  // namespace

Result<model::Inventory> read_inventory(
    host::Host& host, const InventoryOptions& options, Instant now) {
    model::Inventory inventory;
    inventory.host = host.name();
    inventory.taken_at = now;
    const bool has_os_release = read_os_release(host, inventory);
    const bool has_packages = read_packages(host, inventory);
    if (!has_os_release && !has_packages) {
        return failure(
            ErrorKind::Unsupported,
            "inventory.no_system",
            host.name() + " has neither an os-release nor a package database");
    }
    inventory.architecture = native_architecture(inventory);
    if (const auto id = host.read_file("/etc/machine-id", kMaxSmallFile)) {
        inventory.machine_id = trimmed(*id);
    }
    inventory.package_manager_interrupted = is_dpkg_interrupted(host);
    inventory.kernel = read_kernel(host, inventory.packages);
    inventory.reboot_required = host.look("/run/reboot-required", host::Follow::Yes).has_value();
    read_live(host, options, inventory);
    if (options.offers) {
        read_offers(host, options, inventory);
    }
    return inventory;
}

std::vector<host::Question> paths_of_interest() {
    std::vector<host::Question> questions;
    for (const char* path :
         {"/etc/os-release",
          "/usr/lib/os-release",
          "/etc/machine-id",
          "/var/lib/dpkg/status",
          "/var/lib/dpkg/status.d",
          "/var/lib/dpkg/updates",
          "/lib/apk/db/installed",
          "/usr/lib/apk/db/installed",
          "/boot",
          "/proc/sys/kernel/osrelease",
          "/proc/version",
          "/proc/stat",
          "/proc/1/cgroup",
          "/proc/self/status",
          "/proc",
          "/proc/net/tcp",
          "/proc/net/tcp6",
          "/proc/net/udp",
          "/proc/net/udp6",
          "/var/lib/dpkg/arch",
          "/var/lib/dpkg/diversions"}) {
        questions.push_back({.path = path, .ask = host::Ask::Contents});
    }
    for (const char* path :
         {"/run/reboot-required",
          "/.dockerenv",
          "/run/.containerenv",
          "/run/systemd/container",
          "/var/lib/rpm/rpmdb.sqlite",
          "/usr/lib/sysimage/rpm/rpmdb.sqlite",
          "/var/lib/rpm/Packages.db",
          "/usr/lib/sysimage/rpm/Packages.db",
          "/var/lib/rpm/Packages",
          "/usr/lib/sysimage/rpm/Packages"}) {
        questions.push_back({.path = path, .ask = host::Ask::Info});
    }
    return questions;
}

}  // namespace thimble::inventory
