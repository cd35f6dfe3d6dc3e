#include "thimble/verify/kernel_verdict.hpp"

#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"
#include "thimble/inventory/kernel.hpp"
#include "thimble/model/loaded_at_boot.hpp"
#include "thimble/verify/verdict.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

namespace thimble::verify {
namespace {

using model::PatchState;

/// "6.1.0-30-amd64" of "linux-image-6.1.0-30-amd64", and of its unsigned kin; empty: a meta package, or none of Debian's.
std::string_view release_in_name(std::string_view name) {
    constexpr std::string_view kPrefix = "linux-image-";
    constexpr std::string_view kUnsigned = "unsigned-";
    constexpr std::string_view kUnsignedEnd = "-unsigned";
    if (!name.starts_with(kPrefix)) {
        return {};
    }
    name.remove_prefix(kPrefix.size());
    if (name.starts_with(kUnsigned)) {
        name.remove_prefix(kUnsigned.size());
    }
    if (name.ends_with(kUnsignedEnd)) {
        name.remove_suffix(kUnsignedEnd.size());
    }
    return !name.empty() && name.front() >= '0' && name.front() <= '9' ? name : std::string_view();
}

/// The release whose kernel or modules a file is; empty: it is neither.
std::string_view release_in_path(std::string_view path) {
    constexpr std::array<std::string_view, 3> kBeginnings{
        "/boot/vmlinuz-", "/lib/modules/", "/usr/lib/modules/"};
    for (const std::string_view beginning : kBeginnings) {
        if (path.starts_with(beginning)) {
            path.remove_prefix(beginning.size());
            return path.substr(0, path.find('/'));
        }
    }
    return {};
}

void add_releases_in_files(
    const model::PlannedStep& step,
    const std::vector<PackageFiles>& files,
    std::set<std::string>& releases) {
    for (const PackageFiles& one : files) {
        if (one.package != step.name || one.architecture != step.architecture) {
            continue;
        }
        for (const std::string& path : one.paths) {
            if (const std::string_view release = release_in_path(path); !release.empty()) {
                releases.emplace(release);
            }
        }
    }
}

/// A version of the running kernel's own package above the one that runs: an update that keeps the release.
std::string newer_build(const model::Inventory& inventory, const model::VersionOrder& order) {
    const model::KernelState& kernel = inventory.kernel;
    const std::string name = "linux-image-" + kernel.running_release;
    for (const model::InstalledPackage& package : inventory.packages) {
        const bool is_running = package.name == name || package.name == name + "-unsigned";
        if (is_running && !kernel.running_version.empty()
            && order.compare(kernel.running_version, package.version) < 0) {
            return package.version;
        }
    }
    return {};
}

/// What the plan brought and does not run; empty: it runs, or a later one of its flavour, or the plan brought none.
std::string planned_and_not_running(
    const model::KernelState& kernel, std::span<const std::string> planned) {
    const std::string wanted = inventory::newest_release(planned, kernel.running_release);
    if (planned.empty()
        || (!wanted.empty() && inventory::compare_releases(kernel.running_release, wanted) >= 0)) {
        return {};
    }
    return wanted.empty() ? inventory::newest_release(planned, {}) : wanted;
}

/// Whether an installed package has the kernel of a release. Of rpm's the release is the version and the architecture, and what sets a
/// variant apart.
bool has_kernel(const model::InstalledPackage& package, std::string_view release) {
    if (!release_in_name(package.name).empty()) {
        return release_in_name(package.name) == release;
    }
    const std::string version = package.version.substr(package.version.find(':') + 1);
    return package.type == "rpm" && model::is_kernel_package(package.name)
        && release.starts_with(version + "." + package.architecture);
}

/// Whether a kernel runs that the plan has nothing to do with: of another flavour, installed still, and not older than what the plan
/// brings of the same source.
bool runs_another_line(
    const model::Inventory& inventory,
    std::string_view wanted,
    std::span<const model::PlannedStep* const> steps,
    const model::VersionOrder& order) {
    const std::string& running = inventory.kernel.running_release;
    const auto own = std::ranges::find_if(
        inventory.packages, [&](const auto& package) { return has_kernel(package, running); });
    return inventory::flavour_of(wanted) != inventory::flavour_of(running)
        && own != inventory.packages.end()
        && std::ranges::none_of(steps, [&](const model::PlannedStep* step) {
               return model::is_kernel_package(step->name) && step->source_name == own->source_name
                   && order.compare(own->version, step->to_version) < 0;
           });
}

}  // namespace

std::vector<std::string> planned_releases(
    std::span<const model::PlannedStep* const> steps, const std::vector<PackageFiles>& files) {
    std::set<std::string> releases;
    for (const model::PlannedStep* step : steps) {
        if (!model::is_kernel_package(step->name)) {
            continue;
        }
        if (const std::string_view release = release_in_name(step->name); !release.empty()) {
            releases.emplace(release);
        } else {
            add_releases_in_files(*step, files, releases);
        }
    }
    return {releases.begin(), releases.end()};
}

KernelVerdict judge_kernel(
    const model::Inventory& inventory,
    std::span<const std::string> planned,
    const model::VersionOrder& order,
    std::span<const model::PlannedStep* const> steps) {
    const model::KernelState& kernel = inventory.kernel;
    if (kernel.running_release.empty()) {
        return {PatchState::Unknown, "the running kernel is not known"};
    }
    const std::string runs = "kernel " + kernel.running_release + " runs";
    if (kernel.newest_release.empty()) {
        return {PatchState::Unknown, runs + "; /boot shows no kernel of its kind"};
    }
    const std::string wanted = planned_and_not_running(kernel, planned);
    const bool is_beside = !wanted.empty() && runs_another_line(inventory, wanted, steps, order);
    if (!wanted.empty() && !is_beside) {
        const bool boots =
            inventory::flavour_of(wanted) != inventory::flavour_of(kernel.running_release)
            || inventory::compare_releases(kernel.newest_release, wanted) >= 0;
        return {
            PatchState::InstalledPendingReboot,
            runs + ", " + wanted + " is installed"
                + (boots ? "" : "; /boot does not show it: a boot may not bring it")};
    }
    if (kernel.running_release != kernel.newest_release) {
        return {
            PatchState::InstalledPendingReboot,
            runs + ", " + kernel.newest_release + " is installed"};
    }
    if (const std::string newer = newer_build(inventory, order); !newer.empty()) {
        return {
            PatchState::InstalledPendingReboot,
            runs + " as built in " + kernel.running_version + ", " + newer + " is installed"};
    }
    return {
        PatchState::Verified,
        runs + " and is the newest installed"
            + (is_beside ? " of its kind; " + wanted + " is of another, and does not run" : "")};
}

std::vector<std::string> reasons_to_boot(const VerifyFacts& facts) {
    std::vector<std::string> reasons;
    if (!facts.runs) {
        return reasons;
    }
    const model::KernelState& kernel = facts.inventory.kernel;
    const std::string runs = "kernel " + kernel.running_release + " runs";
    if (!kernel.container && !kernel.running_release.empty()) {
        const model::VersionOrder* dpkg = model::version_order_named("dpkg");
        THIMBLE_CHECK(dpkg != nullptr);
        const std::string newer = newer_build(facts.inventory, *dpkg);
        if (!kernel.newest_release.empty()
            && inventory::compare_releases(kernel.newest_release, kernel.running_release) > 0) {
            reasons.push_back(runs + ", " + kernel.newest_release + " is installed");
        } else if (!newer.empty()) {
            reasons.push_back(
                runs + " as built in " + kernel.running_version + ", " + newer + " is installed");
        }
    }
    if (facts.inventory.reboot_required) {
        reasons.emplace_back("/run/reboot-required is there: a package asks for a boot");
    }
    return reasons;
}

}  // namespace thimble::verify
