#include "resolve.hpp"

#include "dependencies.hpp"
#include "origins.hpp"
#include "phased.hpp"
#include "pin_words.hpp"
#include "thimble/apply/deb_names.hpp"
#include "thimble/apply/origin_patterns.hpp"
#include "thimble/apply/package_manager.hpp"
#include "thimble/base/hex.hpp"
#include "thimble/inventory/phasing.hpp"
#include "thimble/model/plan.hpp"

#include <apt-pkg/algorithms.h>
#include <apt-pkg/cachefile.h>
#include <apt-pkg/configuration.h>
#include <apt-pkg/depcache.h>
#include <apt-pkg/hashes.h>
#include <apt-pkg/indexfile.h>
#include <apt-pkg/pkgcache.h>
#include <apt-pkg/pkgrecords.h>
#include <apt-pkg/policy.h>
#include <apt-pkg/sourcelist.h>
#include <apt-pkg/upgrade.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace thimble::inventory::apt {
namespace {

using apply::PackageVersion;
using apply::Resolution;
using apply::Resolving;
using model::PlannedChange;
using model::PlannedStep;

constexpr std::size_t kMaxConflicts = 20;

/// A package that was asked for, and the version it is to have.
struct Target {
    pkgCache::PkgIterator package;
    pkgCache::VerIterator version;
};

int upgrade_mode(model::UpgradeLevel level) {
    switch (level) {
        case model::UpgradeLevel::SecurityOnly:
        case model::UpgradeLevel::Upgrade:
            return APT::Upgrade::FORBID_REMOVE_PACKAGES | APT::Upgrade::FORBID_INSTALL_NEW_PACKAGES;
        case model::UpgradeLevel::UpgradeWithNew: return APT::Upgrade::FORBID_REMOVE_PACKAGES;
        case model::UpgradeLevel::Full: return APT::Upgrade::ALLOW_EVERYTHING;
    }
    return APT::Upgrade::FORBID_REMOVE_PACKAGES | APT::Upgrade::FORBID_INSTALL_NEW_PACKAGES;
}

pkgCache::PkgIterator find_package(pkgCache& cache, const PackageVersion& wanted) {
    return wanted.architecture == "all" ? cache.FindPkg(wanted.name)
                                        : cache.FindPkg(wanted.name, wanted.architecture);
}

bool is_essential(const pkgCache::PkgIterator& package) {
    return (package->Flags & (pkgCache::Flag::Essential | pkgCache::Flag::Important)) != 0;
}

class Resolver {
public:
    Resolver(pkgCacheFile& cache, const Resolving& wanted)
        : cache_(cache),
          wanted_(wanted),
          dependencies_(std::make_unique<pkgDepCache>(cache.GetPkgCache(), cache.GetPolicy())),
          records_(cache) {
        dependencies_->Init(nullptr);
        remember_marks();
    }

    Resolution resolve() {
        freeze_excluded();
        if (wanted_.wanted.empty() && wanted_.level != model::UpgradeLevel::SecurityOnly) {
            APT::Upgrade::Upgrade(*dependencies_, upgrade_mode(wanted_.level), nullptr);
        } else {
            choose_targets();
            leave_dependents_out();
            mark_targets();
        }
        tell_conflicts();
        collect_steps();
        std::ranges::sort(result_.steps, {}, [](const PlannedStep& step) {
            return std::tie(step.name, step.architecture);
        });
        return std::move(result_);
    }

private:
    void problem(const char* code, std::string detail, std::string next) {
        result_.problems.push_back({code, std::move(detail), std::move(next)});
    }

    /// Marking changes the automatic flags: they are what they were before.
    void remember_marks() {
        automatic_.resize(cache_.GetPkgCache()->HeaderP->PackageCount);
        for (auto package = dependencies_->PkgBegin(); !package.end(); ++package) {
            automatic_[package->ID] = ((*dependencies_)[package].Flags & pkgCache::Flag::Auto) != 0;
        }
    }

    /// The excluded name that means it, its own or that of its source; empty: none.
    std::string exclusion_of(const pkgCache::PkgIterator& package) const {
        const auto named = [&](const std::string& name) {
            return std::ranges::find(wanted_.excluded, name) != wanted_.excluded.end();
        };
        if (named(package.Name())) {
            return package.Name();
        }
        const auto installed = package.CurrentVer();
        return !installed.end() && named(installed.SourcePkgName()) ? installed.SourcePkgName()
                                                                    : std::string();
    }

    bool is_excluded(const pkgCache::PkgIterator& package) const {
        return !exclusion_of(package).empty();
    }

