#include "thimble/cli/package_managers.hpp"

#include "thimble/apply/apt_packages.hpp"
#include "thimble/apply/dnf_packages.hpp"
#include "thimble/apply/zypper_packages.hpp"
#include "thimble/base/error.hpp"
#include "thimble/host/companion.hpp"
#include "thimble/inventory/rpm_call.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace thimble::cli {
namespace {

using apply::PackageManager;

constexpr const char* kSeen = "/run/thimble/";

Result<std::string> program(const char* name) {
    std::string path = host::find_companion(name);
    if (path.empty()) {
        return failure(
            ErrorKind::Unavailable,
            "cli.program_missing",
            std::string(name) + " is not installed beside this program; install all of Thimble");
    }
    return path;
}

bool is_there(host::Host& host, const char* path) {
    return host.look(path, host::Follow::Yes).has_value();
}

/// As the host sees a tool of ours.
std::string seen(const WorkPlace& place, const char* name, const std::string& path) {
    return place.enclosed ? kSeen + std::string(name) : path;
}

apply::ArchivePaths archives_of(const WorkPlace& place) {
    return place.bare ? apply::ArchivePaths::OfHere : apply::ArchivePaths::OfHost;
}

bool has_apt(host::Host& host) {
    return is_there(host, "/var/lib/dpkg/status");
}

Result<std::vector<host::EnclosureBind>> apt_tools(const WorkPlace& place) {
    THIMBLE_TRY(const std::string gate, program("thimble-gate"));
    THIMBLE_TRY(program("thimble-apt"));
    return std::vector<host::EnclosureBind>{
        {.source = place.scratch.string(), .name = "scratch"}, {.source = gate, .name = "gate"}};
}

Result<std::unique_ptr<PackageManager>> make_apt(host::Host& host, const WorkPlace& place) {
    THIMBLE_TRY(const std::string thimble_apt, program("thimble-apt"));
    THIMBLE_TRY(const std::string gate, program("thimble-gate"));
    const std::string scratch = place.scratch.string();
    apply::AptPlaces places{
        .thimble_apt = thimble_apt,
        .gate = seen(place, "gate", gate),
        .scratch = scratch,
        .scratch_seen = seen(place, "scratch", scratch),
        .empty_cache = seen(place, "empty-cache", scratch + "/empty-cache"),
        .cache = (place.state / "apt").string(),
        .fetched = (place.state / "archives").string()};
    return std::unique_ptr<PackageManager>(
        std::make_unique<apply::AptPackages>(host, std::move(places)));
}

/// A host that zypper has configured repositories for is zypper's, also when dnf is installed on it.
bool has_zypper(host::Host& host) {
    return !inventory::find_rpm_database(host).empty() && is_there(host, "/etc/zypp/repos.d");
}

Result<std::vector<host::EnclosureBind>> no_tools(const WorkPlace& /*place*/) {
    return std::vector<host::EnclosureBind>();
}

Result<std::unique_ptr<PackageManager>> make_zypper(host::Host& host, const WorkPlace& place) {
    return std::unique_ptr<PackageManager>(std::make_unique<apply::ZypperPackages>(
        host, (place.state / "zypper").string(), archives_of(place)));
}

bool has_dnf(host::Host& host) {
    return !inventory::find_rpm_database(host).empty()
        && (is_there(host, "/usr/bin/dnf") || is_there(host, "/etc/yum.repos.d"));
}

Result<std::vector<host::EnclosureBind>> dnf_tools(const WorkPlace& /*place*/) {
    THIMBLE_TRY(const std::string scripts, program("thimble-dnf"));
    return std::vector<host::EnclosureBind>{{.source = scripts, .name = "dnf"}};
}

Result<std::unique_ptr<PackageManager>> make_dnf(host::Host& host, const WorkPlace& place) {
    THIMBLE_TRY(const std::string scripts, program("thimble-dnf"));
    apply::DnfPlaces places{
        .script = scripts,
        .script_seen = seen(place, "dnf", scripts),
        .cache = (place.state / "dnf").string(),
        .archives = archives_of(place)};
    return std::unique_ptr<PackageManager>(
        std::make_unique<apply::DnfPackages>(host, std::move(places)));
}

/// The first that is there is taken.
constexpr std::array kKinds{
    PackageManagerKind{"apt", has_apt, "", apt_tools, make_apt},
    PackageManagerKind{"zypper", has_zypper, "/usr/bin/zypper", no_tools, make_zypper},
    PackageManagerKind{"dnf", has_dnf, "/usr/bin/dnf", dnf_tools, make_dnf},
};

}  // namespace

bool is_bare(host::Host& host, const PackageManagerKind& kind) {
    const std::string program = kind.program;
    return host.local_root() != "/" && !program.empty() && !is_there(host, kind.program);
}

Result<const PackageManagerKind*> find_package_manager(host::Host& host) {
    const auto* const found = std::ranges::find_if(
        kKinds, [&](const PackageManagerKind& kind) { return kind.is_there(host); });
    if (found == kKinds.end()) {
        return failure(
            ErrorKind::Unsupported,
            "apply.no_package_manager",
            host.name() + " has no package database that can be patched; thimble doctor says what "
                          "is missing");
    }
    return found;
}

}  // namespace thimble::cli
