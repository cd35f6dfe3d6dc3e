#include "thimble/rehearse/examine_boot.hpp"

#include "thimble/model/loaded_at_boot.hpp"

#include <algorithm>
#include <string_view>

namespace thimble::rehearse {
namespace {

constexpr std::string_view kKernel = "vmlinuz-";

bool contains(const std::vector<std::string>& names, const std::string& name) {
    return std::ranges::find(names, name) != names.end();
}

/// Under the names of Debian, Red Hat and SUSE.
bool has_initial_files(const std::vector<std::string>& names, const std::string& release) {
    return contains(names, "initrd.img-" + release) || contains(names, "initrd-" + release)
        || contains(names, "initramfs-" + release + ".img");
}

std::vector<std::string> releases_in(const std::vector<std::string>& names) {
    std::vector<std::string> releases;
    for (const std::string& name : names) {
        if (name.starts_with(kKernel)) {
            releases.push_back(name.substr(kKernel.size()));
        }
    }
    return releases;
}

}  // namespace

std::vector<Check> examine_boot(
    const model::Plan& plan,
    const std::vector<std::string>& before,
    const std::vector<std::string>& after) {
    const std::vector<std::string> known = releases_in(before);
    const bool have_initial_files = std::ranges::any_of(
        known, [&](const std::string& release) { return has_initial_files(before, release); });
    Check check = named_check("boot");
    std::size_t came = 0;
    for (const std::string& release : releases_in(after)) {
        if (contains(known, release)) {
            continue;
        }
        ++came;
        if (have_initial_files && !has_initial_files(after, release)) {
            check.verdict = CheckVerdict::Fail;
            check.evidence.push_back("kernel " + release + " came without its initial file system");
        }
    }
    const bool brings_kernel = std::ranges::any_of(plan.steps, [](const model::PlannedStep& step) {
        return !step.to_version.empty() && model::is_kernel_package(step.name);
    });
    if (came == 0 && !brings_kernel) {
        return {};
    }
    check.summary = std::to_string(came) + (came == 1 ? " new kernel" : " new kernels")
        + " in /boot" + (check.evidence.empty() ? "" : ", " + check.evidence.front())
        + "; the boot loader was not tried: a clone has none";
    return {check};
}

}  // namespace thimble::rehearse
