#include "thimble/apply/apt_packages.hpp"

#include "thimble/apply/apt_lock.hpp"
#include "thimble/apply/apt_request.hpp"
#include "thimble/apply/dpkg_database.hpp"
#include "thimble/apply/dpkg_reading.hpp"
#include "thimble/apply/package_manager.hpp"
#include "thimble/base/digest.hpp"
#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/host/host.hpp"
#include "thimble/host/run_command.hpp"
#include "thimble/inventory/rollback_pins.hpp"
#include "thimble/model/plan.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::apply {
namespace {

constexpr std::size_t kMaxAnswer = std::size_t{64} << 20;

/// The native architecture and those that dpkg was told to accept, with commas between.
std::string architectures(host::Host& host, const std::string& native) {
    std::string all = native;
    const auto text = host.read_file("/var/lib/dpkg/arch", 4096);
    std::string_view rest = text ? std::string_view(*text) : std::string_view();
    while (!rest.empty()) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        if (!line.empty() && line != native && !line.contains(',')) {
            all += ',';
            all += line;
        }
    }
    return all;
}

std::string machine_id(host::Host& host) {
    const auto text = host.read_file("/etc/machine-id", 256);
    return text ? text->substr(0, text->find('\n')) : std::string();
}

std::string state_line(const DpkgEntry& entry, const DpkgDatabase& database) {
    std::string line = entry.name + " " + entry.architecture + " " + entry.version + " ";
    line += dpkg_state_name(entry.state);
    line += entry.reinstall_required ? " reinstreq" : "";
    line += entry.held ? " hold" : "";
    line += database.is_automatic(entry.name, entry.architecture) ? " auto" : "";
    return line + "\n";
}

/// A line for each file of preferences but the pins of ours, which come and go with what is blocked.
/// @source apt_preferences(5)
std::string preference_lines(host::Host& host) {
    constexpr std::size_t kMost = std::size_t{1} << 20;
    std::vector<std::string> paths{"/etc/apt/preferences"};
    for (const std::string& name :
         host.list(inventory::kPinFolder).value_or(std::vector<std::string>())) {
        if (inventory::pinned_run_of(name).empty()) {
            paths.push_back(std::string(inventory::kPinFolder) + "/" + name);
        }
    }
    std::ranges::sort(paths);
    std::string lines;
    for (const std::string& path : paths) {
        const auto content = host.read_file(path, kMost);
        if (content || content.error().kind != ErrorKind::NotFound) {
            lines += path + " " + (content ? sha256_of(*content) : std::string("-")) + "\n";
        }
    }
    return lines;
}

}  // namespace

AptPackages::AptPackages(host::Host& host, AptPlaces places)
    : host_(host), places_(std::move(places)) {}

/// Asks thimble-apt, which runs on this machine and looks at the host's root.
Result<std::string> AptPackages::ask(std::vector<std::string> verb, host::Command command) {
    const std::string root = host_.local_root();
    if (root.empty()) {
        return failure(
            ErrorKind::Unsupported,
            "apply.host_elsewhere",
            "apt can be asked on this machine only");
    }
    THIMBLE_TRY(const DpkgDatabase database, read_dpkg_database(host_));
    command.argv = {places_.thimble_apt};
    const auto add = [&](const std::string& name, const std::string& value) {
        command.argv.push_back(name);
        command.argv.push_back(value);
    };
    command.argv.insert(command.argv.end(), verb.begin(), verb.end());
    add("--architectures", architectures(host_, database.native_architecture));
    if (root != "/") {
        add("--root", root);
        add("--machine-id", machine_id(host_));
    }
    if (!places_.cache.empty()) {
        add("--cache", places_.cache);
    }
    command.output_limit = kMaxAnswer;
    THIMBLE_TRY(host::Outcome outcome, host::run_command(command));
    if (outcome.exit_status != 0) {
        return failure(
            ErrorKind::Unavailable,
            "apply.apt_not_asked",
            "thimble-apt ended with status " + std::to_string(outcome.exit_status) + ": "
                + printable(outcome.errors));
    }
    return std::move(outcome.output);
}

Result<Resolution> AptPackages::resolve(const Resolving& wanted) {
    THIMBLE_TRY(
        const std::string answer,
        ask({"resolve"}, {.argv = {}, .input = format_resolving(wanted)}));
    auto resolution = parse_resolution(answer);
    if (!resolution) {
        return because("thimble-apt's answer", std::move(resolution).error());
    }
    return resolution;
}

Result<PackageHealth> AptPackages::health() {
    THIMBLE_TRY(const DpkgDatabase database, read_dpkg_database(host_));
    PackageHealth health;
    health.interrupted = database.interrupted;
    for (const DpkgEntry& entry : database.entries) {
        if (!entry.is_finished()) {
            health.unfinished.push_back({entry.name, entry.architecture, entry.version});
        }
        if (entry.held && entry.is_present()) {
            health.held.push_back({entry.name, entry.architecture, entry.version});
        }
    }
    std::ranges::sort(health.unfinished);
    std::ranges::sort(health.held);
    // With nothing wanted, the only problems are those that are there already.
    THIMBLE_TRY(const Resolution now, resolve({}));
    for (const model::PlanProblem& problem : now.problems) {
        health.broken.push_back(problem.detail);
    }
    return health;
}

Result<std::optional<LockHolder>> AptPackages::lock_holder() {
    return find_lock_holder(host_.local_root());
}

Result<std::vector<PackageVersion>> AptPackages::installed() {
    THIMBLE_TRY(const DpkgDatabase database, read_dpkg_database(host_));
    std::vector<PackageVersion> packages;
    for (const DpkgEntry& entry : database.entries) {
        if (entry.is_present()) {
            packages.push_back({entry.name, entry.architecture, entry.version});
        }
    }
    std::ranges::sort(packages);
    return packages;
}

Result<std::string> AptPackages::host_state() {
    THIMBLE_TRY(const DpkgDatabase database, read_dpkg_database(host_));
    std::vector<std::string> lines;
    lines.reserve(database.entries.size());
    for (const DpkgEntry& entry : database.entries) {
        if (entry.state != DpkgState::NotInstalled) {
            lines.push_back(state_line(entry, database));
        }
    }
    std::ranges::sort(lines);
    std::string all;
    for (const std::string& line : lines) {
        all += line;
    }
    return sha256_of(all + preference_lines(host_));
}

}  // namespace thimble::apply
