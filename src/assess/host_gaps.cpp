#include "thimble/assess/host_gaps.hpp"

#include "thimble/assess/changelog_evidence.hpp"
#include "thimble/assess/host_sections.hpp"
#include "thimble/assess/release_support.hpp"
#include "thimble/base/name_list.hpp"
#include "thimble/model/security_archive.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::assess {
namespace {

using model::Gap;

constexpr std::string_view kUnfinished = "assess.unfinished_packages";

std::string release_name(const model::OsRelease& os) {
    if (!os.pretty_name.empty()) {
        return os.pretty_name;
    }
    return os.id.empty() ? "this system" : os.id + " " + os.version_id;
}

void add_release_gaps(
    std::vector<Gap>& gaps, const model::Inventory& inventory, const GapOptions& options) {
    const model::OsRelease& os = inventory.os;
    if (sections_of(os).empty()) {
        gaps.push_back(
            {"assess.unknown_distribution",
             "no advisories are known for " + release_name(os)
                 + ": none of its packages could be judged",
             "check /etc/os-release; supported: Debian, Ubuntu, AlmaLinux, Rocky Linux, Alpine"});
        return;
    }
    const auto end = support_end(os);
    if (!end) {
        gaps.push_back(
            {"assess.unknown_release",
             "it is not known whether " + release_name(os) + " still gets security updates",
             ""});
    } else if (*end <= options.now) {
        gaps.push_back(
            {"assess.end_of_life",
             release_name(os) + " has had no security updates since " + format_date(*end)
                 + ": what no old advisory names is unknown, not fine",
             "upgrade to a supported release"});
    }
}

std::string_view refresh_command(const model::Inventory& inventory) {
    const auto has = [&inventory](std::string_view type) {
        return std::ranges::any_of(
            inventory.packages, [type](const auto& package) { return package.type == type; });
    };
    if (has("deb") || !has("rpm")) {
        return "apt-get update";
    }
    const model::OsRelease& os = inventory.os;
    const bool suse = os.id.starts_with("opensuse") || os.id.starts_with("sle")
        || std::ranges::find(os.id_like, "suse") != os.id_like.end();
    return suse ? "zypper refresh" : "dnf makecache";
}

void add_index_gaps(
    std::vector<Gap>& gaps, const model::Inventory& inventory, const GapOptions& options) {
    const model::PackageIndex& index = inventory.index;
    if (!index.asked) {
        // Where it was not the user's wish, the inventory says so itself, and why.
        if (std::ranges::find(gaps, "inventory.no_offers", &Gap::code) == gaps.end()) {
            gaps.push_back(
                {"inventory.offers_not_asked",
                 "the repositories were not asked (--no-offers): whether a fix can be installed, "
                 "and what holds it back, is not known",
                 ""});
        }
        return;
    }
    if (!index.refreshed_at) {
        gaps.push_back(
            {"assess.index_age_unknown",
             "it is not known when the package index was refreshed",
             std::string(refresh_command(inventory))});
    } else if (options.now - *index.refreshed_at > options.index_budget) {
        gaps.push_back(
            {"assess.index_stale",
             "the package index is " + format_age(options.now - *index.refreshed_at)
                 + " old: newer patches may exist",
             std::string(refresh_command(inventory))});
    }
}

/// The line of apt's sources that is missing.
std::string security_source_line(const model::OsRelease& os) {
    const std::string suite =
        (os.version_codename.empty() ? "CODENAME" : os.version_codename) + "-security main";
    return os.id == "ubuntu" ? "deb http://security.ubuntu.com/ubuntu " + suite
                             : "deb http://security.debian.org/debian-security " + suite;
}

/// "URI SUITE, URI SUITE and 2 more"
std::string archive_names(const std::vector<model::UnfetchedArchive>& archives) {
    constexpr std::size_t kMostNamed = 3;
    std::vector<std::string> names;
    std::ranges::transform(
        archives, std::back_inserter(names), [](const model::UnfetchedArchive& archive) {
            return archive.uri + " " + archive.suite;
        });
    return some_names(names, kMostNamed);
}

/// Of what was never fetched nobody knows what it has. What could be the security updates is told first.
std::vector<model::UnfetchedArchive> missing_indexes(const model::Inventory& inventory) {
    std::vector<model::UnfetchedArchive> missing = inventory.index.unfetched;
    std::ranges::stable_partition(missing, [&](const auto& archive) {
        return model::may_be_security_archive(inventory.os, archive);
    });
    return missing;
}

/// Where no archive has the patches, that none is offered says nothing.
void add_archive_gaps(std::vector<Gap>& gaps, const model::Inventory& inventory) {
    if (!inventory.index.archives) {
        return;  // the package manager does not tell
    }
    const std::vector<model::OfferOrigin>& archives = *inventory.index.archives;
    const std::string refresh(refresh_command(inventory));
    if (archives.empty() && inventory.index.unfetched.empty()) {
        gaps.push_back(
            {"inventory.no_archive",
             "no package archive is configured, so no patch can be offered",
             "add the archives of " + release_name(inventory.os)
                 + " to /etc/apt/sources.list, then " + refresh});
        return;
    }
    if (const auto missing = missing_indexes(inventory); !missing.empty()) {
        gaps.push_back(
            {"inventory.no_index",
             "there is no index of " + archive_names(missing) + ": what it has is not offered",
             refresh});
    }
    const bool may_be_there = std::ranges::any_of(
        inventory.index.unfetched,
        [&](const auto& archive) { return model::may_be_security_archive(inventory.os, archive); });
    if (!may_be_there && !model::carries_security_updates(inventory.os, archives)) {
        gaps.push_back(
            {"inventory.no_security_archive",
             "no configured archive carries the security updates of " + release_name(inventory.os)
                 + ": what they fix is not offered",
             "add '" + security_source_line(inventory.os) + "' to /etc/apt/sources.list, then "
                 + refresh});
    }
}

/// The patch itself is there, whoever reads its changelog: what is missing are vulnerabilities that no feed names.
void add_changelog_gap(std::vector<Gap>& gaps, const model::Inventory& inventory) {
    const bool is_said =
        std::ranges::find(gaps, "inventory.no_changelog", &Gap::code) != gaps.end();
    if (is_said || !has_unread_changelogs(inventory)) {
        return;
    }
    const std::set<std::string_view> missing = unread_changelogs(inventory);
    constexpr std::size_t kMostNamed = 5;
    const std::vector<std::string> names(missing.begin(), missing.end());
    gaps.push_back(
        {"inventory.no_changelog",
         "the changelogs of pending security updates were not read ("
             + some_names(names, kMostNamed)
             + "): vulnerabilities that they alone name are not known",
         "scan on the host itself, where its package archive can be reached"});
}

/// Their age is a lower bound, which is said; that leaves no package unjudged.
void add_undated_gap(std::vector<Gap>& gaps, const std::vector<catalog::Source>& sources) {
    std::string names;
    for (const catalog::Source& source : sources) {
        if (source.undated) {
            names += (names.empty() ? "" : ", ") + source.feed;
        }
    }
    if (!names.empty()) {
        gaps.push_back(
            {"catalog.feeds_undated",
             "the data of " + names
                 + " carries no date: its age counts from when the copy was written or fetched, "
                   "and may be more",
             ""});
    }
}

/// What is half done is not what its version says, and keeps every patch from being installed.
void add_unfinished_gap(std::vector<Gap>& gaps, const model::Inventory& inventory) {
    constexpr std::size_t kMostNamed = 5;
    std::vector<std::string> names;
    for (const model::InstalledPackage& package : inventory.packages) {
        if (package.state != model::PackageState::Installed) {
            names.push_back(package.name);
        }
    }
    if (names.empty() && !inventory.package_manager_interrupted) {
        return;
    }
    const std::string packages = names.size() == 1
        ? "a package is not set up ("
        : std::to_string(names.size()) + " packages are not set up (";
    gaps.push_back(
        {std::string(kUnfinished),
         (names.empty() ? "dpkg was interrupted, or is at work"
                        : packages + some_names(names, kMostNamed) + ") and may not work")
             + ", and no patch can be installed until that is finished",
         std::string(kFinishingStep)});
}

/// Of a feed that judges packages a lost record can hide a vulnerability.
void add_quarantine_gap(std::vector<Gap>& gaps, const catalog::Source& source) {
    if (source.quarantined == 0) {
        return;
    }
    const bool judges =
        source.feed == "osv" || source.feed == "kev" || source.feed.starts_with("debian");
    gaps.push_back(
        {judges ? "assess.records_quarantined" : "catalog.records_quarantined",
         std::to_string(source.quarantined)
             + (source.quarantined == 1 ? " record of " : " records of ") + source.feed
             + " could not be read",
         "thimble feeds status " + source.feed});
}

void add_feed_gaps(std::vector<Gap>& gaps, const catalog::Catalog& catalog, Instant now) {
    const auto sources = catalog.sources();
    if (!sources) {
        gaps.push_back({"assess.sources_unreadable", sources.error().text(), "thimble feeds sync"});
        return;
    }
    const bool has_kev =
        std::any_of(sources->begin(), sources->end(), [](const catalog::Source& source) {
            return source.feed == "kev";
        });
    if (!has_kev) {
        gaps.push_back(
            {"assess.no_kev",
             "the catalog was built without KEV: which vulnerabilities are exploited is not known",
             "thimble feeds sync kev"});
    }
    add_undated_gap(gaps, *sources);
    const auto stale_feeds = std::ranges::count_if(*sources, [now](const catalog::Source& source) {
        return !catalog::staleness(source, now).empty();
    });
    for (const catalog::Source& source : *sources) {
        add_quarantine_gap(gaps, source);
        if (const std::string stale = catalog::staleness(source, now); !stale.empty()) {
            gaps.push_back(
                {"assess.feed_stale",
                 "the data of " + source.feed + " " + stale,
                 "thimble feeds sync" + (stale_feeds == 1 ? " " + source.feed : "")});
        }
    }
}

bool has_section(const model::OsRelease& os, const catalog::Catalog& catalog) {
    const std::vector<SectionName> names = sections_of(os);
    return std::any_of(names.begin(), names.end(), [&catalog](const SectionName& name) {
        const auto section = catalog.section(name.key);
        return section && *section;
    });
}

}  // namespace

