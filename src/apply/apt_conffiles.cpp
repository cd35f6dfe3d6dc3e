#include "thimble/apply/apt_packages.hpp"
#include "thimble/apply/conffile_rule.hpp"
#include "thimble/apply/deb_archive.hpp"
#include "thimble/apply/deb_control.hpp"
#include "thimble/apply/dpkg_database.hpp"
#include "thimble/apply/dpkg_reading.hpp"
#include "thimble/base/digest.hpp"
#include "thimble/base/error.hpp"
#include "thimble/base/line_diff.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/host.hpp"
#include "thimble/model/plan.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace thimble::apply {
namespace {

constexpr std::size_t kMaxDiff = std::size_t{16} << 10;
constexpr std::size_t kMaxDiffed = std::size_t{256} << 10;   // a longer file gets no diff
constexpr std::size_t kMaxConffile = std::size_t{64} << 20;  // a longer one on the host is an error

class ConffileForecast {
public:
    /// @param database  outlives this
    ConffileForecast(host::Host& host, const DpkgDatabase& database) : host_(host) {
        for (const DpkgEntry& entry : database.entries) {
            for (const DpkgConffile& conffile : entry.conffiles) {
                recorded_[conffile.path].push_back({entry.name, conffile.md5});
            }
        }
        const auto text = host.read_file("/var/lib/dpkg/diversions", std::size_t{16} << 20);
        if (text) {
            diversions_ = parse_diversions(*text);
        }
    }

    Result<void> look_at(const model::PlannedStep& step, const std::string& archive) {
        THIMBLE_TRY(const DebControl control, read_deb_control(archive));
        const std::set<std::string> paths(control.conffiles.begin(), control.conffiles.end());
        THIMBLE_TRY(const auto shipped, read_deb_files(archive, paths, kMaxDiffed));
        for (const auto& [path, file] : shipped) {
            THIMBLE_TRY(compare(step.name, path, file));
        }
        return {};
    }

    std::vector<model::PlannedConffile> finish() {
        std::ranges::sort(conflicts_, {}, [](const model::PlannedConffile& conffile) {
            return std::tie(conffile.package, conffile.path);
        });
        return std::move(conflicts_);
    }

private:
    struct Recorded {
        std::string_view package;
        std::string_view md5;
    };

    /// The package's own record, else that of another package which the file moves away from.
    std::string_view recorded_md5(const std::string& package, const std::string& path) const {
        const auto found = recorded_.find(path);
        if (found == recorded_.end()) {
            return {};
        }
        const auto own = std::ranges::find(found->second, package, &Recorded::package);
        return own == found->second.end() ? found->second.front().md5 : own->md5;
    }

    Result<void> compare(
        const std::string& package, const std::string& path, const DebFile& shipped) {
        const std::string place = path_on_disk(diversions_, path, package);
        const auto current = host_.read_file(place, kMaxConffile);
        if (!current && current.error().kind != ErrorKind::NotFound) {
            return because("the configuration file of " + package, current.error());
        }
        const std::string digest = current ? md5_of(*current) : std::string();
        const auto conflict = conffile_conflict(
            {.recorded = recorded_md5(package, path), .current = digest, .shipped = shipped.md5});
        if (!conflict) {
            return {};
        }
        std::string diff;
        // Of a file that the administrator deleted, all of the new one is the difference.
        const std::string& present = current ? *current : digest;
        if (present.size() <= kMaxDiffed && !shipped.content.empty()) {
            diff = line_diff(present, shipped.content, kMaxDiff);
        }
        conflicts_.push_back(
            {.package = package, .path = path, .conflict = *conflict, .diff = std::move(diff)});
        return {};
    }

    host::Host& host_;
    std::map<std::string_view, std::vector<Recorded>> recorded_;
    std::vector<Diversion> diversions_;
    std::vector<model::PlannedConffile> conflicts_;
};

}  // namespace

Result<std::vector<model::PlannedConffile>> AptPackages::predict_conffiles(
    std::span<const model::PlannedStep> steps, const std::string& folder) {
    THIMBLE_TRY(const DpkgDatabase database, read_dpkg_database(host_));
    ConffileForecast forecast(host_, database);
    for (const model::PlannedStep& step : steps) {
        if (step.archive) {
            THIMBLE_TRY(forecast.look_at(step, folder + "/" + step.archive->file_name));
        }
    }
    return forecast.finish();
}

}  // namespace thimble::apply
