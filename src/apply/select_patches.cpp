#include "thimble/apply/select_patches.hpp"

#include "thimble/apply/named_packages.hpp"
#include "thimble/apply/origin_patterns.hpp"
#include "thimble/base/shell_word.hpp"
#include "thimble/model/blocker_names.hpp"
#include "thimble/model/loaded_at_boot.hpp"
#include "thimble/model/package_name.hpp"
#include "thimble/model/version_order.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <ranges>
#include <set>
#include <string_view>
#include <utility>

namespace thimble::apply {
namespace {

using Names = std::set<std::string, std::less<>>;

/// Of names that nobody knows, in an error.
constexpr std::size_t kMostNamed = 10;

Names names_of(const std::vector<std::string>& texts) {
    return {texts.begin(), texts.end()};
}

/// What may be taken, or left out.
struct Candidate {
    const std::string& name;  ///< by which it is told
    const std::string& source;
    const std::string& version;
    const std::vector<model::Blocker>& blockers;
    std::vector<const model::Offer*> offers;
};

/// The later of two versions; the first where they are equal or nobody knows their order.
std::string_view later_of(std::string_view type, std::string_view one, std::string_view other) {
    const model::VersionOrder* order = model::version_order_named(type);
    return order != nullptr && order->compare(one, other) < 0 ? other : one;
}

using Meant = std::vector<const model::InstalledPackage*>;

struct SourceVersion {
    std::string version;
    std::string type;
};

/// How far a host is with a source: of each of its packages the architecture that is furthest behind counts, and of these the
/// package that is furthest on. Packages that the source has ceased to build stay behind, as kernels do beside newer ones.
std::optional<SourceVersion> newest_of_source(const Meant& packages, std::string_view source) {
    // A package of which several versions are installed side by side, as of rpm's kernels, is as new as the newest of them.
    std::map<std::pair<std::string_view, std::string_view>, std::string_view> by_architecture;
    std::string_view type;
    for (const model::InstalledPackage* package : packages) {
        if (package->source_name != source || (!type.empty() && package->type != type)) {
            continue;
        }
        type = package->type;
        std::string_view& newest = by_architecture[{package->name, package->architecture}];
        newest = newest.empty() ? std::string_view(package->source_version)
                                : later_of(type, newest, package->source_version);
    }
    std::map<std::string_view, std::string_view> by_name;
    for (const auto& [package, version] : by_architecture) {
        std::string_view& oldest = by_name[package.first];
        const bool is_older = oldest.empty() || later_of(type, oldest, version) == oldest;
        oldest = is_older ? version : oldest;
    }
    std::string_view newest;
    for (const auto& [name, version] : by_name) {
        newest = newest.empty() ? version : later_of(type, newest, version);
    }
    return newest.empty() ? std::nullopt
                          : std::optional(SourceVersion{std::string(newest), std::string(type)});
}

/// Chooses patch by patch, and remembers which names of the selection were met.
class Chooser {
public:
    Chooser(
        const model::PlanSelection& selection,
        const model::PlanPolicy& policy,
        const PatchOffer& offer)
        : selection_(selection),
          policy_(policy),
          inventory_(offer.inventory),
          assessment_(offer.assessment),
          work_(offer.work),
          taken_back_(offer.taken_back),
          passes_over_missing_(offer.passes_over_missing),
          at_work_(offer.at_work),
          undecided_(names_of(offer.undecided)),
          vulnerabilities_(names_of(selection.vulnerabilities)),
          advisories_(names_of(selection.advisories)),
          excluded_(names_of(selection.excluded)) {}

    Result<Chosen> choose() {
        THIMBLE_TRY(origins_, parse_origin_patterns(policy_.origins));
        THIMBLE_TRY(packages_, NamedPackages::of(selection_.packages));
        for (const model::Patch& patch : work_.patches) {
            if (is_selected(patch)) {
                take(patch);
            }
        }
        for (const model::Offer& offer : inventory_.offers) {
            const Words words = words_meaning(offer.name, offer.source_name, offer.architecture);
            if ((selection_.all || !words.empty()) && !is_patched(offer)) {
                met_.insert(words.begin(), words.end());
                take_update(offer, !words.empty());
            }
        }
        THIMBLE_TRY(check_all_met());
        finish();
        return std::move(chosen_);
    }

private:
    [[nodiscard]] bool names_nothing() const {
        return selection_.packages.empty() && vulnerabilities_.empty() && advisories_.empty();
    }

