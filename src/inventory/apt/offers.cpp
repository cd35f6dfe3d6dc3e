#include "offers.hpp"

#include "origins.hpp"
#include "phased.hpp"
#include "pin_words.hpp"
#include "thimble/inventory/apt_answer.hpp"
#include "thimble/inventory/phasing.hpp"
#include "thimble/model/inventory.hpp"
#include "upgrade_plans.hpp"

#include <apt-pkg/cachefile.h>
#include <apt-pkg/configuration.h>
#include <apt-pkg/pkgcache.h>
#include <apt-pkg/pkgrecords.h>
#include <apt-pkg/policy.h>
#include <apt-pkg/sourcelist.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <initializer_list>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace thimble::inventory::apt {
namespace {

/// Whether an archive offers it that is not for picking by hand only (backports, experimental).
bool is_offered_automatically(const pkgCache::VerIterator& version) {
    for (auto at = version.FileList(); !at.end(); ++at) {
        if (is_from_repository(at.File()) && !at.File().Flagged(pkgCache::Flag::NotAutomatic)) {
            return true;
        }
    }
    return false;
}

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) {
        text += text.empty() ? name : ", " + name;
    }
    return text;
}

/// Where an offer comes from, in a word.
std::string site_of(const model::Offer& offer) {
    for (const model::OfferOrigin& origin : offer.origins) {
        if (!origin.site.empty()) {
            return origin.site;
        }
    }
    return "local";
}

/// An offer in the making.
struct Pending {
    pkgCache::PkgIterator package;
    pkgCache::VerIterator offered;
    model::Offer offer;
};

class OfferReader {
public:
    explicit OfferReader(pkgCacheFile& cache)
        : cache_(cache), plans_(cache), machine_id_(machine_id()), choice_(phasing_choice()) {}

    std::vector<model::Offer> read() {
        std::vector<Pending> pending;
        for (auto package = cache_.GetPkgCache()->PkgBegin(); !package.end(); ++package) {
            find_offer(package, pending);
        }
        find_phasing(pending);
        std::vector<model::Offer> offers;
        offers.reserve(pending.size());
        for (Pending& found : pending) {
            add_blockers(found);
            offers.push_back(std::move(found.offer));
        }
        return offers;
    }

private:
    void find_offer(const pkgCache::PkgIterator& package, std::vector<Pending>& pending) {
        const auto installed = package.CurrentVer();
        if (installed.end()) {
            return;
        }
        const auto newest = newest_offered(package, cache_.GetPolicy()->GetCandidateVer(package));
        if (!newest.end() && newest.CompareVer(installed) > 0) {
            pending.push_back({package, newest, facts_of(package, newest)});
        }
    }

    /// The newest version that the repositories offer, the policy's candidate among them.
    static pkgCache::VerIterator newest_offered(
        const pkgCache::PkgIterator& package, const pkgCache::VerIterator& candidate) {
        pkgCache::VerIterator newest = candidate;
        for (auto version = package.VersionList(); !version.end(); ++version) {
            if (is_offered_automatically(version)
                && (newest.end() || version.CompareVer(newest) > 0)) {
                newest = version;
            }
        }
        return newest;
    }

    model::Offer facts_of(
        const pkgCache::PkgIterator& package, const pkgCache::VerIterator& offered) {
        const auto installed = package.CurrentVer();
        model::Offer offer;
        offer.name = package.Name();
        offer.architecture = text_or_empty(offered.Arch());
        offer.installed_version = version_of(installed);
        offer.candidate_version = version_of(offered);
        offer.source_name = text_or_empty(offered.SourcePkgName());
        offer.source_version = text_or_empty(offered.SourceVerStr());
        offer.origins = origins_of(offered, *cache_.GetSourceList());
        const auto sane = [](std::uint64_t size) {
            return std::min(size, kMaxPackageBytes);
        };
        offer.download_bytes = sane(offered->Size);
        offer.growth_bytes = static_cast<std::int64_t>(sane(offered->InstalledSize))
            - static_cast<std::int64_t>(sane(installed->InstalledSize));
        offer.security = is_security_update(package, offered);
        return offer;
    }

