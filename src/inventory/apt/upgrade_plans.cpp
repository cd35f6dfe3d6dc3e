#include "upgrade_plans.hpp"

#include "dependencies.hpp"

#include <apt-pkg/cachefile.h>
#include <apt-pkg/policy.h>  // IWYU pragma: keep: pkgPolicy is a pkgDepCache::Policy
#include <apt-pkg/upgrade.h>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace thimble::inventory::apt {
namespace {

constexpr std::size_t kMaxNames = 10;

std::unique_ptr<pkgDepCache> fresh_dependencies(pkgCacheFile& cache) {
    auto dependencies = std::make_unique<pkgDepCache>(cache.GetPkgCache(), cache.GetPolicy());
    dependencies->Init(nullptr);
    return dependencies;
}

struct Plan {
    std::vector<bool> upgraded;  ///< by package id
    bool is_plain = true;        ///< nothing is new or removed
};

Plan plan_of(pkgCacheFile& cache, int mode) {
    const auto dependencies = fresh_dependencies(cache);
    APT::Upgrade::Upgrade(*dependencies, mode, nullptr);
    Plan plan;
    plan.upgraded.resize(cache.GetPkgCache()->HeaderP->PackageCount);
    for (auto package = cache.GetPkgCache()->PkgBegin(); !package.end(); ++package) {
        const auto& state = (*dependencies)[package];
        plan.upgraded[package->ID] = state.Upgrade();
        plan.is_plain = plan.is_plain && !state.NewInstall() && !state.Delete();
    }
    return plan;
}

void add_name(std::vector<std::string>& names, const pkgCache::PkgIterator& package) {
    if (names.size() < kMaxNames) {
        names.push_back(package.FullName(true));
    }
}

}  // namespace

UpgradePlans::UpgradePlans(pkgCacheFile& cache) {
    Plan full = plan_of(cache, APT::Upgrade::ALLOW_EVERYTHING);
    full_ = std::move(full.upgraded);
    if (!full.is_plain) {
        with_new_ = plan_of(cache, APT::Upgrade::FORBID_REMOVE_PACKAGES).upgraded;
        plain_ =
            plan_of(
                cache,
                APT::Upgrade::FORBID_REMOVE_PACKAGES | APT::Upgrade::FORBID_INSTALL_NEW_PACKAGES)
                .upgraded;
    }
}

bool UpgradePlans::in_plain(const pkgCache::PkgIterator& package) const {
    return (plain_ ? *plain_ : full_)[package->ID];
}

bool UpgradePlans::in_with_new(const pkgCache::PkgIterator& package) const {
    return (with_new_ ? *with_new_ : full_)[package->ID];
}

bool UpgradePlans::in_full(const pkgCache::PkgIterator& package) const {
    return full_[package->ID];
}

TrialBench::TrialBench(pkgCacheFile& cache)
    : cache_(cache), dependencies_(fresh_dependencies(cache)) {}

TrialBench::~TrialBench() = default;

/// apt forgets candidates that it failed to install, so a used cache may not serve again.
void TrialBench::put_back(bool was_clean) {
    if (!was_clean) {
        dependencies_ = fresh_dependencies(cache_);
        return;
    }
    const pkgDepCache::ActionGroup group(*dependencies_);
    for (auto package = dependencies_->PkgBegin(); !package.end(); ++package) {
        if (!(*dependencies_)[package].Keep()) {
            dependencies_->MarkKeep(package, false, false);
        }
    }
}

Trial TrialBench::try_candidate(const pkgCache::PkgIterator& package) {
    Trial trial;
    trial.conflict = unsatisfiable_dependency(*dependencies_, package);
    dependencies_->MarkInstall(package, true, 0, true);
    for (auto other = dependencies_->PkgBegin(); !other.end(); ++other) {
        const auto& state = (*dependencies_)[other];
        if (state.NewInstall()) {
            add_name(trial.added, other);
        } else if (state.Delete() && !other.CurrentVer().end()) {
            add_name(trial.removed, other);
        }
        if (trial.conflict.empty() && state.InstBroken()) {
            trial.conflict = unmet_dependency(*dependencies_, other);
        }
    }
    put_back(trial.conflict.empty() && (*dependencies_)[package].Upgrade());
    return trial;
}

}  // namespace thimble::inventory::apt
