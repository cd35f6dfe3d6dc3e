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

Result<std::unique_ptr<host::Host>> open_enclosure(
    const PatchOptions& options,
    Opening opening,
    const apply::RunPlaces& places,
    const std::string& gate) {
    const std::filesystem::path state = patch_state(options);
    host::EnclosureOptions wanted;
    wanted.root = root_of(options);
    wanted.writes = opening == Opening::Clone ? host::EnclosureWrites::CopyOnWrite
                                              : host::EnclosureWrites::Through;
    wanted.work = (state / "clones").string();
    wanted.masked = options.masked;
    wanted.size_limit = options.size_limit_bytes;
    wanted.binds = {
        {.source = places.archives, .name = "archives", .writable = false},
        {.source = (state / "scratch").string(), .name = "scratch", .writable = true},
        {.source = gate, .name = "gate", .writable = false}};
    if (!places.kept.empty()) {
        wanted.binds.push_back({.source = places.kept, .name = "kept", .writable = true});
    }
    THIMBLE_TRY(auto enclosure, host::Enclosure::open(std::move(wanted)));
    return std::unique_ptr<host::Host>(std::move(enclosure));
}

}  // namespace

std::string root_of(const PatchOptions& options) {
    return options.root.empty() ? "/" : std::filesystem::absolute(options.root).string();
}

std::filesystem::path patch_state(const PatchOptions& options) {
    return std::filesystem::absolute(state_directory(options.state));
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
    if (opening == Opening::Clone || (opening == Opening::Change && is_directory)) {
        THIMBLE_TRY(opened.host, open_enclosure(options, opening, opened.places, gate));
        opened.places.host_archives = std::string(kSeen) + "archives";
        opened.places.host_kept = std::string(kSeen) + "kept";
        apt.gate = std::string(kSeen) + "gate";
        apt.scratch_seen = std::string(kSeen) + "scratch";
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
