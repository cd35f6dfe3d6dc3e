#include "thimble/assess/changelog_evidence.hpp"

#include "thimble/assess/kernel_package.hpp"
#include "thimble/base/name_list.hpp"
#include "thimble/model/unread_update.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace thimble::assess {
namespace {

/// Whether an update that is offered may close what nobody knows a fix of, for all that was read.
bool may_be_closed(const model::Inventory& inventory, const model::Finding& finding) {
    const bool is_undecided = finding.status == model::FindingStatus::AffectedNoFix
        || finding.status == model::FindingStatus::UnderInvestigation
        || finding.status == model::FindingStatus::Unknown;
    return is_undecided
        && model::unread_update(inventory, inventory.packages[finding.package]) != nullptr;
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
        if (offer.security && !model::has_changelog(inventory, offer)) {
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

std::vector<std::string> left_to_changelogs(
    const model::Inventory& inventory,
    const model::Assessment& all,
    const std::vector<std::string>& vulnerabilities) {
    const bool are_unread = has_unread_changelogs(inventory);
    std::vector<std::string> left;
    for (const std::string& id : vulnerabilities) {
        bool has_record = false;
        bool is_left = false;
        for (const model::Finding& finding : all.findings) {
            if (all.vulnerabilities[finding.vulnerability].id == id) {
                has_record = true;
                is_left = is_left || may_be_closed(inventory, finding);
            }
        }
        if (is_left || (!has_record && are_unread)) {
            left.push_back(id);
        }
    }
    return left;
}

}  // namespace thimble::assess