    /// The percentages stand in the repositories' records only, not in the public part of apt's
    /// cache. Read in the order of the files: an index is compressed, and going back is dear.
    void find_phasing(std::vector<Pending>& pending) {
        struct Place {
            pkgCache::VerFileIterator record;
            model::Offer* offer;
        };
        std::vector<Place> places;
        for (Pending& found : pending) {
            for (auto at = found.offered.FileList(); !at.end(); ++at) {
                if (is_from_repository(at.File())) {
                    places.push_back({at, &found.offer});
                }
            }
        }
        std::ranges::sort(places, {}, [](const Place& place) {
            return std::tuple(place.record->File, place.record->Offset);
        });
        pkgRecords records(cache_);
        for (const Place& place : places) {
            const auto percentage = phased_percentage(records.Lookup(place.record));
            if (percentage) {
                model::Offer& offer = *place.offer;
                offer.phased_percentage = percentage;
                offer.phase_draw = phase_draw(offer.source_name, offer.source_version, machine_id_);
            }
        }
    }

    void add_blockers(Pending& found) {
        const auto& [package, offered, _] = found;
        model::Offer& offer = found.offer;
        const bool is_candidate = cache_.GetPolicy()->GetCandidateVer(package) == offered;
        offer.in_upgrade = is_candidate && plans_.in_full(package);
        using model::BlockerKind;
        const auto block = [&](BlockerKind kind, std::string detail) {
            offer.blockers.push_back({kind, std::move(detail)});
        };
        if (package->SelectedState == pkgCache::State::Hold) {
            block(BlockerKind::Hold, "held by dpkg's selection (apt-mark hold)");
        }
        const auto percentage = offer.phased_percentage;
        const auto draw = offer.phase_draw;
        if (!offer.security && percentage && draw
            && is_kept_by_phasing(*percentage, *draw, machine_id_, choice_)) {
            block(
                BlockerKind::Phased,
                "draw " + std::to_string(*draw) + " > " + std::to_string(*percentage) + " %");
        }
        if (std::ranges::none_of(offer.origins, &model::OfferOrigin::trusted)
            && !_config->FindB("APT::Get::AllowUnauthenticated", false)) {
            block(
                BlockerKind::OriginNotAllowed,
                "no signed index offers it (" + site_of(offer) + "), so apt refuses it");
        }
        if (!is_candidate) {
            block(BlockerKind::Pin, pin_words(*cache_.GetPolicy(), package, offered));
        }
        if (offer.blockers.empty() && !plans_.in_plain(package)) {
            add_dependency_blockers(package, offer);
        }
    }

    void add_dependency_blockers(const pkgCache::PkgIterator& package, model::Offer& offer) {
        using model::BlockerKind;
        const Trial trial = bench().try_candidate(package);
        if (plans_.in_with_new(package)) {
            offer.blockers.push_back({BlockerKind::NeedsNewPackages, joined(trial.added)});
        } else if (plans_.in_full(package)) {
            offer.blockers.push_back({BlockerKind::NeedsRemovals, joined(trial.removed)});
        } else {
            offer.blockers.push_back(
                {BlockerKind::DependencyConflict,
                 trial.conflict.empty() && !trial.removed.empty()
                     ? "would remove " + joined(trial.removed)
                     : trial.conflict});
        }
    }

    TrialBench& bench() {
        if (!bench_) {
            bench_.emplace(cache_);
        }
        return *bench_;
    }

    pkgCacheFile& cache_;
    UpgradePlans plans_;
    std::optional<TrialBench> bench_;  // made when it is first needed
    std::string machine_id_;
    PhasingChoice choice_;
};

}  // namespace

std::vector<model::Offer> read_offers(pkgCacheFile& cache) {
    std::vector<model::Offer> offers = OfferReader(cache).read();
    std::ranges::sort(offers, {}, [](const model::Offer& offer) {
        return std::tie(offer.name, offer.architecture);
    });
    return offers;
}

}  // namespace thimble::inventory::apt
