#include "thimble/model/unread_update.hpp"

#include "thimble/model/package_name.hpp"

#include <algorithm>
#include <string>

namespace thimble::model {

bool has_changelog(const Inventory& inventory, const Offer& offer) {
    return std::ranges::any_of(inventory.changelogs, [&offer](const ChangelogEvidence& changelog) {
        return changelog.source_name == offer.source_name
            && changelog.to_version == offer.source_version;
    });
}

const Offer* unread_update(const Inventory& inventory, const InstalledPackage& package) {
    const std::string source = patch_source(package.name, package.source_name);
    const auto found = std::ranges::find_if(inventory.offers, [&](const Offer& offer) {
        return offer.source_version != package.source_version
            && patch_source(offer.name, offer.source_name) == source
            && !has_changelog(inventory, offer);
    });
    return found == inventory.offers.end() ? nullptr : &*found;
}

}  // namespace thimble::model
