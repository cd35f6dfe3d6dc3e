#include "thimble/verify/kernel_verdict.hpp"

#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"
#include "thimble/inventory/kernel.hpp"
#include "thimble/model/loaded_at_boot.hpp"
#include "thimble/verify/patch_steps.hpp"
#include "thimble/verify/verdict.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

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

/// The release of the kernel that a file is; empty: it is none.
std::string image_in_path(std::string_view path) {
    constexpr std::string_view kBoot = "/boot/";
    if (path.starts_with(kBoot)) {
        const std::string name(path.substr(kBoot.size()));
        const std::vector<std::string> releases = inventory::bootable_releases(std::span(&name, 1));
        return releases.empty() ? std::string() : releases.front();
    }
    return std::string(path.ends_with("/vmlinuz") ? release_in_path(path) : std::string_view());
}

bool has_image(const PackageFiles& files) {
    return std::ranges::any_of(
        files.paths, [](const std::string& path) { return !image_in_path(path).empty(); });
}

/// A package whose files nobody has looked at has none.
const PackageFiles& files_of(
    const model::PlannedStep& step, const std::vector<PackageFiles>& files) {
    static const PackageFiles kNone;
    const auto found = std::ranges::find_if(files, [&](const PackageFiles& one) {
        return one.package == step.name && one.architecture == step.architecture;
    });
    return found == files.end() ? kNone : *found;
}

/// Whether all steps bring nothing themselves but what they depend on, which a name says is a kernel: "proxmox-kernel-6.8".
bool lead_to_kernel(
    std::span<const model::PlannedStep* const> steps, const std::vector<PackageFiles>& files) {
    return std::ranges::all_of(
               steps,
               [&](const model::PlannedStep* step) {
                   const PackageFiles& own = files_of(*step, files);
                   return own.package == step->name && is_without_code(own);
               })
        && std::ranges::any_of(steps, [](const model::PlannedStep* step) {
               return step->name.contains("kernel") || step->name.starts_with("linux-");
           });
}

std::set<std::string> releases_of(const model::PlannedStep& step, const PackageFiles& files) {
    if (const std::string_view release = release_in_name(step.name); !release.empty()) {
        return {std::string(release)};
    }
    std::set<std::string> releases;
    for (const std::string& path : files.paths) {
        for (const std::string& release :
             {image_in_path(path), std::string(release_in_path(path))}) {
            if (!release.empty()) {
                releases.insert(release);
            }
        }
    }
    return releases;
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
               return step->source_name == own->source_name
                   && order.compare(own->version, step->to_version) < 0;
           });
}

/// What is to be said of the build of a release that runs, where the kernel itself does not tell: nothing, if it was there at the boot.
std::optional<KernelVerdict> judge_build(
    const model::KernelState& kernel,
    std::span<const model::PlannedStep* const> steps,
    const std::vector<PackageFiles>& files) {
    const std::string runs = "kernel " + kernel.running_release + " runs";
    for (const model::PlannedStep* step : steps) {
        const PackageFiles& own = files_of(*step, files);
        if (!kernel.running_version.empty()
            || !releases_of(*step, own).contains(kernel.running_release)) {
            continue;
        }
        if (!own.unpacked_at || !kernel.booted_at) {
            return KernelVerdict{
                PatchState::Unknown,
                runs + "; whether " + step->name + " was there at the last boot is not known"};
        }
        if (*own.unpacked_at >= *kernel.booted_at) {
            return KernelVerdict{
                PatchState::InstalledPendingReboot,
                runs + "; " + step->name + " of that release was unpacked after the last boot"};
        }
    }
    return std::nullopt;
}

}  // namespace

bool brings_kernel(const model::PlannedStep& step, const PackageFiles& files) {
    return model::is_kernel_package(step.name) || has_image(files);
}

std::vector<const model::PlannedStep*> kernel_steps(
    const model::Plan& plan,
    std::span<const model::PlannedStep* const> steps,
    const std::vector<PackageFiles>& files) {
    std::vector<const model::PlannedStep*> kernels;
    const bool is_meta = planned_releases(steps, files).empty() && lead_to_kernel(steps, files);
    for (const model::PlannedStep& step : plan.steps) {
        const bool is_ours = is_meta || std::ranges::find(steps, &step) != steps.end();
        if (is_ours && step.change != model::PlannedChange::Remove
            && brings_kernel(step, files_of(step, files))) {
            kernels.push_back(&step);
        }
    }
    return kernels;
}

bool stands_beside_kernels(const PackageFiles& files) {
    return std::ranges::any_of(files.paths, [](const std::string& path) {
        return !release_in_path(path).empty() || path.starts_with("/usr/src/");
    });
}

std::vector<std::string> planned_releases(
    std::span<const model::PlannedStep* const> steps, const std::vector<PackageFiles>& files) {
    std::set<std::string> releases;
    for (const model::PlannedStep* step : steps) {
        const PackageFiles& own = files_of(*step, files);
        if (brings_kernel(*step, own)) {
            releases.merge(releases_of(*step, own));
        }
    }
    return {releases.begin(), releases.end()};
}

KernelVerdict judge_kernel(
    const model::Inventory& inventory,
    std::span<const std::string> planned,
    const model::VersionOrder& order,
    std::span<const model::PlannedStep* const> steps,
    const std::vector<PackageFiles>& files) {
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
    if (auto build = judge_build(kernel, steps, files)) {
        return *std::move(build);
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
