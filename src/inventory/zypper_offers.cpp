#include "thimble/inventory/zypper_offers.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace thimble::inventory {
namespace {

/// rpm's list tells an epoch of 0 where the package has one; zypper does not.
bool is_version(std::string_view installed, std::string_view told) {
    return installed == told || (installed.starts_with("0:") && installed.substr(2) == told);
}

const model::InstalledPackage* find_installed(
    std::span<const model::InstalledPackage> installed, const ZypperUpdate& update) {
    const auto find = [&](bool any_architecture) {
        return std::ranges::find_if(installed, [&](const model::InstalledPackage& package) {
            return package.type == "rpm" && package.name == update.name
                && is_version(package.version, update.from_version)
                && (any_architecture || package.architecture == update.architecture);
        });
    };
    auto found = find(false);
    if (found == installed.end()) {
        found = find(true);  // it becomes or ceases to be noarch
    }
    return found == installed.end() ? nullptr : &*found;
}

bool brings(std::span<const ZypperChange> changes, const ZypperUpdate& update, bool exactly) {
    return std::ranges::any_of(changes, [&](const ZypperChange& change) {
        return change.name == update.name && change.architecture == update.architecture
            && !change.to_version.empty() && (!exactly || change.to_version == update.to_version);
    });
}

}  // namespace

std::vector<model::Offer> zypper_offers(
    const ZypperAnswers& answers, std::span<const model::InstalledPackage> installed) {
    std::vector<model::Offer> offers;
    for (const ZypperUpdate& update : answers.updates) {
        const model::InstalledPackage* package = find_installed(installed, update);
        if (package == nullptr) {
            continue;
        }
        model::Offer offer;
        offer.name = update.name;
        offer.architecture = update.architecture;
        offer.installed_version = package->version;
        offer.candidate_version = update.to_version;
        offer.source_name = package->source_name;
        offer.source_version = update.to_version;
        const auto repository =
            std::ranges::find(answers.repositories, update.repository, &ZypperRepository::alias);
        offer.origins.push_back(
            {.origin = update.repository,
             .label = {},
             .archive = {},
             .codename = {},
             .component = {},
             .site = {},
             .trusted = repository != answers.repositories.end() && repository->is_checked});
        offer.security = brings(answers.security, update, false);
        offer.in_upgrade = brings(answers.upgrade, update, true);
        const auto lock = std::ranges::find_if(answers.locks, [&](const std::string& pattern) {
            return is_locked(pattern, update.name);
        });
        if (lock != answers.locks.end()) {
            offer.blockers.push_back(
                {.kind = model::BlockerKind::Hold, .detail = "locked by zypper: " + *lock});
        }
        offers.push_back(std::move(offer));
    }
    std::ranges::sort(offers, {}, [](const model::Offer& offer) {
        return std::tie(offer.name, offer.architecture);
    });
    return offers;
}

}  // namespace thimble::inventory