    bool is_selected(const model::Patch& patch) {
        const bool named = is_named(patch);
        if (named) {
            chosen_.named.push_back(patch.source);
        }
        return named || selection_.all || (selection_.security && names_nothing());
    }

    /// Each name that it meets is noted, so none is passed over.
    bool is_named(const model::Patch& patch) {
        bool named = false;
        for (const std::uint32_t index : patch.packages) {
            const model::InstalledPackage& package = inventory_.packages[index];
            // Of a kernel the patch is "linux", and the source that a frozen set has may be the one that signs it.
            for (const std::string& source : {patch.source, package.source_name}) {
                const Words words = words_meaning(package.name, source, package.architecture);
                met_.insert(words.begin(), words.end());
                named = named || !words.empty();
            }
        }
        for (const std::uint32_t vulnerability : patch.vulnerabilities) {
            named = meets(vulnerabilities_, assessment_.vulnerabilities[vulnerability].id) || named;
        }
        for (const std::uint32_t finding : patch.findings) {
            for (const model::Evidence& evidence : assessment_.findings[finding].evidence) {
                named = meets(advisories_, evidence.record) || named;
            }
        }
        return named;
    }

    bool meets(const Names& names, const std::string& name) {
        if (!names.contains(name)) {
            return false;
        }
        met_.insert(name);
        return true;
    }

    using Words = std::set<std::string_view>;

    /// The words of the selection that mean a package by its own name or by its source's.
    [[nodiscard]] Words words_meaning(
        std::string_view name, std::string_view source, std::string_view architecture) const {
        Words words;
        for (const std::string_view one : {name, source}) {
            for (const std::string_view word : packages_.meaning(one, architecture)) {
                words.insert(word);
            }
        }
        return words;
    }

    [[nodiscard]] bool is_excluded(const model::Offer& offer) const {
        return excluded_.contains(offer.name) || excluded_.contains(offer.source_name);
    }

    /// The blocker that neither the level nor the policy takes away.
    [[nodiscard]] const model::Blocker* standing_blocker(
        const std::vector<model::Blocker>& blockers) const {
        const auto found = std::ranges::find_if(blockers, [this](const model::Blocker& blocker) {
            switch (blocker.kind) {
                case model::BlockerKind::NeedsNewPackages:
                    return selection_.level == model::UpgradeLevel::Upgrade;
                case model::BlockerKind::NeedsRemovals:
                    // At the full level the plan is made, and refused with what it would remove.
                    return !policy_.allow_removals && selection_.level != model::UpgradeLevel::Full;
                case model::BlockerKind::OriginNotAllowed: return !policy_.allow_untrusted;
                case model::BlockerKind::ConffilePrompt:
                    return policy_.conffiles == model::ConffilePolicy::Refuse;
                case model::BlockerKind::NoSpace:  // the plan measures it
                case model::BlockerKind::RepositoryUnreachable:
                case model::BlockerKind::SignatureExpired: return false;
                case model::BlockerKind::Hold:
                case model::BlockerKind::Excluded:
                case model::BlockerKind::TakenBack:
                case model::BlockerKind::Phased:
                case model::BlockerKind::Pin:
                case model::BlockerKind::DependencyConflict: return true;
                case model::BlockerKind::PackageManagerInterrupted:
                    // Of packages that are not set up the plan is made, and refused with all that it would do.
                    return inventory_.package_manager_interrupted;
            }
            return true;
        });
        return found == blockers.end() ? nullptr : &*found;
    }

    void take(const model::Patch& patch) {
        if (patch.installed) {
            leave_out(patch.source, "installed", "is installed already; see thimble verify");
            return;
        }
        const Candidate candidate{
            .name = patch.source,
            .source = patch.source,
            .version = patch.to_version,
            .blockers = patch.blockers,
            .offers = offers_of(patch)};
        if (patch.offered && !may_be_taken(candidate)) {
            return;
        }
        if (!patch.offered || candidate.offers.empty()) {
            leave_out_unoffered(patch);
            return;
        }
        for (const model::Offer* offer : candidate.offers) {
            want(*offer);
        }
        const std::set<std::uint32_t> still_open = note_left_behind(patch, candidate.offers);
        model::PlannedPatch planned{
            .source = patch.source,
            .from_version = patch.from_version,
            .to_version = patch.to_version,
            .vulnerabilities = {},
            .evidence_first = patch.decision.forensic};
        for (const std::uint32_t vulnerability : patch.vulnerabilities) {
            if (!still_open.contains(vulnerability)) {
                planned.vulnerabilities.push_back(assessment_.vulnerabilities[vulnerability].id);
            }
        }
        chosen_.patches.push_back(std::move(planned));
    }

