#include "thimble/apply/host_snapshot.hpp"
#include "thimble/apply/whole_file.hpp"
#include "thimble/base/error.hpp"
#include "thimble/base/lines.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/host/parse_mount_table.hpp"
#include "thimble/host/run_command.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <system_error>
#include <utility>

namespace thimble::apply {
namespace {

constexpr std::size_t kMaxTable = std::size_t{16} << 20;
constexpr std::size_t kMaxConfig = std::size_t{64} << 10;
constexpr std::size_t kMaxAnswer = std::size_t{1} << 20;
constexpr ino_t kSubvolumeInode = 256;  // the first of each: btrfs(5)
constexpr std::chrono::seconds kTimeout{120};

bool is_within(const std::string& path, const std::string& folder) {
    return folder == "/" || path == folder || path.starts_with(folder + "/");
}

/// The mount that a path is on: the longest that it is within.
host::MountPoint mount_of(const std::string& path) {
    const auto table = read_whole_file("/proc/self/mountinfo", kMaxTable);
    host::MountPoint found;
    for (host::MountPoint& mount : host::parse_mount_table(table ? *table : std::string())) {
        if (is_within(path, mount.point) && mount.point.size() >= found.point.size()) {
            found = std::move(mount);
        }
    }
    return found;
}

std::string snapper_config_of(const std::string& root) {
    const std::filesystem::path folder = "/etc/snapper/configs";
    for (const std::string& name : names_in(folder.string()).value_or(std::vector<std::string>{})) {
        const auto text = read_whole_file((folder / name).string(), kMaxConfig);
        if (text && parse_snapper_subvolume(*text) == root) {
            return name;
        }
    }
    return {};
}

std::vector<std::string> tools_here() {
    constexpr auto kTools =
        std::to_array<std::string_view>({"snapper", "btrfs", "zfs", "lvcreate"});
    std::vector<std::string> tools;
    for (const std::string_view tool : kTools) {
        for (const char* folder : {"/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"}) {
            if (::access((std::string(folder) + std::string(tool)).c_str(), X_OK) == 0) {
                tools.emplace_back(tool);
                break;
            }
        }
    }
    return tools;
}

Result<std::string> run_tool(std::vector<std::string> argv, const char* code) {
    host::Command command{.argv = std::move(argv), .timeout = kTimeout};
    command.output_limit = kMaxAnswer;
    const auto outcome = host::run_command(command);
    if (!outcome) {
        return failure(ErrorKind::Unavailable, code, outcome.error().text());
    }
    if (outcome->exit_status != 0) {
        return failure(
            ErrorKind::Unavailable,
            code,
            command.argv.front() + " ended with status " + std::to_string(outcome->exit_status)
                + ": " + printable(trimmed(outcome->errors), 1000));
    }
    return outcome->output;
}

}  // namespace

SnapshotFacts read_snapshot_facts(const std::string& root) {
    const host::MountPoint mount = mount_of(root);
    struct stat status{};
    const bool is_known = ::stat(root.c_str(), &status) == 0;
    return {
        .root = root,
        .type = mount.type,
        // A directory on a dataset or volume that holds more is not what a snapshot would be of.
        .source = mount.point == root ? mount.source : std::string(),
        .is_subvolume = is_known && status.st_ino == kSubvolumeInode,
        .snapper_config = snapper_config_of(root),
        .tools = tools_here()};
}

Result<Snapshot> take_snapshot(Snapshot planned, const std::string& run) {
    if (planned.kind == SnapshotKind::Btrfs) {
        THIMBLE_TRY(make_folder(std::filesystem::path(planned.name).parent_path().string()));
    }
    THIMBLE_TRY(
        const std::string answer, run_tool(create_command(planned, run), "apply.no_snapshot"));
    if (planned.kind == SnapshotKind::Snapper) {
        planned.name = std::string(trimmed(answer));
    }
    return planned;
}

Result<void> remove_snapshot(const Snapshot& snapshot) {
    std::vector<std::string> argv = remove_command(snapshot);
    if (!argv.empty()) {
        THIMBLE_TRY(run_tool(std::move(argv), "apply.snapshot_not_removed"));
    }
    return {};
}

bool is_gone(const Snapshot& snapshot) {
    std::vector<std::string> argv = list_command(snapshot);
    if (argv.empty()) {
        return false;
    }
    const auto list = run_tool(std::move(argv), "apply.snapshots_not_listed");
    return list && !is_listed(snapshot, *list);
}

}  // namespace thimble::apply
