#include "thimble/fleet/judged_packages.hpp"

#include "thimble/assess/changelog_evidence.hpp"
#include "thimble/assess/kernel_package.hpp"
#include "thimble/assess/subject.hpp"
#include "thimble/base/digest.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace thimble::fleet {

namespace {

JudgedPackage judged_package(assess::Subject subject, const model::InstalledPackage& package) {
    return {
        .section = std::move(subject.section),
        .name = std::move(subject.name),
        .version = std::move(subject.version),
        .source_name = std::move(subject.source_name),
        .source_version = std::move(subject.source_version),
        .architecture = package.architecture,
        .module_stream = package.module_stream};
}

template <class Value>
void sort_each_once(std::vector<Value>& values) {
    std::ranges::sort(values);
    const auto repeated = std::ranges::unique(values);
    values.erase(repeated.begin(), repeated.end());
}

/// What several changelogs name for one package counts once: for the first of them.
void name_each_once(std::vector<JudgedChangelog>& changelogs) {
    std::map<JudgedPackage, std::set<std::string>> named;
    for (JudgedChangelog& changelog : changelogs) {
        std::set<std::string>& before = named[changelog.package];
        std::erase_if(changelog.vulnerabilities, [&before](const std::string& id) {
            return !before.insert(id).second;
        });
    }
    std::erase_if(changelogs, [](const JudgedChangelog& changelog) {
        return changelog.vulnerabilities.empty();
    });
}

std::string digest_of(const std::vector<model::ChangelogEvidence>& changelogs) {
    Digest digest(DigestKind::Sha256);
    const auto add = [&digest](const std::string& text) {
        // With its length, as below.
        digest.add(std::to_string(text.size()) + ':' + text);
    };
    for (const model::ChangelogEvidence& changelog : changelogs) {
        add(changelog.source_name);
        add(changelog.from_version);
        add(changelog.to_version);
        add(std::to_string(changelog.vulnerabilities.size()));
        std::ranges::for_each(changelog.vulnerabilities, add);
    }
    return digest.finish();
}

}  // namespace

JudgedPackages judged_packages(const model::Inventory& inventory) {
    JudgedPackages judged;
    judged.release = assess::sections_of(inventory.os);
    judged.has_unread_changelogs = assess::has_unread_changelogs(inventory);
    const assess::KernelChoice kernel = assess::choose_kernel(inventory.packages, inventory.kernel);
    for (std::size_t i = 0; i < inventory.packages.size(); ++i) {
        const model::InstalledPackage& package = inventory.packages[i];
        const assess::Subject subject =
            assess::subject_of(inventory.os, package, kernel.running == i);
        for (const model::ChangelogEvidence& changelog : inventory.changelogs) {
            if (assess::speaks_of(changelog, package)) {
                judged.changelogs.push_back(
                    {judged_package(subject, package),
                     changelog.to_version,
                     changelog.vulnerabilities});
                sort_each_once(judged.changelogs.back().vulnerabilities);
            }
        }
        if (subject.kind != assess::SubjectKind::ThirdParty
            && subject.kind != assess::SubjectKind::IdleKernel) {
            judged.packages.push_back(judged_package(subject, package));
        }
    }
    sort_each_once(judged.packages);
    sort_each_once(judged.changelogs);
    name_each_once(judged.changelogs);
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
    if (!inventory.changelogs.empty()) {
        key += ' ' + digest_of(inventory.changelogs);
    }
    const bool is_unread = !assess::unread_changelogs(inventory).empty()
        || std::ranges::find(inventory.gaps, "inventory.no_changelog", &model::Gap::code)
            != inventory.gaps.end();
    return is_unread ? key + " unread" : key;
}

}  // namespace thimble::fleet
