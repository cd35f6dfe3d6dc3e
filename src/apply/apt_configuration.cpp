#include "thimble/apply/apt_call.hpp"
#include "thimble/apply/apt_packages.hpp"
#include "thimble/apply/deb_archive.hpp"
#include "thimble/apply/dpkg_database.hpp"
#include "thimble/apply/dpkg_reading.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/host/host.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <iterator>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace thimble::apply {
namespace {

/// Of packages whose scripts let ucf ask about their configuration: without an answer ucf leaves the new
/// version beside the file, as dpkg does.
Result<std::vector<UcfFile>> ucf_files(host::Host& host) {
    constexpr std::size_t kMostBytes = std::size_t{4} << 20;
    const auto registry = host.read_file("/var/lib/ucf/registry", kMostBytes);
    if (!registry && registry.error().kind != ErrorKind::NotFound) {
        return registry.error();
    }
    return parse_ucf_registry(registry ? *registry : std::string());
}

/// Purging runs a script that a package brings along, which may remove what others have put where it has its own.
bool has_removal_script(host::Host& host, const DpkgEntry& entry) {
    const std::string begin = "/var/lib/dpkg/info/" + entry.name;
    return std::ranges::any_of(
        std::array{begin + ".postrm", begin + ":" + entry.architecture + ".postrm"},
        [&](const std::string& path) {
            const auto found = host.look(path, host::Follow::No);
            return found || found.error().kind != ErrorKind::NotFound;
        });
}

Result<void> run_quietly(host::Host& host, std::vector<std::string> argv) {
    const std::string program = argv.front();
    THIMBLE_TRY(
        const host::Outcome outcome,
        (host.run({.argv = std::move(argv), .environment = apt_environment()})));
    if (outcome.exit_status != 0) {
        return failure(
            ErrorKind::Unavailable,
            "apply.not_forgotten",
            program + " failed: " + printable(outcome.errors));
    }
    return {};
}

/// All that it can; @return the last error
Result<void> forget_ucf_files(host::Host& host, std::span<const std::string> files) {
    THIMBLE_TRY(const auto registered, ucf_files(host));
    Result<void> forgotten;
    for (const UcfFile& file : registered) {
        if (std::ranges::find(files, file.path) == files.end()) {
            continue;
        }
        for (const std::vector<std::string>& argv :
             {std::vector<std::string>{"ucf", "--purge", "--", file.path},
              std::vector<std::string>{"ucfr", "--purge", "--", file.package, file.path}}) {
            if (auto run = run_quietly(host, argv); !run) {
                forgotten = std::move(run);
            }
        }
    }
    return forgotten;
}

}  // namespace

Result<std::vector<std::string>> AptPackages::configuration_files(
    std::span<const model::PlannedStep> steps, const std::string& folder) {
    THIMBLE_TRY(const DpkgDatabase database, read_dpkg_database(host_));
    std::vector<std::string> paths;
    for (const DpkgEntry& entry : database.entries) {
        const bool concerned = std::ranges::any_of(steps, [&](const model::PlannedStep& step) {
            return step.name == entry.name && step.architecture == entry.architecture;
        });
        if (concerned) {
            for (const DpkgConffile& conffile : entry.conffiles) {
                paths.push_back(conffile.path);
            }
        }
    }
    for (const model::PlannedStep& step : steps) {
        if (step.archive) {
            THIMBLE_TRY(
                const DebControl control, read_deb_control(folder + "/" + step.archive->file_name));
            std::ranges::copy(control.conffiles, std::back_inserter(paths));
        }
    }
    THIMBLE_TRY(const auto more, ucf_files(host_));
    for (const UcfFile& file : more) {
        if (std::ranges::find(steps, file.package, &model::PlannedStep::name) != steps.end()) {
            paths.push_back(file.path);
        }
    }
    std::ranges::sort(paths);
    const auto rest = std::ranges::unique(paths);
    paths.erase(rest.begin(), rest.end());
    return paths;
}

Result<std::vector<std::string>> AptPackages::forget(
    std::span<const model::PlannedStep> added, std::span<const std::string> files) {
    const auto forgotten = forget_ucf_files(host_, files);
    THIMBLE_TRY(const DpkgDatabase database, read_dpkg_database(host_));
    std::vector<std::string> remembered;
    std::vector<std::string> purge{"dpkg", "--purge"};
    for (const model::PlannedStep& step : added) {
        const DpkgEntry* entry = database.find(step.name, step.architecture);
        if (entry == nullptr || entry->state != DpkgState::ConfigFiles) {
            continue;
        }
        if (!has_removal_script(host_, *entry)) {
            purge.push_back(step.name + ":" + entry->architecture);
        } else if (!entry->conffiles.empty()) {
            remembered.push_back(step.name);
        }
    }
    if (purge.size() > 2) {
        // dpkg does not wait for its lock, which apt has let go.
        constexpr std::chrono::seconds kPatience{60};
        THIMBLE_TRY(wait_for_lock(kPatience));
        THIMBLE_TRY(run_quietly(host_, std::move(purge)));
    }
    if (!forgotten) {
        return forgotten.error();
    }
    return remembered;
}

}  // namespace thimble::apply