    /// "slow-part, which is excluded", with its source where that was named.
    std::string exclusion_words(const pkgCache::PkgIterator& package) const {
        const std::string match = exclusion_of(package);
        return package.FullName(true)
            + (match == package.Name() ? ", which is excluded"
                                       : ", whose source " + match + " is excluded");
    }

    /// What is excluded has no other version to go to.
    void freeze_excluded() {
        if (wanted_.excluded.empty()) {
            return;
        }
        for (auto package = dependencies_->PkgBegin(); !package.end(); ++package) {
            const auto installed = package.CurrentVer();
            if (!installed.end() && is_excluded(package)) {
                dependencies_->SetCandidateVersion(installed);
                dependencies_->MarkProtected(package);
            }
        }
    }

    void choose_targets() {
        for (const PackageVersion& wanted : wanted_.wanted) {
            const auto package = find_package(*cache_.GetPkgCache(), wanted);
            auto version = package.end() ? pkgCache::VerIterator() : package.VersionList();
            while (!version.end()
                   && (wanted.version != version_of(version) || !version.Downloadable())) {
                ++version;
            }
            if (version.end()) {
                problem(
                    "apply.version_gone",
                    wanted.name + " " + wanted.version + " is offered by no repository any more",
                    "Refresh the package index and make a new plan.");
            } else if (may_move(package, version)) {
                targets_.push_back({package, version});
            }
        }
    }

    /// Why a package cannot move: it needs another version of what stays as it is. Names what is excluded, also where only
    /// others between need that. Empty: nothing of this kind.
    std::string frozen_need(const pkgCache::PkgIterator& package) {
        const auto needed = unsatisfiable_alternatives(*dependencies_, package);
        const auto excluded = std::ranges::find_if(
            needed, [this](const pkgCache::PkgIterator& one) { return is_excluded(one); });
        if (excluded != needed.end()) {
            return package.FullName(true) + " needs another version of "
                + exclusion_words(*excluded);
        }
        const auto frozen = std::ranges::find_if(
            needed, [this](const pkgCache::PkgIterator& one) { return frozen_.contains(one->ID); });
        if (frozen == needed.end()) {
            return {};
        }
        return package.FullName(true) + " needs another version of " + frozen->FullName(true)
            + ", which is left out: " + frozen_.at((*frozen)->ID);
    }

    /// What needs another version of what is excluded is excluded, too, with its whole source, and so on. Where that leaves nothing
    /// the conflict is told.
    void leave_dependents_out() {
        if (wanted_.excluded.empty()) {
            return;
        }
        for (const Target& target : targets_) {
            dependencies_->SetCandidateVersion(target.version);
        }
        std::vector<Target> rest = targets_;
        std::vector<model::LeftOut> left_out;
        for (auto at = rest.begin(); at != rest.end();) {
            const std::string need = frozen_need(at->package);
            if (need.empty()) {
                ++at;
                continue;
            }
            const std::string source = at->version.SourcePkgName();
            left_out.push_back({.source = source, .code = "excluded", .why = need});
            freeze_source(source, need, rest);
            at = rest.begin();
        }
        if (!rest.empty()) {
            targets_ = std::move(rest);
            result_.left_out = std::move(left_out);
        }
    }

    void freeze_source(
        const std::string& source, const std::string& why, std::vector<Target>& targets) {
        std::erase_if(targets, [&](const Target& target) {
            if (source != target.version.SourcePkgName()) {
                return false;
            }
            if (const auto installed = target.package.CurrentVer(); !installed.end()) {
                dependencies_->SetCandidateVersion(installed);
            }
            frozen_.emplace(target.package->ID, why);
            return true;
        });
    }

    /// Whether nothing that the administrator or the distribution decided keeps it.
    bool may_move(const pkgCache::PkgIterator& package, const pkgCache::VerIterator& version) {
        const std::string name = package.FullName(true);
        if (package->SelectedState == pkgCache::State::Hold) {
            problem("apply.held", name + " is held", "apt-mark unhold " + name);
            return false;
        }
        if (is_excluded(package)) {
            problem("apply.excluded", name + " is excluded", "");
            return false;
        }
        const auto candidate = cache_.GetPolicy()->GetCandidateVer(package);
        const bool prefers_older = candidate.end() || candidate.CompareVer(version) < 0;
        if (cache_.GetPolicy()->GetPriority(version) < 0
            || (prefers_older && !is_by_hand(version))) {
            problem(
                "apply.pinned",
                name
                    + " is kept back by a pin: " + pin_words(*cache_.GetPolicy(), package, version),
                "See `apt-cache policy " + name + "`.");
            return false;
        }
        return !is_phased_out(package, version);
    }

