#include "thimble/apply/apt_packages.hpp"
#include "thimble/apply/deb_archive.hpp"
#include "thimble/apply/dpkg_database.hpp"
#include "thimble/apply/dpkg_reading.hpp"
#include "thimble/host/host.hpp"

#include <algorithm>
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
Result<std::vector<std::string>> ucf_files(
    host::Host& host, std::span<const model::PlannedStep> steps) {
    constexpr std::size_t kMostBytes = std::size_t{4} << 20;
    const auto registry = host.read_file("/var/lib/ucf/registry", kMostBytes);
    if (!registry && registry.error().kind != ErrorKind::NotFound) {
        return registry.error();
    }
    std::vector<std::string> paths;
    for (UcfFile& file : parse_ucf_registry(registry ? *registry : std::string())) {
        if (std::ranges::find(steps, file.package, &model::PlannedStep::name) != steps.end()) {
            paths.push_back(std::move(file.path));
        }
    }
    return paths;
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
    THIMBLE_TRY(const auto more, ucf_files(host_, steps));
    std::ranges::copy(more, std::back_inserter(paths));
    std::ranges::sort(paths);
    const auto rest = std::ranges::unique(paths);
    paths.erase(rest.begin(), rest.end());
    return paths;
}

}  // namespace thimble::apply
