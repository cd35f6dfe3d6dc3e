#include "thimble/assess/changelog_evidence.hpp"

#include "thimble/assess/kernel_package.hpp"
#include "thimble/base/name_list.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace thimble::assess {
namespace {

bool has_evidence(const model::Inventory& inventory, const model::Offer& offer) {
    return std::ranges::any_of(
        inventory.changelogs, [&offer](const model::ChangelogEvidence& changelog) {
            return changelog.source_name == offer.source_name
                && changelog.to_version == offer.source_version;
        });
}

}  // namespace

bool speaks_of(const model::ChangelogEvidence& changelog, const model::InstalledPackage& package) {
    return package.source_name == changelog.source_name
        && package.source_version == changelog.from_version
        && kernel_package(package).role != KernelRole::Companion;
}

std::set<std::string_view> unread_changelogs(const model::Inventory& inventory) {
    std::set<std::string_view> unread;
    for (const model::Offer& offer : inventory.offers) {
        if (offer.security && !has_evidence(inventory, offer)) {
            unread.insert(offer.source_name);
        }
    }
    return unread;
}

bool has_unread_changelogs(const model::Inventory& inventory) {
    const bool has_debs = std::ranges::any_of(
        inventory.packages, [](const auto& package) { return package.type == "deb"; });
    const bool is_said =
        std::ranges::find(inventory.gaps, "inventory.no_changelog", &model::Gap::code)
        != inventory.gaps.end();
    return is_said || (has_debs && !unread_changelogs(inventory).empty());
}

std::string unread_words(const model::Inventory& inventory) {
    if (!has_unread_changelogs(inventory)) {
        return {};
    }
    constexpr std::size_t kMostNamed = 5;
    const std::set<std::string_view> unread = unread_changelogs(inventory);
    if (unread.empty()) {
        return "offered patches may, as not all changelogs were read";
    }
    const std::string names =
        some_names(std::vector<std::string>(unread.begin(), unread.end()), kMostNamed);
    return unread.size() == 1 ? "1 offered patch (" + names + ") may, as its changelog was not read"
                              : std::to_string(unread.size()) + " offered patches (" + names
            + ") may, as their changelogs were not read";
}

}  // namespace thimble::assess
