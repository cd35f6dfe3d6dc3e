#include "thimble/apply/apt_packages.hpp"
#include "thimble/apply/apt_request.hpp"
#include "thimble/apply/fetched_archives.hpp"
#include "thimble/apply/package_manager.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/host.hpp"
#include "thimble/model/plan.hpp"

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::apply {
namespace {

constexpr std::chrono::seconds kTimeToFetch{1800};
}  // namespace

Result<std::vector<FetchedArchive>> AptPackages::fetch_wanted(
    const std::vector<WantedArchive>& wanted, const std::string& folder, const Progress& progress) {
    THIMBLE_TRY(const std::string absolute, archive_folder(folder));
    ProgressReader reader(progress);
    host::Command command{
        .argv = {},
        .input = format_wanted_archives(wanted),
        .timeout = kTimeToFetch + std::chrono::seconds(60),
        .status_channel = true,
        .listener = [&](host::Channel channel, std::string_view piece) {
            if (channel == host::Channel::Status) {
                reader.take(piece);
            }
        }};
    THIMBLE_TRY(
        const std::string answer,
        ask({"fetch",
             "--folder",
             absolute,
             "--status-fd",
             "3",
             "--time-limit",
             std::to_string(kTimeToFetch.count())},
            std::move(command)));
    auto fetched = parse_fetched_archives(answer);
    if (!fetched) {
        return because("thimble-apt's answer", std::move(fetched).error());
    }
    return fetched;
}

Result<void> AptPackages::fetch(
    std::span<const model::PlannedStep> steps,
    const std::string& folder,
    const Progress& progress) {
    return fetch_and_check(steps, folder, [&](const auto& wanted, const std::string& place) {
        return fetch_wanted(wanted, place, progress);
    });
}

}  // namespace thimble::apply
