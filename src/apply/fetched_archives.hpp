#pragma once
/// @file What package managers fetch, checked by us.

#include "thimble/apply/apt_request.hpp"
#include "thimble/apply/package_manager.hpp"
#include "thimble/apply/pieced_lines.hpp"
#include "thimble/base/result.hpp"
#include "thimble/model/plan.hpp"

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::apply {

/// @error NotFound "apply.no_archive"; Corrupt "apply.wrong_archive"
Result<void> check_archive(const std::string& folder, const model::PlannedArchive& archive);

/// Fetches what is asked for, in its order.
using FetchWanted = std::function<Result<std::vector<FetchedArchive>>(
    const std::vector<WantedArchive>& wanted, const std::string& folder)>;

/// PackageManager::fetch over a `fetch_wanted`: what is there and right is not fetched again, and what
/// came is checked against the plan, whatever the package manager says of it.
Result<void> fetch_and_check(
    std::span<const model::PlannedStep> steps,
    const std::string& folder,
    const FetchWanted& fetch_wanted);

/// Makes the folder, and its path absolute.
/// @error Unavailable "apply.cannot_write"
Result<std::string> archive_folder(const std::string& folder);

/// Hears "<per mille>\t<what>\n" of a program of ours. Lines longer than 64 KiB are left out.
class ProgressReader {
public:
    explicit ProgressReader(const Progress& progress) : progress_(progress) {}

    void take(std::string_view piece);

private:
    void hear(std::string_view line);

    const Progress& progress_;
    PiecedLines lines_;
};

/// The archive at folder/file_name, as it is.
Result<model::PlannedArchive> describe_archive(
    const std::string& folder, const std::string& file_name);

}  // namespace thimble::apply
