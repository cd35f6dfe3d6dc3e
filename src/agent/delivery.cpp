#include "thimble/agent/delivery.hpp"

#include "thimble/agent/library_list.hpp"
#include "thimble/agent/over_ssh_layout.hpp"
#include "thimble/agent/tar_archive.hpp"
#include "thimble/base/digest.hpp"
#include "thimble/host/companion.hpp"
#include "thimble/host/local_host.hpp"
#include "thimble/host/run_command.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <system_error>
#include <utility>

namespace thimble::agent {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFileBytes = std::size_t{256} << 20;

/// Started by the launcher, in the order of their names.
constexpr std::array<std::string_view, 3> kLaunched{
    "thimble-agent-helper", "thimble-apt", "thimble-patch"};

/// Path on the host -> path here, and whether it is to be started.
using Sources = std::map<std::string, std::pair<fs::path, bool>>;

Result<fs::path> companion(std::string_view name) {
    std::string path = host::find_companion(name);
    if (path.empty()) {
        return failure(
            ErrorKind::NotFound,
            "agent.no_program",
            std::string(name) + " is not installed with this program");
    }
    return fs::path(std::move(path));
}

Result<LibraryList> libraries_of(const fs::path& program) {
    THIMBLE_TRY(
        const host::Outcome outcome,
        host::run_command(
            {.argv = {program.string()}, .environment = {"LD_TRACE_LOADED_OBJECTS=1"}}));
    return parse_library_list(outcome.output);
}

std::string below(std::string_view folder, const std::string& name) {
    return std::string(folder) + "/" + name;
}

Result<void> add_launched(Sources& sources, std::string_view name, const fs::path& launcher) {
    THIMBLE_TRY(const fs::path program, companion(name));
    THIMBLE_TRY(const LibraryList list, libraries_of(program));
    sources.insert_or_assign(std::string(name), std::pair(launcher, true));
    sources.insert_or_assign(below(kPrograms, std::string(name)), std::pair(program, true));
    sources.insert_or_assign(std::string(kLoader), std::pair(fs::path(list.loader), true));
    for (const std::string& library : list.libraries) {
        const fs::path path = library;
        sources.insert_or_assign(
            below(kLibraries, path.filename().string()), std::pair(path, false));
    }
    return {};
}

/// The Python of dnf's hosts; see thimble-dnf.
Result<void> add_scripts(Sources& sources) {
    THIMBLE_TRY(const fs::path folder, companion("thimble-dnf"));
    std::error_code failed;
    for (fs::directory_iterator entry(folder, failed); !failed && entry != fs::directory_iterator();
         entry.increment(failed)) {
        if (entry->path().extension() == ".py") {
            sources.insert_or_assign(
                below("thimble-dnf", entry->path().filename().string()),
                std::pair(entry->path(), false));
        }
    }
    return {};
}

Result<std::string> read_whole(const fs::path& path) {
    host::LocalHost host;
    return host.read_file(path.string(), kMaxFileBytes);
}

}  // namespace

std::string format_manifest(const std::vector<DeliveredFile>& files) {
    std::string text;
    for (const DeliveredFile& file : files) {
        text += file.sha256 + "  " + file.path + "\n";
    }
    return text;
}

Result<Delivery> gather_delivery() {
    Sources sources;
    THIMBLE_TRY(const fs::path launcher, companion("thimble-launcher"));
    for (const std::string_view name : kLaunched) {
        THIMBLE_TRY(add_launched(sources, name, launcher));
    }
    THIMBLE_TRY(const fs::path gate, companion("thimble-gate"));  // static
    sources.insert_or_assign("thimble-gate", std::pair(gate, true));
    THIMBLE_TRY(add_scripts(sources));
    Delivery delivery;
    delivery.files.reserve(sources.size());
    for (const auto& [path, source] : sources) {
        THIMBLE_TRY(const std::string bytes, read_whole(source.first));
        delivery.files.push_back(
            {.path = path,
             .source = source.first,
             .sha256 = sha256_of(bytes),
             .is_program = source.second});
    }
    delivery.manifest = format_manifest(delivery.files);
    delivery.digest = sha256_of(delivery.manifest);
    return delivery;
}

Result<std::string> archive_of(const Delivery& delivery) {
    std::vector<TarMember> members;
    members.reserve(delivery.files.size() + 1);
    for (const DeliveredFile& file : delivery.files) {
        THIMBLE_TRY(std::string bytes, read_whole(file.source));
        if (sha256_of(bytes) != file.sha256) {
            return failure(
                ErrorKind::Conflict,
                "agent.programs_changed",
                file.source.string() + " was replaced since this program started: start it again");
        }
        members.push_back(
            {.path = file.path, .bytes = std::move(bytes), .is_program = file.is_program});
    }
    members.push_back({.path = std::string(kManifest), .bytes = delivery.manifest});
    return tar_of(members);
}

std::string_view delivery_script() {
    // Each word that is not ours is an argument. The folder gets its name last: one that has it is whole.
    return R"SCRIPT(set -eu
umask 022
if [ "$(id -u)" != 0 ]; then
    echo "the user there is not root: sign in as root, or enrol with --sudo" >&2
    exit 1
fi
base=/var/lib/thimble/over-ssh
mkdir -p "$base"
for folder in /var/lib /var/lib/thimble "$base"; do
    if [ -z "$(find "$folder" -maxdepth 0 -type d -uid 0 ! -perm -020 ! -perm -002)" ]; then
        echo "$folder is not of root, or others may write it" >&2
        exit 1
    fi
done
cd "$base"
find . -maxdepth 1 -name '.new.*' -mmin +60 -exec rm -rf {} +
fresh=$(mktemp -d .new.XXXXXX)
trap 'rm -rf "$base/$fresh"' EXIT
tar -x -o -f - -C "$fresh"
cd "$fresh"
if [ "$(sha256sum <manifest)" != "$1  -" ] || ! sha256sum --check --quiet --strict manifest >&2; then
    echo "what arrived is not what was sent" >&2
    exit 1
fi
chmod 755 .
sync -f . 2>/dev/null || sync
cd "$base"
mv -T "$fresh" "$1" 2>/dev/null || test -e "$1/manifest"
)SCRIPT";
}

}  // namespace thimble::agent
