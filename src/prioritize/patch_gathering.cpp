#include "thimble/prioritize/patch_gathering.hpp"

#include "thimble/model/loaded_at_boot.hpp"
#include "thimble/model/package_name.hpp"
#include "thimble/model/version_order.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>

namespace thimble::prioritize {
namespace {

using model::Finding;
using model::FindingStatus;
using model::InstalledPackage;
using model::Offer;
using model::Patch;

/// How a patch can be had; each way is a patch of its own.
enum class Lane : std::uint8_t { Offered, Installed, NotOffered };

bool is_kernel_image(std::string_view name) {
    return name.starts_with("linux-image-");
}

/// The version in which source and kernel images are compared.
const std::string& source_version(const InstalledPackage& package) {
    return is_kernel_image(package.name) ? package.version : package.source_version;
}

void raise(std::string& version, const std::string& candidate, std::string_view type) {
    const model::VersionOrder* order = model::version_order_named(type);
    if (version.empty() || (order != nullptr && order->compare(version, candidate) < 0)) {
        version = candidate;
    }
}

void insert_sorted(std::vector<std::uint32_t>& list, std::uint32_t value) {
    const auto at = std::lower_bound(list.begin(), list.end(), value);
    if (at == list.end() || *at != value) {
        list.insert(at, value);
    }
}

class Gathering {
public:
    Gathering(const model::Inventory& inventory, const model::Assessment& assessment)
        : inventory_(inventory), assessment_(assessment) {
        for (std::uint32_t i = 0; i < inventory.packages.size(); ++i) {
            const InstalledPackage& package = inventory.packages[i];
            index_.emplace(package.name + ":" + package.architecture, i);
        }
    }

    std::vector<Patch> run() {
        for (const Offer& offer : inventory_.offers) {
            add_offer(offer);
        }
        for (std::uint32_t i = 0; i < assessment_.findings.size(); ++i) {
            add_finding(i);
        }
        std::vector<Patch> patches;
        patches.reserve(patches_.size());
        for (auto& [key, patch] : patches_) {
            finish(patch, key.second);
            patches.push_back(std::move(patch));
        }
        return patches;
    }

private:
    Patch& patch_for(const std::string& source, Lane lane) {
        Patch& patch = patches_[{source, lane}];
        patch.source = source;
        return patch;
    }

    void add_offer(const Offer& offer) {
        Patch& patch = patch_for(model::patch_source(offer.name, offer.source_name), Lane::Offered);
        const auto installed = index_.find(offer.name + ":" + offer.architecture);
        if (installed != index_.end()) {
            const InstalledPackage& package = inventory_.packages[installed->second];
            insert_sorted(patch.packages, installed->second);
            raise(patch.from_version, source_version(package), package.type);
        }
        raise(
            patch.to_version,
            is_kernel_image(offer.name) ? offer.candidate_version : offer.source_version,
            "dpkg");
        patch.offered = true;
        patch.security = patch.security || offer.security;
        patch.blockers.insert(patch.blockers.end(), offer.blockers.begin(), offer.blockers.end());
    }

    void add_finding(std::uint32_t index) {
        const Finding& finding = assessment_.findings[index];
        Lane lane = Lane::Offered;
        switch (finding.status) {
            case FindingStatus::AffectedFixAvailable: break;
            case FindingStatus::AffectedFixNotInMyRepos: lane = Lane::NotOffered; break;
            case FindingStatus::FixedInstalledNotRunning: lane = Lane::Installed; break;
            case FindingStatus::AffectedNoFix:
            case FindingStatus::Fixed:
            case FindingStatus::NotAffected:
            case FindingStatus::UnderInvestigation:
            case FindingStatus::Unknown: return;
        }
        const InstalledPackage& package = inventory_.packages[finding.package];
        Patch& patch = patch_for(model::patch_source(package.name, package.source_name), lane);
        if (patch.findings.empty() || patch.from_version.empty()) {
            // The kernel that runs, not the newest meta package, is what the patch leaves behind.
            patch.from_version = source_version(package);
        }
        insert_sorted(patch.packages, finding.package);
        if (package.held) {
            add_hold(patch, package.name);
        }
        patch.findings.push_back(index);
        patch.security = true;
        if (!patch.offered) {
            raise(patch.to_version, finding.fixed_version, package.type);
        }
        if (lane != Lane::Offered) {
            patch.blocked_reason = finding.reason;
        }
    }

    /// A hold is known from the package's own database, also when nobody asked for offers.
    static void add_hold(Patch& patch, const std::string& name) {
        const bool known = std::any_of(
            patch.blockers.begin(), patch.blockers.end(), [](const model::Blocker& blocker) {
                return blocker.kind == model::BlockerKind::Hold;
            });
        if (!known) {
            patch.blockers.push_back({model::BlockerKind::Hold, name + " is on hold"});
        }
    }

    void finish(Patch& patch, Lane lane) const {
        std::stable_sort(
            patch.blockers.begin(),
            patch.blockers.end(),
            [](const model::Blocker& left, const model::Blocker& right) {
                return left.kind < right.kind;
            });
        patch.blockers.erase(
            std::unique(patch.blockers.begin(), patch.blockers.end()), patch.blockers.end());
        patch.installed = lane == Lane::Installed;
        if (patch.installed) {
            patch.blocked_reason.clear();
        }
        for (const model::ChangelogEvidence& changelog : inventory_.changelogs) {
            const bool kernel =
                patch.source == "linux" && changelog.source_name.starts_with("linux-signed");
            if (lane == Lane::Offered && (changelog.source_name == patch.source || kernel)) {
                patch.urgency = changelog.urgency;
                patch.news = changelog.news;
            }
        }
        set_restart(patch);
    }

    [[nodiscard]] bool has_kernel_image(const Patch& patch) const {
        return std::any_of(
            patch.packages.begin(), patch.packages.end(), [this](std::uint32_t index) {
                return is_kernel_image(inventory_.packages[index].name);
            });
    }

    void set_restart(Patch& patch) const {
        const bool boots = patch.source != "linux" || has_kernel_image(patch);
        if (model::is_live_after_boot(patch.source) && boots) {
            patch.restart = model::Restart::Reboot;
            return;
        }
        for (const std::uint32_t index : patch.packages) {
            const std::string& name = inventory_.packages[index].name;
            if (model::is_shared_library(name)) {
                patch.restart =
                    model::Restart::Services;  // whatever maps it; known once it is replaced
            }
            for (const model::Listener& listener : inventory_.listeners) {
                if (listener.package == name) {
                    patch.restart = model::Restart::Services;
                    add_service(patch, listener.command);
                }
            }
        }
        if (patch.restart == model::Restart::None && !inventory_.listeners_known) {
            patch.restart = model::Restart::Unknown;
        }
    }

    static void add_service(Patch& patch, const std::string& command) {
        if (std::find(patch.services.begin(), patch.services.end(), command)
            == patch.services.end()) {
            patch.services.push_back(command);
        }
    }

    const model::Inventory& inventory_;
    const model::Assessment& assessment_;
    std::unordered_map<std::string, std::uint32_t> index_;
    std::map<std::pair<std::string, Lane>, Patch> patches_;
};

}  // namespace

std::vector<Patch> gather_patches(
    const model::Inventory& inventory, const model::Assessment& assessment) {
    return Gathering(inventory, assessment).run();
}

}  // namespace thimble::prioritize
