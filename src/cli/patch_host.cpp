#include "thimble/cli/patch_host.hpp"

#include "thimble/apply/apt_packages.hpp"
#include "thimble/apply/whole_file.hpp"
#include "thimble/cli/state_directory.hpp"
#include "thimble/host/companion.hpp"
#include "thimble/host/enclosure.hpp"
#include "thimble/host/local_host.hpp"
#include "thimble/host/root_host.hpp"

#include <utility>

namespace thimble::cli {
namespace {

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

Result<std::unique_ptr<host::Enclosure>> open_enclosure(
    const PatchOptions& options, host::EnclosureWrites writes, const std::string& kept) {
    THIMBLE_TRY(const std::string gate, program("thimble-gate"));
    const std::filesystem::path state = patch_state(options);
    host::EnclosureOptions wanted;
    wanted.root = root_of(options);
    wanted.writes = writes;
    wanted.work = (state / "clones").string();
    wanted.masked = options.masked;
    wanted.size_limit = options.size_limit_bytes;
    wanted.binds = {
        {.source = (state / "archives").string(), .name = "archives", .writable = false},
        {.source = (state / "scratch").string(), .name = "scratch", .writable = true},
        {.source = gate, .name = "gate", .writable = false}};
    if (!kept.empty()) {
        wanted.binds.push_back({.source = kept, .name = "kept", .writable = true});
    }
    return host::Enclosure::open(std::move(wanted));
}

/// As an enclosure sees them.
apply::AptPlaces places_in_enclosure(const PatchOptions& options) {
    const std::filesystem::path state = patch_state(options);
    return {
        .thimble_apt = host::find_companion("thimble-apt"),
        .gate = std::string(kSeen) + "gate",
        .scratch = (state / "scratch").string(),
        .scratch_seen = std::string(kSeen) + "scratch",
        .cache = (state / "apt").string()};
}

}  // namespace

std::string root_of(const PatchOptions& options) {
    return options.root.empty() ? "/" : std::filesystem::absolute(options.root).string();
}

std::filesystem::path patch_state(const PatchOptions& options) {
    return std::filesystem::absolute(state_directory(options.state));
}

std::string archives_in_clone() {
    return std::string(kSeen) + "archives";
}

Result<std::unique_ptr<host::Enclosure>> open_clone(const PatchOptions& options) {
    return open_enclosure(options, host::EnclosureWrites::CopyOnWrite, "");
}

std::unique_ptr<apply::PackageManager> packages_in_clone(
    const PatchOptions& options, host::Enclosure& clone) {
    return std::make_unique<apply::AptPackages>(clone, places_in_enclosure(options));
}

Result<PatchHost> open_patch_host(
    const PatchOptions& options, Opening opening, const std::string& kept) {
    const std::filesystem::path state = patch_state(options);
    for (const char* folder : {"", "archives", "scratch", "apt", "clones", "runs", "rehearsals"}) {
        THIMBLE_TRY(apply::make_folder((state / folder).string()));
    }
    THIMBLE_TRY(const std::string thimble_apt, program("thimble-apt"));
    THIMBLE_TRY(const std::string gate, program("thimble-gate"));
    PatchHost opened;
    opened.places = {
        .root = root_of(options),
        .archives = (state / "archives").string(),
        .kept = kept,
        .host_archives = (state / "archives").string(),
        .host_kept = kept};
    apply::AptPlaces apt{
        .thimble_apt = thimble_apt,
        .gate = gate,
        .scratch = (state / "scratch").string(),
        .scratch_seen = (state / "scratch").string(),
        .cache = (state / "apt").string()};
    const bool is_directory = !options.root.empty();
    if (opening == Opening::Change && is_directory) {
        THIMBLE_TRY(opened.host, open_enclosure(options, host::EnclosureWrites::Through, kept));
        opened.places.host_archives = archives_in_clone();
        opened.places.host_kept = std::string(kSeen) + "kept";
        apt = places_in_enclosure(options);
    } else if (is_directory) {
        THIMBLE_TRY(auto root, host::RootHost::open(root_of(options)));
        opened.host = std::move(root);
    } else {
        opened.host = std::make_unique<host::LocalHost>();
    }
    if (!opened.host->look("/var/lib/dpkg/status", host::Follow::Yes)) {
        return failure(
            ErrorKind::Unsupported,
            "apply.no_package_manager",
            root_of(options) + " has no package database that can be patched; thimble doctor says "
                               "what is missing");
    }
    opened.packages = std::make_unique<apply::AptPackages>(*opened.host, std::move(apt));
    return opened;
}

}  // namespace thimble::cli
