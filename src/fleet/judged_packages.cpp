#include "thimble/fleet/judged_packages.hpp"

#include "thimble/assess/kernel_package.hpp"
#include "thimble/assess/subject.hpp"

#include <algorithm>

namespace thimble::fleet {

JudgedPackages judged_packages(const model::Inventory& inventory) {
    JudgedPackages judged;
    judged.release = assess::sections_of(inventory.os);
    const assess::KernelChoice kernel = assess::choose_kernel(inventory.packages, inventory.kernel);
    for (std::size_t i = 0; i < inventory.packages.size(); ++i) {
        const model::InstalledPackage& package = inventory.packages[i];
        assess::Subject subject = assess::subject_of(inventory.os, package, kernel.running == i);
        if (subject.kind == assess::SubjectKind::ThirdParty
            || subject.kind == assess::SubjectKind::IdleKernel) {
            continue;
        }
        judged.packages.push_back(
            {.section = std::move(subject.section),
             .name = std::move(subject.name),
             .version = std::move(subject.version),
             .source_name = std::move(subject.source_name),
             .source_version = std::move(subject.source_version),
             .architecture = package.architecture,
             .module_stream = package.module_stream});
    }
    std::ranges::sort(judged.packages);
    const auto repeated = std::ranges::unique(judged.packages);
    judged.packages.erase(repeated.begin(), repeated.end());
    return judged;
}

std::string list_key(std::string_view package_list, const model::Inventory& inventory) {
    std::string key(package_list);
    for (const std::string* part :
         {&inventory.os.id,
          &inventory.os.version_id,
          &inventory.os.version_codename,
          &inventory.kernel.running_release}) {
        // With its length: no two lists of parts give one key.
        key += ' ' + std::to_string(part->size()) + ':' + *part;
    }
    return key;
}

}  // namespace thimble::fleet
