#include "thimble/assess/host_gaps.hpp"

#include "thimble/assess/host_sections.hpp"
#include "thimble/assess/release_support.hpp"

#include <algorithm>

namespace thimble::assess {
namespace {

using model::Gap;

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

void add_index_gaps(
    std::vector<Gap>& gaps, const model::Inventory& inventory, const GapOptions& options) {
    const model::PackageIndex& index = inventory.index;
    if (!index.asked) {
        return;  // the inventory says so itself, where it was not the user's wish
    }
    if (!index.refreshed_at) {
        gaps.push_back(
            {"assess.index_age_unknown",
             "it is not known when the package index was refreshed",
             "apt-get update"});
    } else if (options.now - *index.refreshed_at > options.index_budget) {
        gaps.push_back(
            {"assess.index_stale",
             "the package index is " + format_age(options.now - *index.refreshed_at)
                 + " old: newer patches may exist",
             "apt-get update"});
    }
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
    for (const catalog::Source& source : *sources) {
        if (source.quarantined > 0) {
            // Of a feed that judges packages a lost record can hide a vulnerability.
            const bool judges =
                source.feed == "osv" || source.feed == "kev" || source.feed.starts_with("debian");
            gaps.push_back(
                {judges ? "assess.records_quarantined" : "catalog.records_quarantined",
                 std::to_string(source.quarantined) + " records of " + source.feed
                     + " could not be read",
                 "thimble feeds status " + source.feed});
        }
        if (const std::string stale = catalog::staleness(source, now); !stale.empty()) {
            gaps.push_back(
                {"assess.feed_stale",
                 "the data of " + source.feed + " " + stale,
                 "thimble feeds sync " + source.feed});
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
    if (catalog == nullptr) {
        gaps.push_back(
            {"assess.no_catalog",
             "there is no catalog of advisories: only pending updates and their changelogs could "
             "be read",
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
