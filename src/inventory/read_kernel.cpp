#include "thimble/inventory/read_kernel.hpp"

#include "thimble/base/lines.hpp"
#include "thimble/host/host.hpp"
#include "thimble/inventory/kernel.hpp"
#include "thimble/model/inventory.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::inventory {
namespace {

constexpr std::size_t kMaxProcFile = std::size_t{4} << 20;

std::string text_of(host::Host& host, std::string_view path) {
    auto text = host.read_file(path, kMaxProcFile);
    return text ? *std::move(text) : std::string();
}

bool has_container_mark(host::Host& host) {
    constexpr std::array<std::string_view, 3> kMarks{
        "/.dockerenv", "/run/.containerenv", "/run/systemd/container"};
    return std::ranges::any_of(kMarks, [&](std::string_view path) {
        return host.look(path, host::Follow::No).has_value();
    });
}

}  // namespace

model::KernelState read_kernel(
    host::Host& host, const std::vector<model::InstalledPackage>& packages) {
    model::KernelState kernel;
    const auto boot_names = host.list("/boot");
    const std::vector<std::string> releases =
        boot_names ? bootable_releases(*boot_names) : std::vector<std::string>();
    const bool has_kernel = !releases.empty() || std::ranges::any_of(packages, is_kernel_image);
    const bool runs = host.local_root().empty() || host.local_root() == "/";
    if (runs) {
        kernel.running_release = trimmed(text_of(host, "/proc/sys/kernel/osrelease"));
        kernel.running_version = running_package_version(text_of(host, "/proc/version"));
        kernel.booted_at = parse_boot_time(text_of(host, "/proc/stat"));
    }
    // A kernel image in it makes even a root with a stray mark a machine of its own.
    kernel.container = !has_kernel
        && (has_container_mark(host)
            || (runs && is_container_cgroup(text_of(host, "/proc/1/cgroup"))));
    if (!kernel.container) {
        kernel.newest_release = newest_release(releases, kernel.running_release);
    }
    return kernel;
}

}  // namespace thimble::inventory
