#include "thimble/apply/rpm_archive.hpp"
#include "thimble/apply/rpm_config_rule.hpp"
#include "thimble/apply/rpm_host.hpp"
#include "thimble/base/digest.hpp"
#include "thimble/base/error.hpp"
#include "thimble/base/line_diff.hpp"
#include "thimble/host/run_command.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace thimble::apply {
namespace {

using inventory::RpmFile;

constexpr std::size_t kMaxDiff = std::size_t{16} << 10;
constexpr std::size_t kMaxDiffed = std::size_t{256} << 10;
constexpr std::size_t kMaxConfig = std::size_t{64} << 20;

Result<std::vector<RpmFile>> files_of_archive(const std::string& path) {
    THIMBLE_TRY(
        const host::Outcome outcome,
        host::run_command(
            {.argv = {
                 "rpm",
                 "-qp",
                 "--nosignature",
                 "--queryformat",
                 inventory::rpm_files_format(),
                 path}}));
    if (outcome.exit_status != 0) {
        return failure(ErrorKind::Corrupt, "apply.bad_rpm", last_words(outcome.errors));
    }
    return inventory::parse_rpm_files(outcome.output);
}

std::string_view recorded_digest(const std::vector<RpmFile>& installed, const std::string& path) {
    const auto found = std::ranges::find(installed, path, &RpmFile::path);
    return found == installed.end() ? std::string_view() : std::string_view(found->digest);
}

/// The conflicts of one archive; the diffs are still missing.
Result<std::vector<model::PlannedConffile>> conflicts_of(
    host::Host& host,
    const std::string& package,
    const std::vector<RpmFile>& installed,
    const std::vector<RpmFile>& shipped) {
    std::vector<model::PlannedConffile> conflicts;
    for (const RpmFile& file : shipped) {
        if (!file.is_config || !file.is_regular || file.is_ghost || !file.is_sha256) {
            continue;
        }
        const auto current = host.read_file(file.path, kMaxConfig);
        if (!current && current.error().kind != ErrorKind::NotFound) {
            return because("the configuration file of " + package, current.error());
        }
        const std::string digest = current ? sha256_of(*current) : std::string();
        const auto conflict = rpm_config_conflict(
            {.recorded = recorded_digest(installed, file.path),
             .current = digest,
             .shipped = file.digest,
             .is_noreplace = file.is_noreplace});
        if (conflict) {
            conflicts.push_back(
                {.package = package, .path = file.path, .conflict = *conflict, .diff = {}});
        }
    }
    return conflicts;
}

Result<void> add_diffs(
    host::Host& host, const std::string& archive, std::vector<model::PlannedConffile>& conflicts) {
    std::set<std::string> paths;
    for (const model::PlannedConffile& conflict : conflicts) {
        paths.insert(conflict.path);
    }
    if (paths.empty()) {
        return {};
    }
    THIMBLE_TRY(const auto contents, read_rpm_contents(archive, paths, kMaxDiffed));
    for (model::PlannedConffile& conflict : conflicts) {
        const auto shipped = contents.find(conflict.path);
        const auto current = host.read_file(conflict.path, kMaxDiffed);
        if (current && shipped != contents.end()) {
            conflict.diff = line_diff(*current, shipped->second, kMaxDiff);
        }
    }
    return {};
}

}  // namespace

Result<std::vector<model::PlannedConffile>> RpmHost::predict_conffiles(
    std::span<const model::PlannedStep> steps, const std::string& folder) {
    THIMBLE_TRY(check_rpm_steps(steps));
    std::vector<model::PlannedConffile> all;
    for (const model::PlannedStep& step : steps) {
        if (!step.archive) {
            continue;
        }
        const std::string archive = folder + "/" + step.archive->file_name;
        std::vector<RpmFile> installed;
        if (!step.from_version.empty()) {
            THIMBLE_TRY(installed, files_of({rpm_label(step, step.from_version)}));
        }
        THIMBLE_TRY(const std::vector<RpmFile> shipped, files_of_archive(archive));
        THIMBLE_TRY(auto conflicts, conflicts_of(host_, step.name, installed, shipped));
        THIMBLE_TRY(add_diffs(host_, archive, conflicts));
        std::ranges::move(conflicts, std::back_inserter(all));
    }
    std::ranges::sort(all, {}, [](const model::PlannedConffile& conffile) {
        return std::tie(conffile.package, conffile.path);
    });
    return all;
}

Result<std::vector<std::string>> RpmHost::configuration_files(
    std::span<const model::PlannedStep> steps, const std::string& folder) {
    THIMBLE_TRY(check_rpm_steps(steps));
    std::set<std::string> paths;
    const auto add = [&](const std::vector<RpmFile>& files) {
        for (const RpmFile& file : files) {
            if (file.is_config) {
                paths.insert(file.path);
            }
        }
    };
    std::vector<std::string> names;
    for (const model::PlannedStep& step : steps) {
        names.push_back(step.name);
        if (step.archive) {
            THIMBLE_TRY(
                const auto shipped, files_of_archive(folder + "/" + step.archive->file_name));
            add(shipped);
        }
    }
    THIMBLE_TRY(const std::vector<RpmFile> installed, files_of(names));
    add(installed);
    return std::vector<std::string>(paths.begin(), paths.end());
}

}  // namespace thimble::apply
