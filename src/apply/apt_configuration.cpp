#include "thimble/apply/apt_packages.hpp"
#include "thimble/apply/deb_archive.hpp"
#include "thimble/apply/dpkg_database.hpp"
#include "thimble/apply/dpkg_reading.hpp"

#include <algorithm>
#include <iterator>

namespace thimble::apply {

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
    std::ranges::sort(paths);
    const auto rest = std::ranges::unique(paths);
    paths.erase(rest.begin(), rest.end());
    return paths;
}

}  // namespace thimble::apply
