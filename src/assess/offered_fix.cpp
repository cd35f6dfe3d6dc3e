#include "thimble/assess/offered_fix.hpp"

#include "thimble/model/package_name.hpp"
#include "thimble/model/version_order.hpp"

namespace thimble::assess {
namespace {

/// Kernel images and their meta packages carry the version of the unsigned source themselves.
bool is_kernel_image(std::string_view name) {
    return name.starts_with("linux-image-");
}

}  // namespace

OfferedFixes::OfferedFixes(const model::Inventory& inventory) : asked_(inventory.index.asked) {
    const model::VersionOrder* order = model::version_order_named("dpkg");
    if (order == nullptr) {
        return;
    }
    for (const model::Offer& offer : inventory.offers) {
        const std::string& version =
            is_kernel_image(offer.name) ? offer.candidate_version : offer.source_version;
        std::string& newest = newest_[model::patch_source(offer.name, offer.source_name)];
        if (newest.empty() || order->compare(newest, version) < 0) {
            newest = version;
        }
    }
}

std::string_view OfferedFixes::why_not(
    const model::InstalledPackage& package, std::string_view fixed_version, Channel channel) const {
    const bool subscription = channel == Channel::Subscription;
    if (!asked_) {
        return subscription ? "subscription_only" : "";
    }
    const auto offered = newest_.find(model::patch_source(package.name, package.source_name));
    const model::VersionOrder* order = model::version_order_named(package.type);
    const bool closes = offered != newest_.end() && order != nullptr
        && order->check(offered->second) && order->compare(offered->second, fixed_version) >= 0;
    if (closes) {
        return "";
    }
    return subscription ? "subscription_only" : "not_offered";
}

}  // namespace thimble::assess