    static bool is_of(const model::Offer& offer, const model::InstalledPackage& package) {
        return offer.name == package.name && offer.installed_version == package.version
            && (offer.architecture == package.architecture || offer.architecture == "all"
                || package.architecture == "all");
    }

    /// What the repositories offer of its packages; of some there may be nothing.
    [[nodiscard]] std::vector<const model::Offer*> offers_of(const model::Patch& patch) const {
        std::vector<const model::Offer*> offers;
        for (const std::uint32_t index : patch.packages) {
            const model::InstalledPackage& package = inventory_.packages[index];
            const auto offer = std::ranges::find_if(inventory_.offers, [&](const auto& candidate) {
                return is_of(candidate, package);
            });
            if (offer != inventory_.offers.end()) {
                offers.push_back(&*offer);
            }
        }
        return offers;
    }

    /// What holds against it is told as left out.
    bool may_be_taken(const Candidate& candidate) {
        const auto blocker = first_blocker(candidate);
        if (blocker) {
            leave_out(
                candidate.name, std::string(model::blocker_name(blocker->kind)), blocker->detail);
        }
        return !blocker;
    }

    /// The first in the order of BlockerKind, with a sentence; of what package manager, owner and runs say.
    [[nodiscard]] std::optional<model::Blocker> first_blocker(const Candidate& candidate) const {
        std::optional<model::Blocker> first = own_blocker(candidate);
        const model::Blocker* const other = standing_blocker(candidate.blockers);
        if (other != nullptr && (!first || other->kind <= first->kind)) {
            first = {other->kind, words_of(*other)};
        }
        return first;
    }

    [[nodiscard]] std::string words_of(const model::Blocker& blocker) const {
        if (blocker.kind == model::BlockerKind::PackageManagerInterrupted && at_work_) {
            return "waits for process " + std::to_string(at_work_->pid) + " (" + at_work_->command
                + "), which is at work and holds " + at_work_->lock
                + "; plan again when it has ended, and run `dpkg --configure -a` where patches "
                  "still wait then";
        }
        return std::string(model::blocker_words(blocker.kind))
            + (blocker.detail.empty() ? "" : ": " + blocker.detail);
    }

    /// What the owner and earlier runs say, which the package manager does not know.
    [[nodiscard]] std::optional<model::Blocker> own_blocker(const Candidate& candidate) const {
        using model::BlockerKind;
        for (const model::Offer* offer : candidate.offers) {
            if (is_excluded(*offer)) {
                return model::Blocker{
                    BlockerKind::Excluded, exclusion_words(candidate.name, *offer)};
            }
        }
        const auto back = std::ranges::find_if(taken_back_, [&candidate](const TakenBack& other) {
            return other.source == candidate.source && other.version == candidate.version;
        });
        if (back != taken_back_.end()) {
            return model::Blocker{
                BlockerKind::TakenBack,
                "was taken back by run " + back->run + "; look why, then plan with --retry"};
        }
        for (const model::Offer* offer : candidate.offers) {
            if (!allows_origin(origins_, offer->origins)) {
                return model::Blocker{
                    BlockerKind::OriginNotAllowed,
                    origin_refusal(offer->name + " " + offer->candidate_version, offer->origins)
                        + "; to allow it: " + origin_to_add(offer->origins)};
            }
        }
        return std::nullopt;
    }

    /// Names the package whose name was excluded where that is another.
    [[nodiscard]] std::string exclusion_words(
        const std::string& name, const model::Offer& offer) const {
        const std::string& match = excluded_.contains(offer.name) ? offer.name : offer.source_name;
        return (match == name ? "" : match + " ") + "is excluded from this plan";
    }

    void leave_out_unoffered(const model::Patch& patch) {
        const bool is_for_subscribers = patch.blocked_reason == "subscription_only";
        leave_out(
            patch.source,
            is_for_subscribers ? patch.blocked_reason : "not_offered",
            is_for_subscribers ? "is only for subscribers of the vendor"
                               : "is offered by no configured repository");
    }

