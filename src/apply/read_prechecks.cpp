#include "thimble/apply/read_prechecks.hpp"

#include "thimble/apply/deb_archive.hpp"
#include "thimble/apply/host_changes.hpp"
#include "thimble/host/local_host.hpp"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace thimble::apply {
namespace {

constexpr std::size_t kMaxText = 64 * 1024;

std::string line_of(host::Host& host, std::string_view path) {
    auto text = host.read_file(path, kMaxText);
    return text ? text->substr(0, text->find('\n')) : std::string();
}

std::optional<double> read_load(host::Host& host) {
    const std::string text = line_of(host, "/proc/loadavg");
    double load = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), load);
    const long processors = ::sysconf(_SC_NPROCESSORS_ONLN);
    if (error != std::errc{} || processors < 1) {
        return std::nullopt;
    }
    return load / static_cast<double>(processors);
}

/// A supply from the mains that gives nothing, and a battery that does.
std::optional<bool> read_battery(host::Host& host) {
    const auto supplies = host.list("/sys/class/power_supply");
    if (!supplies || supplies->empty()) {
        return std::nullopt;
    }
    bool mains_on = false;
    bool discharging = false;
    for (const std::string& supply : *supplies) {
        const std::string folder = "/sys/class/power_supply/" + supply;
        mains_on = mains_on || line_of(host, folder + "/online") == "1";
        discharging = discharging || line_of(host, folder + "/status") == "Discharging";
    }
    return discharging && !mains_on;
}

std::uint64_t largest_initial_files(host::Host& host) {
    std::uint64_t most = 0;
    for (const std::string& name : host.list("/boot").value_or(std::vector<std::string>{})) {
        // A rescue system is made once, and larger than those that are made anew.
        if ((!name.starts_with("initrd") && !name.starts_with("initramfs"))
            || name.contains("rescue")) {
            continue;
        }
        if (const auto info = host.look("/boot/" + name, host::Follow::Yes)) {
            most = std::max(most, info->size);
        }
    }
    return most;
}

/// Empty: it has none, or one that is yet to be made.
/// @source machine-id(5), "First boot semantics"
std::string machine_id_of(host::Host& host) {
    const std::string id = line_of(host, "/etc/machine-id");
    return id == "uninitialized" ? std::string() : id;
}

model::RootPlace place_of(const std::string& root) {
    std::error_code error;
    const std::string path = std::filesystem::canonical(root, error).string();
    struct stat place{};
    const bool is_known = ::stat(root.c_str(), &place) == 0;
    host::LocalHost machine;
    return {
        .path = error ? root : path,
        .inode = is_known ? std::uint64_t{place.st_ino} : 0,
        .machine_id = machine_id_of(machine)};
}

template <class Value>
std::optional<Value> if_known(Result<Value> result) {
    return result ? std::optional<Value>(*std::move(result)) : std::nullopt;
}

}  // namespace

HostSigns read_signs(host::Host& host, const std::string& root) {
    return {.name = host.name(), .machine_id = machine_id_of(host), .place = place_of(root)};
}

std::string read_changes(const model::Plan& plan, PackageManager& packages) {
    return changes_since(plan, if_known(packages.installed()), if_known(packages.health()));
}

std::vector<FreeSpace> read_space(host::Host& host, std::span<const model::PlannedStep> steps) {
    std::vector<FreeSpace> all;
    const bool writes_boot = writes_initial_files(steps);
    std::string root = host.local_root();
    if (root.ends_with('/')) {
        root.pop_back();
    }
    for (const char* folder : {"/", "/usr", "/boot", "/var"}) {
        struct statvfs space{};
        struct stat place{};
        const std::string path = root + folder;
        if (::statvfs(path.c_str(), &space) != 0 || ::stat(path.c_str(), &place) != 0) {
            continue;
        }
        all.push_back(
            {.folder = folder,
             .free_bytes = std::uint64_t{space.f_bavail} * space.f_frsize,
             .file_system = place.st_dev,
             .read_only = (space.f_flag & ST_RDONLY) != 0,
             .initial_bytes = writes_boot && std::string_view(folder) == "/boot"
                 ? largest_initial_files(host)
                 : 0});
    }
    return all;
}

void note_initial_files(
    host::Host& host,
    std::span<const model::PlannedStep> steps,
    const std::string& folder,
    std::vector<FreeSpace>& space) {
    const auto boot = std::ranges::find(space, "/boot", &FreeSpace::folder);
    if (boot == space.end()) {
        return;
    }
    boot->initial_remade = std::ranges::any_of(steps, [&](const model::PlannedStep& step) {
        if (!step.archive) {
            return false;
        }
        const auto control = read_deb_control(folder + "/" + step.archive->file_name);
        return control && control->remakes_initial_files;
    });
    if (boot->initial_remade) {
        boot->initial_bytes = largest_initial_files(host);
    }
}

PrecheckFacts read_prechecks(
    host::Host& host,
    const std::string& root,
    PackageManager& packages,
    std::span<const model::PlannedStep> steps) {
    PrecheckFacts facts;
    facts.host = read_signs(host, root);
    facts.host_state = if_known(packages.host_state());
    facts.installed = if_known(packages.installed());
    facts.health = if_known(packages.health());
    if (auto holder = packages.lock_holder()) {
        facts.lock_known = true;
        facts.lock_holder = *std::move(holder);
    }
    facts.space = read_space(host, steps);
    facts.load_per_cpu = read_load(host);
    facts.on_battery = read_battery(host);
    return facts;
}

}  // namespace thimble::apply
