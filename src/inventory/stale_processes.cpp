#include "thimble/inventory/stale_processes.hpp"

#include "thimble/base/error.hpp"
#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/host.hpp"
#include "thimble/inventory/lines.hpp"
#include "thimble/inventory/proc_maps.hpp"
#include "thimble/model/inventory.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::inventory {
namespace {

constexpr std::size_t kMaxMaps = std::size_t{32} << 20;
constexpr std::size_t kMaxSmall = std::size_t{256} << 10;
constexpr std::uint64_t kTicksPerSecond = 100;  // USER_HZ, fixed in Linux' interface
constexpr std::string_view kDeleted = " (deleted)";

/// One process as /proc shows it.
class ProcessReader {
public:
    ProcessReader(host::Host& host, std::uint32_t pid, std::span<const std::string> ignored)
        : host_(host), folder_("/proc/" + std::to_string(pid)), pid_(pid), ignored_(ignored) {}

    /// @return the process when it is stale; nothing when it is not, is a kernel thread or has gone
    /// @error Denied: it may not be looked at
    Result<std::optional<model::StaleProcess>> read(std::optional<Instant> booted_at) {
        const auto stat = parse_process_stat(text_of("/stat"));
        if (!stat || stat->kernel_thread) {
            return std::optional<model::StaleProcess>();
        }
        const auto executable = host_.read_link(folder_ + "/exe");
        if (!executable) {
            if (executable.error().kind == ErrorKind::Denied) {
                return executable.error();
            }
            return std::optional<model::StaleProcess>();
        }
        model::StaleProcess process;
        process.pid = pid_;
        process.command = stat->command;
        add_replaced_files(*executable, process.files);
        if (process.files.empty()) {
            add_changed_script(*executable, *stat, booted_at, process);
        }
        if (process.files.empty()) {
            return std::optional<model::StaleProcess>();
        }
        const UnitMembership membership = unit_of(text_of("/cgroup"));
        process.unit = membership.unit;
        process.unit_kind = membership.kind;
        return std::optional(std::move(process));
    }

private:
    std::string text_of(std::string_view name) {
        auto text = host_.read_file(folder_ + std::string(name), kMaxSmall);
        return text ? *std::move(text) : std::string();
    }

    void add_replaced_files(const std::string& executable, std::vector<std::string>& files) {
        if (executable.ends_with(kDeleted)) {
            const std::string path = executable.substr(0, executable.size() - kDeleted.size());
            if (!is_ignored_mapping(path, ignored_)) {
                files.push_back(path);
                return;
            }
        }
        const auto maps = host_.read_file(folder_ + "/maps", kMaxMaps);
        if (!maps) {
            return;
        }
        for (const Mapping& mapping : parse_executable_mappings(*maps)) {
            if (!is_ignored_mapping(mapping.path, ignored_) && is_replaced(mapping)) {
                files.push_back(mapping.path);
            }
        }
    }

    bool is_replaced(const Mapping& mapping) {
        if (mapping.deleted) {
            return true;
        }
        const auto on_disk = host_.look(folder_ + "/root" + mapping.path, host::Follow::Yes);
        if (!on_disk) {
            return false;  // in a mount that we cannot reach: nothing to compare with
        }
        // The mapped file itself, where we may look at it: on some file systems the numbers in maps
        // are not those of stat.
        if (const auto mapped =
                host_.look(folder_ + "/map_files/" + mapping.range, host::Follow::Yes)) {
            return mapped->inode != on_disk->inode || mapped->device_major != on_disk->device_major
                || mapped->device_minor != on_disk->device_minor;
        }
        const bool other_device = mapping.device_major != on_disk->device_major
            || mapping.device_minor != on_disk->device_minor;
        return mapping.inode != on_disk->inode
            || (other_device && !is_device_unreliable(mapping.device_major));
    }

    /// A source file whose inode changed after the start of its interpreter: probably old code.
    void add_changed_script(
        const std::string& executable,
        const ProcessStat& stat,
        std::optional<Instant> booted_at,
        model::StaleProcess& process) {
        std::string script = interpreted_script(executable, text_of("/cmdline"));
        if (script.empty() || !booted_at) {
            return;
        }
        if (!script.starts_with('/')) {
            const auto folder = host_.read_link(folder_ + "/cwd");
            if (!folder) {
                return;
            }
            script = *folder + "/" + script;
        }
        const auto info = host_.look(folder_ + "/root" + script, host::Follow::Yes);
        const Instant started_at =
            *booted_at + std::chrono::seconds(stat.start_ticks / kTicksPerSecond);
        if (info && info->type == host::FileType::Regular && info->changed_at > started_at) {
            process.files.push_back(script);
            process.heuristic = true;
        }
    }

    host::Host& host_;
    std::string folder_;
    std::uint32_t pid_;
    std::span<const std::string> ignored_;
};

}  // namespace

void read_stale_processes(
    host::Host& host, std::span<const std::string> ignored, model::Inventory& inventory) {
    const auto names = host.list("/proc");
    if (!names) {
        inventory.gaps.push_back(
            {.code = "inventory.no_processes",
             .detail = "The processes cannot be listed (" + names.error().text() + ").",
             .next = ""});
        return;
    }
    std::size_t denied = 0;
    for (const std::string& name : *names) {
        const auto pid = number_in<std::uint32_t>(name);
        if (!pid) {
            continue;
        }
        auto process = ProcessReader(host, *pid, ignored).read(inventory.kernel.booted_at);
        if (!process) {
            ++denied;
            continue;
        }
        std::optional<model::StaleProcess>& stale = *process;
        if (stale) {
            inventory.stale_processes.push_back(*std::move(stale));
        }
    }
    std::ranges::sort(inventory.stale_processes, {}, &model::StaleProcess::pid);
    inventory.processes_known = denied == 0;
    if (denied > 0) {
        inventory.gaps.push_back(
            {.code = "inventory.hidden_processes",
             .detail = std::to_string(denied)
                 + " processes of other users could not be looked at for replaced files.",
             .next = "Run the scan as root."});
    }
}

}  // namespace thimble::inventory