    /// Names the packages of a taken patch's source that stay as they are because nothing newer of them is offered: the update
    /// may have dropped or renamed them, or their architecture has no index. A kernel stays beside the new one, which replaces it,
    /// and with it its modules and headers.
    /// @return those of the patch's vulnerabilities that still concern them, indexes into the assessment
    std::set<std::uint32_t> note_left_behind(
        const model::Patch& patch, const std::vector<const model::Offer*>& taken) {
        const bool brings_kernel = std::ranges::any_of(
            taken, [](const model::Offer* offer) { return model::is_kernel_package(offer->name); });
        std::set<std::uint32_t> still_open;
        std::set<std::uint32_t> left;
        for (const model::Finding& finding : assessment_.findings) {
            const bool is_of_patch = std::ranges::find(patch.vulnerabilities, finding.vulnerability)
                != patch.vulnerabilities.end();
            const model::InstalledPackage& package = inventory_.packages[finding.package];
            const bool is_taken = std::ranges::any_of(
                taken, [&](const model::Offer* offer) { return is_of(*offer, package); });
            if (!is_of_patch || !is_unfixed(finding.status) || is_taken) {
                continue;
            }
            if (model::patch_source(package.name, package.source_name) == patch.source
                && !(brings_kernel && model::is_beside_kernels(package.name))) {
                still_open.insert(finding.vulnerability);
                left.insert(finding.package);
                if (vulnerabilities_.contains(
                        assessment_.vulnerabilities[finding.vulnerability].id)) {
                    chosen_.named.push_back(package.name);  // what was asked for is not all done
                }
            }
        }
        for (const std::uint32_t index : left) {
            const model::InstalledPackage& package = inventory_.packages[index];
            leave_out(
                package.name,
                "not_offered",
                package.version + " stays: of the same source as " + patch.source + " "
                    + patch.to_version + ", and no repository offers a newer one");
        }
        return still_open;
    }

    static bool is_unfixed(model::FindingStatus status) {
        return status == model::FindingStatus::AffectedFixAvailable
            || status == model::FindingStatus::AffectedFixNotInMyRepos
            || status == model::FindingStatus::AffectedNoFix;
    }

    void take_update(const model::Offer& offer, bool named) {
        if (named) {
            chosen_.named.insert(chosen_.named.end(), {offer.name, offer.source_name});
        }
        if (!may_be_taken(
                {.name = offer.name,
                 .source = offer.source_name,
                 .version = offer.candidate_version,
                 .blockers = offer.blockers,
                 .offers = {&offer}})) {
            return;
        }
        want(offer);
        const auto known =
            std::ranges::find(chosen_.patches, offer.source_name, &model::PlannedPatch::source);
        if (known == chosen_.patches.end()) {
            chosen_.patches.push_back(
                {.source = offer.source_name,
                 .from_version = offer.installed_version,
                 .to_version = offer.candidate_version,
                 .vulnerabilities = {},
                 .evidence_first = false});
        }
    }

    void leave_out(const std::string& source, std::string code, std::string why) {
        chosen_.left_out.push_back(
            {.source = source, .code = std::move(code), .why = std::move(why)});
    }

    void want(const model::Offer& offer) {
        chosen_.wanted.push_back({offer.name, offer.architecture, offer.candidate_version});
    }

    /// Updates of a source that is a patch of the scan come with that patch, or stay with it.
    [[nodiscard]] bool is_patched(const model::Offer& offer) const {
        return std::ranges::any_of(work_.patches, [&](const model::Patch& patch) {
            return std::ranges::any_of(patch.packages, [&](std::uint32_t index) {
                return inventory_.packages[index].name == offer.name;
            });
        });
    }

    [[nodiscard]] Names unmet(const std::vector<std::string>& words) const {
        Names names;
        std::ranges::copy_if(words, std::inserter(names, names.end()), [this](const auto& name) {
            return !met_.contains(name);
        });
        return names;
    }

    /// What is installed and up to date is named and not missing: it is told, and the rest goes on.
    /// @return the words that mean nothing that is installed
    std::vector<std::string> tell_nothing_newer() {
        std::map<std::string, Meant, std::less<>> meant;
        const Names words = unmet(selection_.packages);
        if (!words.empty()) {
            for (const model::InstalledPackage& package : inventory_.packages) {
                for (const std::string_view word :
                     words_meaning(package.name, package.source_name, package.architecture)) {
                    meant[std::string(word)].push_back(&package);
                }
            }
        }
        std::vector<std::string> unknown;
        for (const std::string& word : words) {
            const auto found = meant.find(word);
            if (found == meant.end()) {
                unknown.push_back(word);
                continue;
            }
            met_.insert(word);
            leave_out_newest(word, found->second);
        }
        return unknown;
    }