    /// Backports and the like: chosen by hand or not at all, so a choice counts.
    static bool is_by_hand(const pkgCache::VerIterator& version) {
        bool by_hand = false;
        for (auto at = version.FileList(); !at.end(); ++at) {
            if (is_from_repository(at.File())) {
                if (!at.File().Flagged(pkgCache::Flag::NotAutomatic)) {
                    return false;
                }
                by_hand = true;
            }
        }
        return by_hand;
    }

    bool is_phased_out(const pkgCache::PkgIterator& package, const pkgCache::VerIterator& version) {
        const auto place = repository_record(version);
        if (place.end() || package.CurrentVer().end() || is_security_update(package, version)) {
            return false;
        }
        const auto percentage = phased_percentage(records_.Lookup(place));
        if (!percentage) {
            return false;
        }
        const std::string id = machine_id();
        const std::uint32_t draw = phase_draw(version.SourcePkgName(), version.SourceVerStr(), id);
        if (!is_kept_by_phasing(*percentage, draw, id, phasing_choice())) {
            return false;
        }
        problem(
            "apply.phased",
            package.FullName(true) + " " + version.VerStr() + " is not yet for this host: draw "
                + std::to_string(draw) + " > " + std::to_string(*percentage) + " %",
            "");
        return true;
    }

    /// The record of a trusted index where there is one.
    pkgCache::VerFileIterator repository_record(const pkgCache::VerIterator& version) {
        pkgCache::VerFileIterator found;
        for (auto at = version.FileList(); !at.end(); ++at) {
            pkgIndexFile* index = nullptr;
            if (!is_from_repository(at.File())
                || !cache_.GetSourceList()->FindIndex(at.File(), index)) {
                continue;
            }
            if (index->IsTrusted()) {
                return at;
            }
            if (found.end()) {
                found = at;
            }
        }
        return found;
    }

    void mark_targets() {
        pkgProblemResolver resolver(dependencies_.get());
        {
            const pkgDepCache::ActionGroup group(*dependencies_);
            for (const Target& target : targets_) {
                dependencies_->SetCandidateVersion(target.version);
                chosen_.insert(target.package->ID);
            }
            for (const Target& target : targets_) {
                dependencies_->MarkInstall(target.package, false, 0, true);
                resolver.Protect(target.package);
            }
            for (const Target& target : targets_) {
                dependencies_->MarkInstall(target.package, true, 0, true);
            }
        }
        resolver.Resolve(true);
    }

    void tell_conflicts() {
        std::size_t told = 0;
        std::set<std::string> details;
        const auto tell = [&](const pkgCache::PkgIterator& package, const std::string& detail) {
            if (detail.empty() || !details.insert(detail).second || ++told > kMaxConflicts) {
                return;
            }
            if (const std::string need = frozen_need(package); !need.empty()) {
                problem("apply.excluded", need, "Exclude both or none.");
            } else {
                problem("apply.dependency_conflict", detail, "");
            }
        };
        for (auto package = dependencies_->PkgBegin(); !package.end(); ++package) {
            if ((*dependencies_)[package].InstBroken()) {
                tell(package, unmet_dependency(*dependencies_, package));
            }
        }
        for (const Target& target : targets_) {
            const auto version = (*dependencies_)[target.package].InstVerIter(*dependencies_);
            if (!version.end() && version == target.version) {
                continue;
            }
            const std::string why = unsatisfiable_dependency(*dependencies_, target.package);
            tell(
                target.package,
                why.empty() ? target.package.FullName(true) + " " + target.version.VerStr()
                        + " cannot be installed together with the rest"
                            : why);
        }
    }

    void collect_steps() {
        for (auto package = dependencies_->PkgBegin(); !package.end(); ++package) {
            auto& state = (*dependencies_)[package];
            const auto installed = package.CurrentVer();
            if (state.Delete()) {
                if (!installed.end()) {
                    add_step(package, installed, PlannedChange::Remove);
                }
                continue;
            }
            const auto version = state.InstVerIter(*dependencies_);
            if (const auto change = change_of(package); change && !version.end()) {
                add_step(package, version, *change);
            }
        }
    }

