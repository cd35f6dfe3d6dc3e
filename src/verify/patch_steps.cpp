#include "thimble/verify/patch_steps.hpp"

#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"
#include "thimble/inventory/kernel.hpp"
#include "thimble/model/loaded_at_boot.hpp"
#include "thimble/model/package_name.hpp"

#include <algorithm>
#include <array>
#include <compare>
#include <iterator>
#include <string_view>

namespace thimble::verify {
namespace {

using model::InstalledPackage;

bool is_of_patch(const InstalledPackage& package, const model::PlannedPatch& patch) {
    return package.source_name == patch.source
        || model::patch_source(package.name, package.source_name) == patch.source;
}

/// The version in which what one source brings is compared: binaries may count in another way. Images of kernels have signed
/// sources of their own, which count in no other.
const std::string& version_in_source(const InstalledPackage& package) {
    return package.name.starts_with("linux-image-") ? package.version : package.source_version;
}

/// What stays of a name that has a kernel's release in it: "linux-image-*-cloud-amd64".
std::string standing_name(const std::string& name) {
    const std::size_t digit = name.find_first_of("0123456789");
    if (!name.starts_with("linux-") || digit == std::string::npos) {
        return name;
    }
    return name.substr(0, digit) + "*-" + inventory::flavour_of(name.substr(digit));
}

/// Rebuilt without a change of its source: "1.0-1+b2" is "1.0-1".
std::string_view without_rebuild(std::string_view version) {
    const std::size_t mark = version.rfind("+b");
    const bool is_rebuild = mark != std::string_view::npos && mark + 2 < version.size()
        && version.find_first_not_of("0123456789", mark + 2) == std::string_view::npos;
    return is_rebuild ? version.substr(0, mark) : version;
}

/// Finds what one patch leaves where it was.
class Siblings {
public:
    Siblings(
        const model::Plan& plan,
        const model::PlannedPatch& patch,
        const model::Inventory& inventory)
        : patch_(patch),
          inventory_(inventory),
          order_(order_of(plan.manager)),
          steps_(steps_of(plan, patch)),
          brings_kernel_(std::ranges::any_of(steps_, [](const model::PlannedStep* step) {
              return model::is_kernel_package(step->name);
          })) {
        for (const model::PlannedStep* step : steps_) {
            // Firmware and signed images are carried along with a kernel, and count in another way.
            const bool is_of_source = step->source_name == patch.source;
            if (is_of_source
                && (wanted_.empty() || order_.compare(wanted_, step->source_version) < 0)) {
                wanted_ = step->source_version;
            }
        }
    }

    [[nodiscard]] std::vector<const InstalledPackage*> find() const {
        std::vector<const InstalledPackage*> found;
        for (const InstalledPackage& package : inventory_.packages) {
            if (!wanted_.empty() && is_left(package)) {
                found.push_back(&package);
            }
        }
        return found;
    }

private:
    [[nodiscard]] bool is_left(const InstalledPackage& package) const {
        if (!is_of_patch(package, patch_) || is_changed(package)
            || (brings_kernel_ && model::is_beside_kernels(package.name))) {
            return false;
        }
        const std::string& version = version_in_source(package);
        return order_.check(version) && order_.compare(version, wanted_) < 0
            && order_.compare(version, without_rebuild(patch_.from_version)) >= 0
            && !has_newer(package);
    }

    [[nodiscard]] bool is_changed(const InstalledPackage& package) const {
        return std::ranges::any_of(steps_, [&](const model::PlannedStep* step) {
            return step->name == package.name && step->architecture == package.architecture;
        });
    }

    [[nodiscard]] bool has_newer(const InstalledPackage& package) const {
        const std::string name = standing_name(package.name);
        return std::ranges::any_of(inventory_.packages, [&](const InstalledPackage& other) {
            return other.architecture == package.architecture && is_of_patch(other, patch_)
                && standing_name(other.name) == name
                && order_.compare(version_in_source(package), version_in_source(other)) < 0;
        });
    }

    const model::PlannedPatch& patch_;
    const model::Inventory& inventory_;
    const model::VersionOrder& order_;
    std::vector<const model::PlannedStep*> steps_;
    bool brings_kernel_;
    std::string
        wanted_;  ///< the version of the very source that the plan brings; empty: none of it
};

}  // namespace

std::vector<const model::PlannedStep*> steps_of(
    const model::Plan& plan, const model::PlannedPatch& patch) {
    std::vector<const model::PlannedStep*> steps;
    for (const model::PlannedStep& step : plan.steps) {
        const bool is_kernel = patch.source == "linux" && step.source_name.starts_with("linux");
        if (step.change != model::PlannedChange::Remove
            && (step.source_name == patch.source || is_kernel)) {
            steps.push_back(&step);
        }
    }
    return steps;
}

const model::VersionOrder& order_of(const std::string& manager) {
    const char* name = "rpm";
    if (manager == "apt") {
        name = "dpkg";
    } else if (manager == "apk") {
        name = "apk";
    }
    const model::VersionOrder* order = model::version_order_named(name);
    THIMBLE_CHECK(order != nullptr);
    return *order;
}

const model::InstalledPackage* installed(
    const model::Inventory& inventory,
    const model::PlannedStep& step,
    const model::VersionOrder& order) {
    const model::InstalledPackage* newest = nullptr;
    for (const model::InstalledPackage& package : inventory.packages) {
        if (package.name == step.name && package.architecture == step.architecture
            && (newest == nullptr || order.compare(newest->version, package.version) < 0)) {
            newest = &package;
        }
    }
    return newest;
}

std::vector<const model::InstalledPackage*> left_behind(
    const model::Plan& plan, const model::PlannedPatch& patch, const model::Inventory& inventory) {
    return Siblings(plan, patch, inventory).find();
}

bool is_without_code(const PackageFiles& files) {
    constexpr std::array<std::string_view, 5> kDocumentation{
        "/usr/share/doc/",
        "/usr/share/info/",
        "/usr/share/lintian/",
        "/usr/share/locale/",
        "/usr/share/man/"};
    if (!files.unread.empty()) {
        return false;
    }
    for (const std::string& path : files.paths) {
        const std::string inside = path == "/." || path == "/" ? "/" : path + "/";
        const auto next = files.paths.upper_bound(inside);
        const bool is_folder =
            path == "/." || (next != files.paths.end() && next->starts_with(inside));
        if (!is_folder && std::ranges::none_of(kDocumentation, [&](std::string_view folder) {
                return path.starts_with(folder);
            })) {
            return false;
        }
    }
    return true;
}

}  // namespace thimble::verify