    /// @param packages  that a word means; at least one
    void leave_out_newest(const std::string& word, const Meant& packages) {
        const auto unfinished = std::ranges::find_if(packages, [](const auto* package) {
            return package->state != model::PackageState::Installed;
        });
        if (unfinished != packages.end()) {
            const auto kind = model::BlockerKind::PackageManagerInterrupted;
            leave_out(
                word,
                std::string(model::blocker_name(kind)),
                words_of(
                    {kind,
                     (*unfinished)->name + " " + (*unfinished)->version
                         + ((*unfinished)->state == model::PackageState::HalfInstalled
                                ? " is half-installed: install it again, then run"
                                : " is not set up: run")
                         + " `thimble patch resume`, or `dpkg --configure -a` where no run is "
                           "unfinished"}));
            return;
        }
        const bool is_one_version = std::ranges::all_of(packages, [&](const auto* package) {
            return package->version == packages.front()->version;
        });
        leave_out(
            word,
            "nothing_newer",
            is_one_version
                ? packages.front()->version + " is installed, and no repository offers a newer one"
                : "no repository offers anything newer than what is installed");
        if (const auto newest = newest_of_source(packages, word)) {
            chosen_.left_out.back().installed = newest->version;
            chosen_.left_out.back().type = newest->type;
        }
    }

    /// @return those of them that are decided; the others are kept
    std::vector<std::string> missing_of(const std::vector<std::string>& ids) {
        std::vector<std::string> missing;
        for (const std::string& id : unmet(ids)) {
            (undecided_.contains(id) ? chosen_.not_known : missing).push_back(id);
        }
        return missing;
    }

    std::vector<std::string> missing_names() {
        std::vector<std::string> missing = tell_nothing_newer();
        std::ranges::move(missing_of(selection_.vulnerabilities), std::back_inserter(missing));
        std::ranges::move(missing_of(selection_.advisories), std::back_inserter(missing));
        return missing;
    }

    /// An explanation is of packages and vulnerabilities; an advisory is a name in a feed, or it is not.
    [[nodiscard]] std::string explaining(const std::vector<std::string>& missing) const {
        const auto is_advisory = [this](const std::string& name) {
            return advisories_.contains(name);
        };
        std::string words;
        if (const auto other = std::ranges::find_if_not(missing, is_advisory);
            other != missing.end()) {
            words = "; `thimble explain " + shell_word(*other) + "` says what is known of it";
        }
        if (std::ranges::any_of(missing, is_advisory)) {
            words += "; an advisory goes by the name that its feed gives it, such as DSA-5477-1";
        }
        return words;
    }

    Result<void> check_all_met() {
        std::vector<std::string> missing = missing_names();
        if (passes_over_missing_ && !met_.empty()) {
            chosen_.passed_over = std::move(missing);
            return {};
        }
        if (missing.empty()) {
            return {};
        }
        std::string message = "no patch of this host has to do with ";
        for (const std::string& name : missing | std::views::take(kMostNamed)) {
            message.append(&name == &missing.front() ? "" : ", ").append(name);
        }
        if (missing.size() > kMostNamed) {
            message += " and " + std::to_string(missing.size() - kMostNamed) + " more";
        }
        message += explaining(missing);
        return failure(ErrorKind::NotFound, "apply.nothing_selected", std::move(message));
    }

    void finish() {
        std::ranges::sort(chosen_.wanted);
        const auto rest = std::ranges::unique(chosen_.wanted);
        chosen_.wanted.erase(rest.begin(), rest.end());
        std::ranges::sort(chosen_.named);
        const auto again = std::ranges::unique(chosen_.named);
        chosen_.named.erase(again.begin(), again.end());
    }

    const model::PlanSelection& selection_;
    const model::PlanPolicy& policy_;
    const model::Inventory& inventory_;
    const model::Assessment& assessment_;
    const model::OrderOfWork& work_;
    const std::vector<TakenBack>& taken_back_;
    bool passes_over_missing_;
    const std::optional<LockHolder>& at_work_;
    Names undecided_;
    NamedPackages packages_;
    Names vulnerabilities_;
    Names advisories_;
    Names excluded_;
    std::vector<OriginPattern> origins_;
    Names met_;
    Chosen chosen_;
};

}  // namespace

Result<Chosen> select_patches(
    const model::PlanSelection& selection,
    const model::PlanPolicy& policy,
    const PatchOffer& offer) {
    return Chooser(selection, policy, offer).choose();
}

}  // namespace thimble::apply