    std::optional<PlannedChange> change_of(const pkgCache::PkgIterator& package) {
        const auto& state = (*dependencies_)[package];
        if (state.NewInstall()) {
            return PlannedChange::Install;
        }
        if (state.Upgrade()) {
            return PlannedChange::Upgrade;
        }
        if (state.Downgrade()) {
            return PlannedChange::Downgrade;
        }
        if (state.ReInstall()) {
            return PlannedChange::Reinstall;
        }
        return std::nullopt;
    }

    /// @param version  the one that comes; the one that goes for a removal
    void add_step(
        const pkgCache::PkgIterator& package,
        const pkgCache::VerIterator& version,
        PlannedChange change) {
        const auto installed = package.CurrentVer();
        const bool removes = change == PlannedChange::Remove;
        const bool everything = wanted_.wanted.empty();
        PlannedStep step;
        step.change = change;
        step.name = package.Name();
        step.architecture = text_or_empty(version.Arch());
        step.from_version = installed.end() ? "" : version_of(installed);
        step.to_version = removes ? "" : version_of(version);
        step.source_name = text_or_empty(version.SourcePkgName());
        step.source_version = text_or_empty(version.SourceVerStr());
        step.selected =
            chosen_.contains(package->ID) || (everything && change == PlannedChange::Upgrade);
        step.automatic =
            change == PlannedChange::Install ? !step.selected : automatic_[package->ID];
        step.essential = is_essential(package);
        const auto size_before =
            installed.end() ? 0 : static_cast<std::int64_t>(installed->InstalledSize);
        const auto size_after = removes ? 0 : static_cast<std::int64_t>(version->InstalledSize);
        step.growth_bytes = size_after - size_before;
        step.unpacked_bytes = removes ? 0 : version->InstalledSize;
        if (change == PlannedChange::Install && wanted_.level == model::UpgradeLevel::Upgrade) {
            problem(
                "apply.needs_new_packages",
                step.name + " " + step.to_version + " would be new",
                "Plan with --level upgrade-with-new.");
        }
        if (is_excluded(package)) {
            problem(
                "apply.excluded",
                exclusion_words(package)
                    + (installed.end() ? ", would come along" : ", would have to change"),
                "");
        }
        if (!removes) {
            add_archive(step, version);
        }
        result_.steps.push_back(std::move(step));
    }

    void add_archive(PlannedStep& step, const pkgCache::VerIterator& version) {
        const auto origins = origins_of(version, *cache_.GetSourceList());
        step.origin = apply::archive_words(origins);
        model::PlannedArchive archive;
        archive.file_name = apply::archive_file_name(step.name, step.to_version, step.architecture);
        archive.size = version->Size;
        const auto place = repository_record(version);
        pkgIndexFile* index = nullptr;
        if (!place.end() && cache_.GetSourceList()->FindIndex(place.File(), index)) {
            pkgRecords::Parser& record = records_.Lookup(place);
            archive.uri = index->ArchiveURI(record.FileName());
            const HashStringList hashes = record.Hashes();
            const HashString* digest = hashes.find("SHA256");
            archive.sha256 = digest == nullptr ? std::string() : digest->HashValue();
        }
        const std::string words = step.name + " " + step.to_version;
        if (!is_sha256(archive.sha256)) {
            problem(
                "apply.no_digest",
                "The repository gives no SHA-256 of " + words,
                "Ask the maintainer of the repository to sign it with SHA-256.");
            archive.sha256 = std::string(64, '0');
        }
        if (!apply::allows_origin(wanted_.origins, origins)) {
            result_.problems.push_back(apply::origin_problem(words, origins));
        }
        if (std::ranges::none_of(origins, &model::OfferOrigin::trusted)) {
            problem(
                "apply.untrusted_origin",
                words + " comes from a repository that is not signed by a trusted key"
                    + (step.origin.empty() ? std::string() : " (" + step.origin + ")"),
                "Allow it with --allow-untrusted only if you know why.");
        }
        step.archive = std::move(archive);
    }

    pkgCacheFile& cache_;
    const Resolving& wanted_;
    std::unique_ptr<pkgDepCache> dependencies_;
    pkgRecords records_;
    std::vector<bool> automatic_;  // by package id
    std::vector<Target> targets_;
    std::set<unsigned long> chosen_;  // package ids of the targets
    // Package id of what is left out with what is excluded -> why
    std::map<unsigned long, std::string> frozen_;
    Resolution result_;
};

}  // namespace

Resolution resolve(pkgCacheFile& cache, const Resolving& wanted) {
    _config->Set("APT::Install-Recommends", "false");
    _config->Set("APT::Install-Suggests", "false");
    return Resolver(cache, wanted).resolve();
}

}  // namespace thimble::inventory::apt
