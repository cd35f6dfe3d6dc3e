#include "changelog_targets.hpp"

#include "thimble/model/inventory.hpp"

#include <apt-pkg/cachefile.h>
#include <apt-pkg/pkgcache.h>
#include <apt-pkg/pkgsystem.h>
#include <apt-pkg/version.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace thimble::inventory::apt {
namespace {

constexpr std::uint64_t kMetapackageSize = 4096;
constexpr std::uint64_t kMaxPackageSize = std::uint64_t{128} << 20;

using SourceKey = std::pair<std::string, std::string>;  // name, version

pkgCache::PkgIterator find_package(pkgCache& cache, const model::Offer& offer) {
    return offer.architecture == "all" ? cache.FindPkg(offer.name)
                                       : cache.FindPkg(offer.name, offer.architecture);
}

/// The source version that `offer`'s package is installed from.
std::string installed_source_version(pkgCache& cache, const model::Offer& offer) {
    const auto package = find_package(cache, offer);
    if (package.end() || package.CurrentVer().end()) {
        return offer.installed_version;
    }
    return package.CurrentVer().SourceVerStr();
}

std::map<SourceKey, ChangelogTarget> wanted_sources(
    pkgCache& cache, const std::vector<model::Offer>& offers) {
    std::map<SourceKey, ChangelogTarget> targets;
    for (const model::Offer& offer : offers) {
        if (!offer.security) {
            continue;
        }
        ChangelogTarget& target = targets[{offer.source_name, offer.source_version}];
        const std::string from = installed_source_version(cache, offer);
        if (target.source_name.empty() || _system->VS->CmpVersion(from, target.from_version) < 0) {
            target.from_version = from;
        }
        target.source_name = offer.source_name;
        target.to_version = offer.source_version;
    }
    return targets;
}

/// Small packages rank first; but the very small are metapackages, whose documents are elsewhere.
std::tuple<bool, std::uint64_t, std::string_view> rank_of(const pkgCache::VerIterator& version) {
    return {
        version->Size < kMetapackageSize,
        version->Size,
        std::string_view(version.ParentPkg().Name())};
}

}  // namespace

std::vector<ChangelogTarget> find_changelog_targets(
    pkgCacheFile& cache, const std::vector<model::Offer>& offers) {
    pkgCache& packages = *cache.GetPkgCache();
    auto targets = wanted_sources(packages, offers);
    for (auto package = packages.PkgBegin(); !package.end() && !targets.empty(); ++package) {
        for (auto version = package.VersionList(); !version.end(); ++version) {
            const auto target = targets.find({version.SourcePkgName(), version.SourceVerStr()});
            if (target != targets.end() && version.Downloadable()
                && version->Size <= kMaxPackageSize) {
                target->second.binaries.push_back(version);
            }
        }
    }
    std::vector<ChangelogTarget> found;
    found.reserve(targets.size());
    for (auto& [key, target] : targets) {
        std::ranges::sort(target.binaries, std::greater{}, rank_of);
        found.push_back(std::move(target));
    }
    return found;
}

}  // namespace thimble::inventory::apt
