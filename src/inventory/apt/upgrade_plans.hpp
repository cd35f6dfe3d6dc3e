#pragma once
/// @file What apt's own upgrade commands would do, and why they leave a package alone.

#include <apt-pkg/cachefile.h>
#include <apt-pkg/depcache.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace thimble::inventory::apt {

/// Which installed packages each of apt's ways to upgrade would bring to their candidate.
class UpgradePlans {
public:
    explicit UpgradePlans(pkgCacheFile& cache);

    /// `apt-get upgrade`: no package is new, none is removed.
    [[nodiscard]] bool in_plain(const pkgCache::PkgIterator& package) const;
    /// `apt-get upgrade --with-new-pkgs`.
    [[nodiscard]] bool in_with_new(const pkgCache::PkgIterator& package) const;
    /// `apt-get dist-upgrade`.
    [[nodiscard]] bool in_full(const pkgCache::PkgIterator& package) const;

private:
    // By package id. The narrower plans are made only when the full one adds or removes something:
    // else they are the same.
    std::vector<bool> full_;
    std::optional<std::vector<bool>> plain_;
    std::optional<std::vector<bool>> with_new_;
};

/// What installing one package's candidate would drag along.
struct Trial {
    std::vector<std::string> added;    ///< packages newly installed
    std::vector<std::string> removed;  ///< packages removed
    std::string conflict;  ///< "libx depends on liby (>= 2)"; empty: it can be installed
};

/// Tries single packages on one dependency cache, which is put back after each.
class TrialBench {
public:
    explicit TrialBench(pkgCacheFile& cache);
    ~TrialBench();
    TrialBench(const TrialBench&) = delete;
    TrialBench& operator=(const TrialBench&) = delete;
    TrialBench(TrialBench&&) = delete;
    TrialBench& operator=(TrialBench&&) = delete;

    Trial try_candidate(const pkgCache::PkgIterator& package);

private:
    void put_back(bool was_clean);

    pkgCacheFile& cache_;
    std::unique_ptr<pkgDepCache> dependencies_;
};

}  // namespace thimble::inventory::apt