std::vector<Gap> host_gaps(
    const model::Inventory& inventory, const catalog::Catalog* catalog, const GapOptions& options) {
    std::vector<Gap> gaps = inventory.gaps;
    if (inventory.packages.empty()) {
        gaps.push_back(
            {"assess.no_packages",
             "no installed package was found, so nothing could be judged",
             "check that the package database is there and can be read"});
    }
    add_release_gaps(gaps, inventory, options);
    add_index_gaps(gaps, inventory, options);
    add_archive_gaps(gaps, inventory);
    add_changelog_gap(gaps, inventory);
    add_unfinished_gap(gaps, inventory);
    if (catalog == nullptr) {
        gaps.push_back(
            {"assess.no_catalog",
             "there is no catalog of advisories: only what the repositories offer, and changelogs, "
             "could tell",
             "thimble feeds sync"});
        return gaps;
    }
    if (!options.has_section && !sections_of(inventory.os).empty()) {
        gaps.push_back(
            {"assess.no_section",
             "the catalog has no advisories for " + release_name(inventory.os),
             "thimble feeds sync"});
    }
    add_feed_gaps(gaps, *catalog, options.now);
    return gaps;
}

bool is_index_gap(const Gap& gap) {
    constexpr auto kCodes = std::to_array<std::string_view>(
        {"assess.index_stale",
         "assess.index_age_unknown",
         "inventory.no_archive",
         "inventory.no_index",
         "inventory.no_security_archive"});
    return std::ranges::find(kCodes, gap.code) != kCodes.end();
}

bool is_catalog_gap(const Gap& gap) {
    constexpr auto kCodes = std::to_array<std::string_view>(
        {"assess.end_of_life",
         "assess.feed_stale",
         "assess.no_catalog",
         "assess.no_section",
         "assess.records_quarantined",
         "assess.sources_unreadable",
         "assess.unknown_distribution",
         "assess.unknown_release"});
    return std::ranges::find(kCodes, gap.code) != kCodes.end();
}

bool is_unfinished_gap(const Gap& gap) {
    return gap.code == kUnfinished;
}

std::string host_unjudged_reason(
    const model::Inventory& inventory, const catalog::Catalog* catalog, Instant now) {
    if (sections_of(inventory.os).empty()) {
        return "unknown_distribution";
    }
    if (catalog == nullptr) {
        return "no_catalog";
    }
    if (!has_section(inventory.os, *catalog)) {
        return "no_advisories_for_release";
    }
    const auto end = support_end(inventory.os);
    return end && *end <= now ? "release_end_of_life" : "";
}

}  // namespace thimble::assess
