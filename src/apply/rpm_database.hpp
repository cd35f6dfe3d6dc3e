#pragma once
/// @file The packages of an rpm database, as rpm lists them by a query format of ours. Pure.

#include "thimble/apply/package_manager.hpp"
#include "thimble/base/result.hpp"
#include "thimble/model/plan.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::apply {

/// One installed package.
struct RpmEntry {
    PackageVersion package;  ///< version: [epoch:]version-release, the epoch only where it is not 0
    std::string identity;    ///< digests of its header: the same only for the very same build
    std::int64_t bytes = 0;  ///< of its files
    auto operator<=>(const RpmEntry&) const = default;
};

/// What rpm is to be told after --queryformat.
std::string rpm_entry_format();

/// Sorted. Keys that rpm keeps as packages (gpg-pubkey) are left out.
/// @error Corrupt "apply.bad_database": a line that is not understood
Result<std::vector<RpmEntry>> parse_rpm_entries(std::string_view text);

/// Packages that are there in several versions at once, all of them; `several_allowed` are names of
/// which that is right (kernels). Whoever interrupts rpm between putting the new version there and
/// taking the old one away leaves this.
std::vector<PackageVersion> duplicates(
    std::span<const RpmEntry> entries, std::span<const std::string> several_allowed);

/// The package in exactly that version; null: it is not there.
const RpmEntry* find_entry(
    std::span<const RpmEntry> entries, const model::PlannedStep& step, const std::string& version);

/// What of the steps is not done yet.
std::vector<model::PlannedStep> open_steps(
    std::span<const model::PlannedStep> steps, std::span<const RpmEntry> entries);

/// "name-version-release.architecture" without the epoch, as rpm takes it for an argument.
std::string rpm_label(const model::PlannedStep& step, std::string_view version);

/// Refuses what could become another word, option or path.
/// @error Invalid "apply.bad_step"
Result<void> check_rpm_steps(std::span<const model::PlannedStep> steps);

}  // namespace thimble::apply
