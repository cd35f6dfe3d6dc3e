#include "dependencies.hpp"

#include <apt-pkg/depcache.h>
#include <apt-pkg/pkgcache.h>

#include <cstddef>
#include <string>
#include <vector>

namespace thimble::inventory::apt {
namespace {

constexpr std::size_t kMaxAlternatives = 1000;

/// "libx 2: Depends liby (>= 3)"
std::string describe(
    const pkgCache::PkgIterator& package,
    const pkgCache::VerIterator& version,
    const pkgCache::DepIterator& dependency) {
    std::string text = package.FullName(true) + " " + version.VerStr() + ": " + dependency.DepType()
        + " " + dependency.TargetPkg().FullName(true);
    if (dependency.TargetVer() != nullptr) {
        text += std::string(" (") + dependency.CompType() + " " + dependency.TargetVer() + ")";
    }
    return text;
}

}  // namespace

std::string unmet_dependency(pkgDepCache& dependencies, const pkgCache::PkgIterator& package) {
    const auto version = dependencies[package].InstVerIter(dependencies);
    if (version.end()) {
        return {};
    }
    for (auto next = version.DependsList(); !next.end();) {
        pkgCache::DepIterator first;
        pkgCache::DepIterator last;
        next.GlobOr(first, last);
        if (last.IsCritical()
            && (dependencies[last] & pkgDepCache::DepGInstall) != pkgDepCache::DepGInstall) {
            return describe(package, version, last);
        }
    }
    return {};
}

std::string unsatisfiable_dependency(
    pkgDepCache& dependencies, const pkgCache::PkgIterator& package) {
    const auto version = dependencies.GetCandidateVersion(package);
    if (version.end()) {
        return {};
    }
    for (auto next = version.DependsList(); !next.end();) {
        pkgCache::DepIterator first;
        pkgCache::DepIterator last;
        next.GlobOr(first, last);
        if (last.IsCritical() && !last.IsNegative()
            && (dependencies[last] & pkgDepCache::DepGCVer) != pkgDepCache::DepGCVer) {
            return describe(package, version, last);
        }
    }
    return {};
}

std::vector<pkgCache::PkgIterator> unsatisfiable_alternatives(
    pkgDepCache& dependencies, const pkgCache::PkgIterator& package) {
    std::vector<pkgCache::PkgIterator> alternatives;
    const auto version = dependencies.GetCandidateVersion(package);
    for (auto next = version.end() ? pkgCache::DepIterator() : version.DependsList();
         !next.end();) {
        pkgCache::DepIterator first;
        pkgCache::DepIterator last;
        next.GlobOr(first, last);
        if (!last.IsCritical() || last.IsNegative()
            || (dependencies[last] & pkgDepCache::DepGCVer) == pkgDepCache::DepGCVer) {
            continue;
        }
        for (; alternatives.size() < kMaxAlternatives; ++first) {
            alternatives.push_back(first.TargetPkg());
            if (first == last) {
                break;
            }
        }
    }
    return alternatives;
}

}  // namespace thimble::inventory::apt
